/** Lists and mappings as lines of text, which are typed and pasted more easily than single fields. */
import { isFields } from '../api/read';
import { typesOf, type Schema } from './schema';

/** The text of a value: a line for each item, `NAME=value` in a mapping. */
export function toLines(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(String).join('\n');
  }
  return isFields(value)
    ? Object.entries(value)
        .map(([name, item]) => (item === null ? name : `${name}=${String(item)}`))
        .join('\n')
    : '';
}

/**
 * The value of a text; undefined of an empty one. What is no number where one is wanted stays
 * text, and a line without `=` has no value, so that both are told to the user.
 */
export function fromLines(text: string, rule: Schema): unknown {
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  if (lines.length === 0) {
    return undefined;
  }
  if (typesOf(rule).includes('array')) {
    return lines.map(line => item(line, rule.items));
  }
  return Object.fromEntries(
    lines.map(line => {
      const at = line.indexOf('=');
      return at < 0
        ? [line, null]
        : [line.slice(0, at).trim(), item(line.slice(at + 1).trim(), rule.additionalProperties)];
    })
  );
}

function item(text: string, rule: unknown): unknown {
  const types = isFields(rule) ? typesOf(rule) : [];
  const number = Number(text);
  return types.includes('string') || text === '' || Number.isNaN(number) ? text : number;
}
