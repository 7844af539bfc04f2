import * as React from 'react';
import type { IProfile, Options } from '../api/contract';
import { LOCAL_CODES, toApiError, type ApiError } from '../api/errors';
import { choiceOf } from '../clusters/settings';
import { newLaunchId } from '../clusters/starter';
import { serverErrors } from '../form/errors';
import { Problem } from '../ui/problem';
import { translated } from '../ui/server-words';
import { useChoices, useDeployments } from './choices';
import { usePanel } from './context';
import { DeploymentField } from './deployment-field';
import {
  choiceFrom,
  draftFrom,
  fitWorkers,
  scalingError,
  withProfiles,
  type IDraft
} from './draft';
import { EnvironmentField } from './environment-field';
import { NameField, nameError } from './name-field';
import { Preview } from './preview';
import { ProfileFields } from './profile-fields';
import { SaveProfile } from './save-profile';
import { ScalingFields } from './scaling-fields';

/** The options, with the validator that they need. */
const OptionsForm = React.lazy(() => import('../form/options-form'));

const NO_OPTIONS: Options = {};

/** Ask for a new cluster. What is wrong is said here; the card appears as soon as it is accepted. */
export default function NewForm(props: { onClose(): void }): JSX.Element {
  const { onClose } = props;
  const { clusters, seed, starter, trans } = usePanel();
  const choices = useChoices();
  const element = React.useRef<HTMLFormElement>(null);
  const [draft, setDraft] = React.useState<IDraft>(() => draftFrom(seed.choice));
  const [failure, setFailure] = React.useState<ApiError | null>(seed.failure);
  const [busy, setBusy] = React.useState(false);
  const [strict, setStrict] = React.useState(false);
  const [wrong, setWrong] = React.useState(0);
  const [drawer, setDrawer] = React.useState<'preview' | 'save' | null>(null);
  const [saved, setSaved] = React.useState<string | null>(null);
  const saveButton = React.useRef<HTMLButtonElement>(null);
  // The same until an attempt was answered: asking again after a broken line makes no second one.
  const launchId = React.useRef(newLaunchId());

  const found = useDeployments(draft.environment ?? choices.notebook);
  const deployment = found.deployments.find(each => each.name === draft.deployment);
  const options = draft.options[draft.deployment] ?? NO_OPTIONS;
  const refused = React.useMemo(() => serverErrors(failure?.details ?? {}), [failure]);
  const fitted = deployment ? fitWorkers(draft, deployment.workers) : draft;
  const workersError = scalingError(fitted, trans, found.mostWorkers);
  const choice = choiceFrom(fitted, trans, found.mostWorkers);
  const listFailure = choices.failure ?? found.failure;

  const { profiles } = choices;
  React.useEffect(() => {
    if (profiles !== null) {
      setDraft(known => withProfiles(known, profiles, trans));
    }
  }, [profiles, trans]);

  const change = (part: Partial<IDraft>): void => {
    setDraft(known => ({ ...known, ...part }));
    setFailure(null);
    setSaved(null);
  };
  const pickProfile = (profile: IProfile | null): void =>
    change(profile ? draftFrom(choiceOf(profile), draft.name) : { profile: null });
  const removeProfile = async (profile: IProfile): Promise<void> => {
    try {
      await clusters.api.removeProfile(profile.name);
      change({ profile: null });
    } catch (error) {
      setFailure(toApiError(error));
    }
    await choices.readProfiles();
  };
  const closeSave = (): void => {
    setDrawer(null);
    saveButton.current?.focus();
  };
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || choice === null) {
      return;
    }
    if (wrong > 0 || nameError(draft.name, trans) !== null) {
      setStrict(true);
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await starter.start(choice, draft.name.trim() || null, launchId.current);
      onClose();
    } catch (thrown) {
      const problem = toApiError(thrown);
      if (problem.code !== LOCAL_CODES.unreachable) {
        launchId.current = newLaunchId();
      }
      setFailure(problem);
      setBusy(false);
    }
  };
  return (
    <form
      ref={element}
      className="dasklab-Form dasklab-NewForm"
      aria-label={trans.__('New cluster')}
      noValidate
      onSubmit={event => void submit(event)}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          onClose();
        }
      }}
    >
      <ProfileFields
        profiles={choices.profiles ?? []}
        current={draft.profile?.profile ?? null}
        changed={choice?.profile !== draft.profile?.profile}
        onPick={pickProfile}
        onRemove={profile => void removeProfile(profile)}
      />
      <DeploymentField
        deployments={found.deployments}
        current={draft.deployment}
        onPick={name => change({ deployment: name })}
      />
      {deployment?.workers.number === false ? (
        <p className="dasklab-Option-help">{translated(deployment.workers.why, trans)}</p>
      ) : (
        <ScalingFields
          input={fitted.scaling}
          error={workersError}
          canAdapt={deployment?.workers.adaptive ?? true}
          autoFocus
          placeholder={trans.__('auto')}
          onChange={scaling => change({ scaling })}
        />
      )}
      {deployment && (
        <React.Suspense
          fallback={<p className="dasklab-Option-help">{trans.__('Loading options…')}</p>}
        >
          <OptionsForm
            key={deployment.name}
            deployment={deployment}
            options={options}
            refused={refused}
            strict={strict}
            trans={trans}
            onChange={changed =>
              change({ options: { ...draft.options, [draft.deployment]: changed } })
            }
            onChecked={setWrong}
          />
        </React.Suspense>
      )}
      <EnvironmentField
        environments={choices.environments}
        current={draft.environment}
        notebook={choices.notebook}
        onPick={environment => change({ environment })}
      />
      <NameField
        label={trans.__('Name')}
        placeholder={trans.__('optional')}
        value={draft.name}
        onChange={name => change({ name })}
      />
      {listFailure && <Problem problem={listFailure} trans={trans} tone="warning" />}
      {choices.problems.map(problem => (
        <Problem key={problem.message} problem={problem} trans={trans} tone="warning" />
      ))}
      {failure && <Problem problem={failure} trans={trans} alert />}
      <div className="dasklab-Form-tools">
        <button
          type="button"
          className="dasklab-LinkButton"
          aria-expanded={drawer === 'preview'}
          disabled={choice === null}
          onClick={() => setDrawer(drawer === 'preview' ? null : 'preview')}
        >
          {trans.__('Preview')}
        </button>
        <button
          ref={saveButton}
          type="button"
          className="dasklab-LinkButton"
          aria-expanded={drawer === 'save'}
          disabled={choice === null || wrong > 0}
          onClick={() => setDrawer(drawer === 'save' ? null : 'save')}
        >
          {trans.__('Save as profile…')}
        </button>
      </div>
      {drawer === 'preview' && choice && <Preview choice={choice} name={draft.name.trim()} />}
      {drawer === 'save' && choice && (
        <SaveProfile
          choice={choice}
          suggested={draft.profile?.profile ?? ''}
          onClose={closeSave}
          onSaved={profile => {
            closeSave();
            setDraft({ ...draft, profile: choiceOf(profile) });
            setSaved(profile.name);
            void choices.readProfiles();
          }}
        />
      )}
      {saved !== null && (
        <p className="dasklab-Option-help" role="status">
          {trans.__('Saved. In a notebook: %1', `%dask start ${saved}`)}
        </p>
      )}
      <div className="dasklab-Form-buttons">
        <button type="button" className="dasklab-TextButton" onClick={onClose}>
          {trans.__('Cancel')}
        </button>
        <button
          type="submit"
          className="dasklab-TextButton dasklab-mod-accept"
          disabled={busy || choice === null}
        >
          {busy ? trans.__('Starting…') : trans.__('Start')}
        </button>
      </div>
    </form>
  );
}
