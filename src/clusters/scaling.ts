/**
 * What a user typed as a number of workers. The server decides in the end (it knows the site's
 * limits); this refuses early what can never be right, in the same words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { JSONExt } from '@lumino/coreutils';
import type { IGroupedScaling, IWorkers, Scaling } from '../api/contract';
import { inGroups } from '../api/stake';

/** The fields of a scaling form. */
export interface IScalingInput {
  readonly adaptive: boolean;
  readonly wanted: string;
  readonly minimum: string;
  readonly maximum: string;
}

export type ScalingResult =
  { readonly ok: true; readonly value: Scaling } | { readonly ok: false; readonly error: string };

export type GroupedResult =
  | { readonly ok: true; readonly value: Scaling | IGroupedScaling }
  /** With the group whose number it is about, if it is that of one. */
  | { readonly ok: false; readonly error: string; readonly group: string | null };

/** What is typed for worker groups, by their names. */
export type GroupsInput = Readonly<Record<string, string>>;

/** The scaling as it is, as it would be asked for again. */
export function presentScaling(workers: IWorkers): Scaling | IGroupedScaling {
  const { groups, maximum, minimum } = workers;
  const others = maximum === null ? besideGroups(workers) : { minimum: minimum ?? 0, maximum };
  return Object.keys(groups).length > 0 ? { workers: others, groups } : others;
}

/** The fields as a cluster's present scaling fills them. */
export function inputFrom(workers: IWorkers): IScalingInput {
  const { minimum, maximum } = workers;
  const wanted = besideGroups(workers);
  return {
    adaptive: maximum !== null,
    wanted: `${wanted}`,
    minimum: `${minimum ?? 0}`,
    maximum: `${maximum ?? Math.max(wanted, 1)}`
  };
}

export function groupsFrom({ groups }: IWorkers): GroupsInput {
  return Object.fromEntries(Object.entries(groups).map(([group, number]) => [group, `${number}`]));
}

/** Read the fields of a form, one of them for each group, or say what is wrong with them. */
export function readGrouped(
  input: IScalingInput,
  groups: GroupsInput,
  trans: TranslationBundle
): GroupedResult {
  const read = readScaling(input, trans);
  if (!read.ok) {
    return { ...read, group: null };
  }
  const numbers: Record<string, number> = {};
  for (const [group, typed] of Object.entries(groups)) {
    const number = readCount(typed, trans);
    if (typeof number === 'string') {
      return { ok: false, error: number, group };
    }
    numbers[group] = number;
  }
  return Object.keys(groups).length > 0
    ? { ok: true, value: { workers: read.value, groups: numbers } }
    : read;
}

/** How many workers of no group are wanted. */
function besideGroups(workers: IWorkers): number {
  return Math.max(0, workers.wanted - inGroups(workers));
}

/**
 * Read the fields of a form, or say what is wrong with them.
 *
 * @param most - Workers that an administrator allows a cluster; null where it is not known.
 */
export function readScaling(
  input: IScalingInput,
  trans: TranslationBundle,
  most: number | null = null
): ScalingResult {
  const above = (number: number): boolean => most !== null && number > most;
  if (!input.adaptive) {
    const wanted = readCount(input.wanted, trans);
    if (typeof wanted === 'string') {
      return { ok: false, error: wanted };
    }
    return above(wanted)
      ? {
          ok: false,
          error: trans.__('%1 workers are more than the %2 allowed here.', wanted, most)
        }
      : { ok: true, value: wanted };
  }
  const minimum = readCount(input.minimum, trans);
  const maximum = readCount(input.maximum, trans);
  if (typeof minimum === 'string') {
    return { ok: false, error: minimum };
  }
  if (typeof maximum === 'string') {
    return { ok: false, error: maximum };
  }
  if (minimum > maximum) {
    const error = trans.__(
      'The least number of workers, %1, is above the greatest, %2.',
      minimum,
      maximum
    );
    return { ok: false, error };
  }
  if (maximum === 0) {
    return { ok: false, error: trans.__('A range of 0 to 0 never starts a worker.') };
  }
  return above(maximum)
    ? { ok: false, error: trans.__('%1 workers are more than the %2 allowed here.', maximum, most) }
    : { ok: true, value: { minimum, maximum } };
}

/** A whole number from 0, or the sentence that says why it is none. */
function readCount(typed: string, trans: TranslationBundle): number | string {
  const text = typed.trim();
  if (text === '') {
    return trans.__('Enter the number of workers.');
  }
  const value = Number(text);
  if (!/^[+-]?[\d.]+$/.test(text) || Number.isNaN(value)) {
    return trans.__('“%1” is not a number.', text.slice(0, 40));
  }
  if (value < 0) {
    return trans.__('There cannot be fewer than 0 workers.');
  }
  if (!Number.isSafeInteger(value)) {
    return Number.isInteger(value)
      ? trans.__('That is too many workers.')
      : trans.__('There are no fractions of workers.');
  }
  return value;
}

/** Whether a scaling asks for what is wanted already. */
export function sameScaling(a: Scaling | IGroupedScaling, workers: IWorkers): boolean {
  const asked = typeof a === 'number' ? a : { ...a };
  const present = presentScaling(workers);
  return JSONExt.deepEqual(asked, typeof present === 'number' ? present : { ...present });
}
