/** Reading values of unknown make: what every reader of wire data is made of. */
import { line } from './text';

type Fields = Readonly<Record<string, unknown>>;

/** Items of a list that are read; what is beyond cannot be looked at anyway. */
const ITEM_LIMIT = 2_000;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, ITEM_LIMIT) : [];
}

export function text(value: unknown, limit?: number): string {
  return typeof value === 'string' ? line(value, limit) : '';
}

/** A number that can be shown: finite and not negative. */
export function quantity(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

/** Epoch seconds that a `Date` can hold; it throws beyond. */
export function moment(value: unknown): number {
  const seconds = quantity(value);
  return seconds < 8.64e12 ? seconds : 0;
}

export function count(value: unknown): number {
  return Math.trunc(quantity(value));
}

export function maybe<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}

export function all<T>(value: unknown, read: (value: unknown) => T | null): T[] {
  return list(value)
    .map(read)
    .filter(item => item !== null);
}
