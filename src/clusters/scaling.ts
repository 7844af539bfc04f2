/**
 * What a user typed as a number of workers. The server decides in the end (it knows the site's
 * limits); this refuses early what can never be right, in the same words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IWorkers, Scaling } from '../api/contract';

/** The fields of a scaling form. */
export interface IScalingInput {
  readonly adaptive: boolean;
  readonly wanted: string;
  readonly minimum: string;
  readonly maximum: string;
}

export type ScalingResult =
  { readonly ok: true; readonly value: Scaling } | { readonly ok: false; readonly error: string };

/** The fields as a cluster's present scaling fills them. */
export function inputFrom(workers: IWorkers): IScalingInput {
  const { wanted, minimum, maximum } = workers;
  return {
    adaptive: maximum !== null,
    wanted: `${wanted}`,
    minimum: `${minimum ?? 0}`,
    maximum: `${maximum ?? Math.max(wanted, 1)}`
  };
}

/** Read the fields of a form, or say what is wrong with them. */
export function readScaling(input: IScalingInput, trans: TranslationBundle): ScalingResult {
  if (!input.adaptive) {
    const wanted = readCount(input.wanted, trans);
    return typeof wanted === 'string' ? { ok: false, error: wanted } : { ok: true, value: wanted };
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
  return { ok: true, value: { minimum, maximum } };
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

/** Whether two scalings ask for the same. */
export function sameScaling(a: Scaling, workers: IWorkers): boolean {
  return typeof a === 'number'
    ? workers.maximum === null && a === workers.wanted
    : a.minimum === workers.minimum && a.maximum === workers.maximum;
}
