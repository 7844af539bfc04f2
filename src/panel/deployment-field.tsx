import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { IDeployment } from '../api/contract';
import { Problem } from '../ui/problem';
import { translated } from '../ui/server-words';
import { usePanel } from './context';
import { Field } from './field';

interface IDeploymentFieldProps {
  deployments: ReadonlyArray<IDeployment>;
  current: string;
  onPick(name: string): void;
}

/** The way to run Dask, and what is missing for those that cannot be used in this environment. */
export function DeploymentField(props: IDeploymentFieldProps): JSX.Element | null {
  const { deployments, current, onPick } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const picked = deployments.find(each => each.name === current);
  const others = deployments.filter(each => !each.available && each !== picked);
  const titleOf = ({ title }: IDeployment): string => translated(title, trans);
  return (
    <>
      {(deployments.length > 1 || (deployments.length === 1 && !picked)) && (
        <Field id={id} label={trans.__('Deployment')}>
          <HTMLSelect
            id={id}
            value={current}
            aria-describedby={picked?.description ? `${id}-help` : undefined}
            onChange={event => onPick(event.target.value)}
          >
            {!picked && <option value={current}>{current}</option>}
            {deployments.map(each => (
              <option
                key={each.name}
                value={each.name}
                disabled={!each.available}
                title={each.missing?.message}
              >
                {each.available ? titleOf(each) : trans.__('%1 (not available)', titleOf(each))}
              </option>
            ))}
          </HTMLSelect>
          {picked?.description && (
            <p id={`${id}-help`} className="dasklab-Option-help">
              {translated(picked.description, trans)}
            </p>
          )}
        </Field>
      )}
      {picked?.missing && <Problem problem={picked.missing} trans={trans} tone="warning" />}
      {others.length > 0 && (
        <details className="dasklab-Missing">
          <summary>
            {trans._n('%1 is not available here', '%1 are not available here', others.length)}
          </summary>
          <ul>
            {others.map(each => (
              <li key={each.name}>
                <strong>{titleOf(each)}</strong> {each.missing?.message} {each.missing?.hint}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
