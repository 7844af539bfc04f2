import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { IEnvironment } from '../api/contract';
import { usePanel } from './context';
import { Field } from './field';

interface IEnvironmentFieldProps {
  environments: ReadonlyArray<IEnvironment>;
  /** Null for the notebook's, or the server's default. */
  current: string | null;
  /** The kernelspec of the notebook in front. */
  notebook: string | null;
  onPick(name: string | null): void;
}

/** The interpreter of scheduler and workers. */
export function EnvironmentField(props: IEnvironmentFieldProps): JSX.Element {
  const { environments, current, notebook, onPick } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const own = environments.find(each => each.name === notebook);
  const known = current === null || environments.some(each => each.name === current);
  return (
    <Field id={id} label={trans.__('Environment')}>
      <HTMLSelect
        id={id}
        value={current ?? ''}
        onChange={event => onPick(event.target.value || null)}
      >
        <option value="">
          {own ? trans.__('The notebook’s (%1)', own.title) : trans.__('Default')}
        </option>
        {/* A profile may name an interpreter by its path. */}
        {!known && <option value={current}>{current}</option>}
        {environments.map(each => (
          <option key={each.name} value={each.name}>
            {each.title}
          </option>
        ))}
      </HTMLSelect>
    </Field>
  );
}
