import * as React from 'react';
import type { IStep, Phase } from '../api/contract';
import { phaseIcons, stepDoneIcon } from '../ui/icons';
import { translated } from '../ui/server-words';
import { usePanel } from './context';

/** The steps of a launch as they happen. */
export function Steps(props: { steps: ReadonlyArray<IStep>; phase: Phase }): JSX.Element | null {
  const { steps } = props;
  const { trans } = usePanel();
  // Once the scheduler is up there is one reason to wait, and that has its own sentence.
  if (steps.length === 0 || (props.phase === 'waiting' && steps.every(isDone))) {
    return null;
  }
  return (
    <ol className="dasklab-Steps" aria-label={trans.__('Steps of the launch')}>
      {steps.map(step => (
        <li key={step.name} className="dasklab-Step" data-state={step.state}>
          <StepIcon state={step.state} label={stateName(step.state)} />
          <span className="dasklab-Step-title">{translated(step.title, trans)}</span>
        </li>
      ))}
    </ol>
  );

  function stateName(state: IStep['state']): string {
    switch (state) {
      case 'done':
        return trans.__('done');
      case 'failed':
        return trans.__('failed');
      case 'active':
        return trans.__('in progress');
    }
  }
}

function isDone(step: IStep): boolean {
  return step.state === 'done';
}

function StepIcon(props: { state: IStep['state']; label: string }): JSX.Element {
  const Icon =
    props.state === 'done'
      ? stepDoneIcon
      : props.state === 'failed'
        ? phaseIcons.failed
        : phaseIcons.starting;
  const moves = props.state === 'active' ? ' dasklab-mod-moving' : '';
  return (
    <span role="img" aria-label={props.label}>
      <Icon.react tag="span" className={`dasklab-Icon dasklab-StepIcon${moves}`} />
    </span>
  );
}
