/** What is wrong with options, all of it, in the words that the server has for the same. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ErrorObject } from 'ajv';
import type { Options } from '../api/contract';
import type { IOptionError } from './errors';
import { alternatives, isLines, rulesOf, typesOf, type Schema } from './schema';
import { rawErrors } from './validator';

/** A branch of alternatives that does not fit, or that a condition holds: said once, elsewhere. */
const BRANCH = /\/(oneOf|anyOf)\/\d+\/|\/if$/;

/** All that is wrong; empty when a launch can be tried. */
export function findErrors(
  schema: Schema,
  options: Options,
  trans: TranslationBundle
): IOptionError[] {
  const seen = new Set<string>();
  return rawErrors(schema, options)
    .filter(error => !BRANCH.test(error.schemaPath) && error.keyword !== 'propertyNames')
    .map(error => read(error, rulesOf(schema), trans))
    .filter(({ option, inside, message }) => {
      const key = `${option} ${inside} ${message}`;
      return !seen.has(key) && seen.add(key);
    });
}

function read(
  error: ErrorObject,
  rules: Readonly<Record<string, Schema>>,
  trans: TranslationBundle
): IOptionError {
  const path = error.instancePath.split('/').slice(1).map(unescape);
  const missing = error.keyword === 'required';
  const name = missing ? error.params.missingProperty : error.params.additionalProperty;
  if (typeof name === 'string') {
    path.push(name);
  }
  const [option = '', ...rest] = path;
  return {
    option,
    inside: rest.join('.'),
    message: sentence(error, rules[option] ?? {}, trans),
    missing: missing && rest.length === 0
  };
}

/** A part of a JSON Pointer. */
function unescape(part: string): string {
  return part.replace(/~1/g, '/').replace(/~0/g, '~');
}

function sentence(error: ErrorObject, rule: Schema, trans: TranslationBundle): string {
  const value = shown(error.data);
  const limit = error.params.limit;
  switch (error.keyword) {
    case 'required':
      return trans.__('must be given.');
    case 'additionalProperties':
      return trans.__('there is no such option.');
    case 'type':
      if (error.data === null && isLines(rule)) {
        return trans.__('write it as NAME=VALUE.');
      }
      return trans.__('%1 is not %2.', value, kinds(typesOf(error.parentSchema ?? {}), trans));
    case 'minimum':
    case 'exclusiveMinimum':
      return trans.__('%1 is too small; the least is %2.', value, shown(limit));
    case 'maximum':
    case 'exclusiveMaximum':
      return trans.__('%1 is too large; the most is %2.', value, shown(limit));
    case 'enum':
    case 'const':
    case 'oneOf':
    case 'anyOf':
      return trans.__('%1 is not one of %2.', value, choices(error.parentSchema ?? {}).join(', '));
    case 'pattern':
      return trans.__('%1 does not fit. %2.', value, example(rule).replace(/\.$/, ''));
    case 'minLength':
    case 'minItems':
      return trans.__('must not be empty.');
    default:
      return trans.__('%1 does not fit: %2.', value, error.message ?? error.keyword);
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 80);
}

function kinds(types: string[], trans: TranslationBundle): string {
  const names: Readonly<Record<string, string>> = {
    integer: trans.__('a whole number'),
    number: trans.__('a number'),
    boolean: trans.__('true or false'),
    string: trans.__('text'),
    array: trans.__('a list'),
    object: trans.__('lines of NAME=VALUE')
  };
  return types
    .filter(type => type !== 'null')
    .map(type => names[type] ?? type)
    .join(trans.__(' or '));
}

function choices(rule: Schema): string[] {
  const values: unknown[] = Array.isArray(rule.enum)
    ? rule.enum
    : alternatives(rule).map(choice => choice.const);
  return values.filter(value => value !== undefined && value !== null).map(String);
}

/** The example that a description begins with. */
function example(rule: Schema): string {
  return typeof rule.description === 'string' ? rule.description.split(';')[0] : '';
}
