/** Reading values that anybody may have sent: of the wrong type they become harmless. */

/** Characters of a text that are kept: a key may have a megabyte. */
const TEXT = 300;

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** A finite number; JSON knows no other, but a host may leave one out. */
export function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function count(value: unknown): number {
  const whole = Math.floor(number(value));
  return whole >= 0 && Number.isSafeInteger(whole) ? whole : 0;
}

export function text(value: unknown, limit: number = TEXT): string {
  const given = typeof value === 'string' ? value : typeof value === 'number' ? `${value}` : '';
  return given.length > limit ? `${given.slice(0, limit - 1)}…` : given;
}

export function optional(value: unknown): string | null {
  return typeof value === 'string' ? text(value) : null;
}
