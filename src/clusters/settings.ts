/** Settings of a launch: the last ones, a profile's, or what a form says. */
import { JSONExt, type PartialJSONValue } from '@lumino/coreutils';
import type { ILaunch, IProfile, ISettings } from '../api/contract';
import { isFields } from '../api/read';
import { readProfile } from '../api/profile-guards';

/** What was launched: settings, and the profile they are, if they are one's. */
export interface IChoice extends ISettings {
  readonly profile: string | null;
}

/** What there is before anything was launched: the deployment decides all of it. */
export const DEFAULT_CHOICE: IChoice = {
  profile: null,
  deployment: 'local',
  workers: null,
  environment: null,
  options: {}
};

/** The settings of a profile. */
export function choiceOf(profile: IProfile): IChoice {
  const { name, deployment, workers, environment, options } = profile;
  return { profile: name, deployment, workers, environment, options };
}

/** What was remembered, whatever another version of this page has written there. */
export function readChoice(value: unknown): IChoice {
  if (!isFields(value)) {
    return DEFAULT_CHOICE;
  }
  const profile = typeof value.profile === 'string' && value.profile !== '' ? value.profile : null;
  const read = readProfile({ ...value, name: profile ?? 'none' });
  return read === null ? DEFAULT_CHOICE : { ...choiceOf(read), profile };
}

/** Whether two settings ask for the same, whatever they are called. */
export function sameSettings(a: ISettings, b: ISettings): boolean {
  return JSONExt.deepEqual(plain(a), plain(b));
}

function plain(settings: ISettings): PartialJSONValue {
  const { deployment, workers, environment, options } = settings;
  const text = JSON.stringify({ deployment, workers, environment, options });
  return JSON.parse(text) as PartialJSONValue;
}

/** The request for a launch. Of a profile only the name is sent: what it says now is what counts. */
export function launchOf(
  choice: IChoice,
  more: Pick<ILaunch, 'id' | 'name' | 'cwd'> & { readonly environment: string | null }
): ILaunch {
  const { profile, deployment, workers, options } = choice;
  const environment = choice.environment ?? more.environment;
  return profile === null
    ? { ...more, profile, deployment, workers, environment, options }
    : // The profile's own environment goes before the notebook's.
      {
        ...more,
        profile,
        deployment,
        workers: null,
        environment: choice.environment === null ? more.environment : null,
        options: {}
      };
}
