/** A schema in the user's language: the words that a form shows of it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { isFields } from '../api/read';
import { translated } from '../ui/server-words';
import type { Schema } from './schema';

/** Keywords that people read. */
const WORDS = new Set(['title', 'description', 'x-group', 'x-unit']);

/** Keywords with further schemas in them. */
const SCHEMAS = new Set(['items', 'additionalProperties', 'oneOf', 'anyOf', 'allOf']);

export function translateSchema(schema: Schema, trans: TranslationBundle): Schema {
  const inside = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(inside)
      : isFields(value)
        ? translateSchema(value, trans)
        : value;
  const entries = Object.entries(schema).map(([name, value]): [string, unknown] => {
    if (WORDS.has(name) && typeof value === 'string') {
      return [name, translated(value, trans)];
    }
    if (name === 'properties' && isFields(value)) {
      // An option may be called like a keyword.
      const options = Object.entries(value).map(([option, rule]) => [option, inside(rule)]);
      return [name, Object.fromEntries(options)];
    }
    return [name, SCHEMAS.has(name) ? inside(value) : value];
  });
  return Object.fromEntries(entries);
}
