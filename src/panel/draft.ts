/** What is typed into the form for a new cluster, before it is sent. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IProfile, IWorkerCounts, Options } from '../api/contract';
import { readScaling, type IScalingInput } from '../clusters/scaling';
import { choiceOf, sameSettings, type IChoice } from '../clusters/settings';

export interface IDraft {
  /** The profile that was taken up last; its settings may have been changed since. */
  readonly profile: IChoice | null;
  readonly deployment: string;
  readonly scaling: IScalingInput;
  /** Null for the notebook's, or the server's default. */
  readonly environment: string | null;
  readonly name: string;
  /** By deployment, so that looking at another one loses nothing. */
  readonly options: Readonly<Record<string, Options>>;
}

const NOBODY_SAID: IScalingInput = { adaptive: false, wanted: '', minimum: '0', maximum: '4' };

/** A draft that starts from settings. */
export function draftFrom(choice: IChoice, name: string = ''): IDraft {
  const { workers } = choice;
  const scaling =
    workers === null
      ? NOBODY_SAID
      : typeof workers === 'number'
        ? { ...NOBODY_SAID, wanted: `${workers}` }
        : {
            adaptive: true,
            wanted: '',
            minimum: `${workers.minimum}`,
            maximum: `${workers.maximum}`
          };
  return {
    profile: choice.profile === null ? null : choice,
    deployment: choice.deployment,
    scaling,
    environment: choice.environment,
    name,
    options: { [choice.deployment]: choice.options }
  };
}

/**
 * The same draft after a look at the profiles: the one it started from may have been changed or
 * removed since. What was typed stays, and so do the settings of one that is gone.
 */
export function withProfiles(
  draft: IDraft,
  profiles: ReadonlyArray<IProfile>,
  trans: TranslationBundle
): IDraft {
  if (draft.profile === null) {
    return draft;
  }
  const { profile: name } = draft.profile;
  const found = profiles.find(each => each.name === name);
  if (found === undefined) {
    return { ...draft, profile: null };
  }
  const profile = choiceOf(found);
  return choiceFrom(draft, trans) === draft.profile
    ? draftFrom(profile, draft.name)
    : { ...draft, profile };
}

/** The draft with as much of its number of workers as its deployment takes. */
export function fitWorkers(draft: IDraft, takes: IWorkerCounts): IDraft {
  const { scaling } = draft;
  const fits = scaling.adaptive ? takes.adaptive : takes.number;
  // What was typed comes back with a deployment that takes it.
  const wanted = takes.number ? scaling.wanted : '';
  return fits ? draft : { ...draft, scaling: { ...scaling, adaptive: false, wanted } };
}

/** What is wrong with the number of workers, if anything; `most` as in `readScaling`. */
export function scalingError(
  draft: IDraft,
  trans: TranslationBundle,
  most: number | null = null
): string | null {
  const read = byDefault(draft) ? null : readScaling(draft.scaling, trans, most);
  return read && !read.ok ? read.error : null;
}

/**
 * The settings of a draft; null while its number of workers is none.
 *
 * They are the profile's only as long as they say what that says.
 */
export function choiceFrom(
  draft: IDraft,
  trans: TranslationBundle,
  most: number | null = null
): IChoice | null {
  const { deployment, environment, options, profile } = draft;
  const read = byDefault(draft) ? null : readScaling(draft.scaling, trans, most);
  if (read && !read.ok) {
    return null;
  }
  const choice = {
    profile: null,
    deployment,
    workers: read ? read.value : null,
    environment,
    options: options[deployment] ?? {}
  };
  return profile !== null && sameSettings(profile, choice) ? profile : choice;
}

/** Whether the number of workers is left to the deployment. */
function byDefault({ scaling }: IDraft): boolean {
  return !scaling.adaptive && scaling.wanted.trim() === '';
}
