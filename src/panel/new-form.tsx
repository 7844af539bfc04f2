import { HTMLSelect } from '@jupyterlab/ui-components';
import { UUID } from '@lumino/coreutils';
import * as React from 'react';
import type { ILaunch } from '../api/contract';
import { LOCAL_CODES, toApiError, type ApiError } from '../api/errors';
import { readScaling, type IScalingInput } from '../clusters/scaling';
import { Problem } from '../ui/problem';
import { usePanel } from './context';
import { useChoices } from './choices';
import { ScalingFields } from './scaling-fields';

const FIRST: IScalingInput = { adaptive: false, wanted: '', minimum: '0', maximum: '4' };

/** Ask for a new cluster. What is wrong is said here; the card appears as soon as it is accepted. */
export function NewForm(props: { onClose(): void }): JSX.Element {
  const { onClose } = props;
  const { actions, clusters, trans } = usePanel();
  const choices = useChoices();
  const id = React.useId();
  const [deployment, setDeployment] = React.useState('local');
  const [scaling, setScaling] = React.useState(FIRST);
  const [environment, setEnvironment] = React.useState(actions.environment ?? '');
  const [name, setName] = React.useState('');
  const [busy, setBusy] = React.useState(false);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  // The same until an attempt was answered: asking again after a broken line makes no second one.
  const launchId = React.useRef(newId());

  // The notebook's kernel may be one that the server cannot launch with.
  const chosen = choices.environments.some(each => each.name === environment) ? environment : '';
  const byDefault = !scaling.adaptive && scaling.wanted.trim() === '';
  const workers = byDefault ? null : readScaling(scaling, trans);
  const error = workers && !workers.ok ? workers.error : null;

  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || (workers && !workers.ok)) {
      return;
    }
    const launch: ILaunch = {
      id: launchId.current,
      deployment,
      name: name.trim() || null,
      workers: workers ? workers.value : null,
      environment: chosen || null,
      cwd: actions.folder
    };
    setBusy(true);
    setFailure(null);
    try {
      await clusters.launch(launch);
      onClose();
    } catch (thrown) {
      const problem = toApiError(thrown);
      if (problem.code !== LOCAL_CODES.unreachable) {
        launchId.current = newId();
      }
      setFailure(problem);
      setBusy(false);
    }
  };
  return (
    <form
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
      {choices.deployments.length > 1 && (
        <Field id={`${id}-deployment`} label={trans.__('Deployment')}>
          <HTMLSelect
            id={`${id}-deployment`}
            value={deployment}
            onChange={event => setDeployment(event.target.value)}
          >
            {choices.deployments.map(each => (
              <option
                key={each.name}
                value={each.name}
                disabled={!each.available}
                title={each.missing?.message}
              >
                {each.available ? each.title : trans.__('%1 (not available)', each.title)}
              </option>
            ))}
          </HTMLSelect>
        </Field>
      )}
      <ScalingFields
        input={scaling}
        error={error}
        canAdapt
        autoFocus
        placeholder={trans.__('auto')}
        onChange={setScaling}
      />
      <Field id={`${id}-environment`} label={trans.__('Environment')}>
        <HTMLSelect
          id={`${id}-environment`}
          value={chosen}
          onChange={event => setEnvironment(event.target.value)}
        >
          <option value="">{trans.__('Default')}</option>
          {choices.environments.map(each => (
            <option key={each.name} value={each.name}>
              {each.title}
            </option>
          ))}
        </HTMLSelect>
      </Field>
      <Field id={`${id}-name`} label={trans.__('Name')}>
        <input
          id={`${id}-name`}
          className="jp-mod-styled"
          type="text"
          autoComplete="off"
          maxLength={63}
          placeholder={trans.__('optional')}
          value={name}
          onChange={event => setName(event.target.value)}
        />
      </Field>
      {choices.failure && <Problem problem={choices.failure} trans={trans} tone="warning" />}
      {failure && <Problem problem={failure} trans={trans} alert />}
      <div className="dasklab-Form-buttons">
        <button type="button" className="dasklab-TextButton" onClick={onClose}>
          {trans.__('Cancel')}
        </button>
        <button
          type="submit"
          className="dasklab-TextButton dasklab-mod-accept"
          disabled={busy || error !== null}
        >
          {busy ? trans.__('Starting…') : trans.__('Start')}
        </button>
      </div>
    </form>
  );
}

function Field(props: { id: string; label: string; children: React.ReactNode }): JSX.Element {
  return (
    <div className="dasklab-Field">
      <label htmlFor={props.id}>{props.label}</label>
      {props.children}
    </div>
  );
}

function newId(): string {
  return UUID.uuid4().replace(/-/g, '');
}
