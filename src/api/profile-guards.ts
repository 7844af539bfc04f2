/** Readers of profiles and previews; see `guards.ts`. */
import type { IPreview, IProfile, IProfiles, Scaling } from './contract';
import { readAdvice } from './explanation-guards';
import { readProblem } from './guards';
import { all, count, fields, list, maybe, text } from './read';
import { clean, SENTENCE_LIMIT } from './text';

/** Characters of a preview that are shown: a job script has some thousand. */
const PREVIEW_LIMIT = 100_000;

/** A number of workers or a range; null for what is neither. */
export function readWorkers(value: unknown): Scaling | null {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? value : null;
  }
  const data = fields(value);
  const maximum = count(data.maximum);
  return maximum > 0 ? { minimum: count(data.minimum), maximum } : null;
}

export function readProfile(value: unknown): IProfile | null {
  const data = fields(value);
  const name = text(data.name);
  return name
    ? {
        name,
        deployment: text(data.deployment) || 'local',
        workers: readWorkers(data.workers),
        environment: text(data.environment, SENTENCE_LIMIT) || null,
        options: fields(data.options),
        path: text(data.path, SENTENCE_LIMIT) || null,
        editable: data.editable === true,
        problem: maybe(data.problem, readProblem)
      }
    : null;
}

export function readProfiles(value: unknown): IProfiles {
  const data = fields(value);
  return {
    profiles: all(data.profiles, readProfile),
    problems: list(data.problems).map(readProblem)
  };
}

export function readPreview(value: unknown): IPreview {
  const data = fields(value);
  return {
    text: typeof data.text === 'string' ? clean(data.text.slice(0, PREVIEW_LIMIT)) : '',
    advice: all(data.advice, readAdvice)
  };
}
