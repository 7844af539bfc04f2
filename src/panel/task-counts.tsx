import * as React from 'react';
import type { ICluster } from '../api/contract';
import { formatCount } from '../ui/units';
import { usePanel } from './context';

/** How many tasks are worked on, wait and have failed; the last only if there are any. */
export function TaskCounts(props: { tasks: ICluster['tasks'] }): JSX.Element {
  const { erred, processing, waiting } = props.tasks;
  const { trans } = usePanel();
  if (processing + waiting + erred === 0) {
    return <span className="dasklab-Metrics-value dasklab-mod-none">{trans.__('none')}</span>;
  }
  return (
    <span className="dasklab-Metrics-value dasklab-Tasks">
      <Count
        sign="▸"
        count={processing}
        text={trans._n('%1 task is processed', '%1 tasks are processed', processing)}
      />
      <Count sign="⋯" count={waiting} text={trans._n('%1 task waits', '%1 tasks wait', waiting)} />
      {erred > 0 && (
        <Count
          sign="✕"
          count={erred}
          text={trans._n('%1 task has failed', '%1 tasks have failed', erred)}
          failed
        />
      )}
    </span>
  );
}

interface ICountProps {
  sign: string;
  count: number;
  text: string;
  failed?: boolean;
}

/** A sign and a number for who sees it, a sentence for who does not. */
function Count(props: ICountProps): JSX.Element {
  const { count, failed, sign, text } = props;
  const locale = document.documentElement.lang || undefined;
  return (
    <span className={failed ? 'dasklab-mod-failed' : undefined} title={text}>
      <span aria-hidden="true">
        {sign}
        {formatCount(count, locale)}
      </span>
      <span className="dasklab-Unseen">{text}</span>
    </span>
  );
}
