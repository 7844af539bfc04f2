import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { IProfile } from '../api/contract';
import { Field } from './field';
import { usePanel } from './context';

interface IProfileFieldsProps {
  profiles: ReadonlyArray<IProfile>;
  /** The name of the one that was taken up. */
  current: string | null;
  /** Whether the form says something else by now. */
  changed: boolean;
  onPick(profile: IProfile | null): void;
  onRemove(profile: IProfile): void;
}

/** The profile that the form starts from. */
export function ProfileFields(props: IProfileFieldsProps): JSX.Element | null {
  const { profiles, current, changed, onPick, onRemove } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const picked = profiles.find(each => each.name === current) ?? null;
  if (profiles.length === 0) {
    return null;
  }
  return (
    <Field id={id} label={trans.__('Profile')}>
      <HTMLSelect
        id={id}
        value={picked?.name ?? ''}
        aria-describedby={picked ? `${id}-note` : undefined}
        onChange={event => onPick(profiles.find(each => each.name === event.target.value) ?? null)}
      >
        <option value="">{trans.__('None')}</option>
        {profiles.map(each => (
          <option key={each.name} value={each.name}>
            {each.name}
          </option>
        ))}
      </HTMLSelect>
      {picked && (
        <p id={`${id}-note`} className="dasklab-Option-help">
          {picked.problem
            ? `${picked.problem.message} `
            : changed
              ? `${trans.__('Its settings are changed below.')} `
              : ''}
          {picked.editable ? (
            <button type="button" className="dasklab-LinkButton" onClick={() => onRemove(picked)}>
              {trans.__('Remove this profile')}
            </button>
          ) : (
            trans.__(
              'Defined in %1; it cannot be changed here.',
              picked.path ?? trans.__('Dask’s configuration')
            )
          )}
        </p>
      )}
    </Field>
  );
}
