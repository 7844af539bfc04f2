import * as React from 'react';
import type { IProfile } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import type { IChoice } from '../clusters/settings';
import { Problem } from '../ui/problem';
import { usePanel } from './context';
import { useInSight } from './in-sight';
import { NameField, nameError } from './name-field';

interface ISaveProfileProps {
  choice: IChoice;
  /** The name that is offered. */
  suggested: string;
  onSaved(profile: IProfile): void;
  onClose(): void;
}

/**
 * Give the settings a name. Not a form element: it stands in one. Enter and Escape do here what
 * they do there.
 */
export function SaveProfile(props: ISaveProfileProps): JSX.Element {
  const { choice, suggested, onSaved, onClose } = props;
  const { clusters, trans } = usePanel();
  const [name, setName] = React.useState(suggested);
  const [busy, setBusy] = React.useState(false);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const ready = !busy && name.trim() !== '' && nameError(name, trans) === null;
  const element = useInSight<HTMLDivElement>(failure?.message);
  const save = async (): Promise<void> => {
    if (!ready) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const { deployment, workers, environment, options } = choice;
      const settings = { deployment, workers, environment, options };
      onSaved(await clusters.api.saveProfile(name.trim(), settings));
    } catch (error) {
      setFailure(toApiError(error));
      setBusy(false);
    }
  };
  return (
    <div
      ref={element}
      className="dasklab-SaveProfile"
      role="group"
      aria-label={trans.__('Save as profile')}
      onKeyDown={event => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
          event.preventDefault();
          event.stopPropagation();
          void save();
        } else if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        }
      }}
    >
      <NameField
        label={trans.__('Name of the profile')}
        autoFocus
        value={name}
        onChange={setName}
      />
      {failure && <Problem problem={failure} trans={trans} alert />}
      <div className="dasklab-Form-buttons">
        <button type="button" className="dasklab-TextButton" onClick={onClose}>
          {trans.__('Do Not Save')}
        </button>
        <button
          type="button"
          className="dasklab-TextButton"
          disabled={!ready}
          onClick={() => void save()}
        >
          {trans.__('Save')}
        </button>
      </div>
    </div>
  );
}
