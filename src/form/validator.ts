/**
 * The validator of options: the same dialect of JSON Schema that the server checks with.
 *
 * Not react-jsonschema-form's own, which brings a second copy of all that JupyterLab's form is
 * made of, a hundred kilobytes, and knows an older dialect. Put together from the parts of Ajv that
 * options use: its whole 2020-12 also has the schemas of schemas, which the server checks.
 */
import type { ValidatorType } from '@rjsf/utils';
import AjvCore, { type ErrorObject, type ValidateFunction } from 'ajv/dist/core';
import applicator from 'ajv/dist/vocabularies/applicator';
import core from 'ajv/dist/vocabularies/core';
import next from 'ajv/dist/vocabularies/next';
import validation from 'ajv/dist/vocabularies/validation';
import type { UriResolver } from 'ajv/dist/types';
import type { Schema } from './schema';

class Ajv extends AjvCore {
  override _addVocabularies(): void {
    super._addVocabularies();
    for (const vocabulary of [core, validation, applicator(true), next]) {
      this.addVocabulary(vocabulary);
    }
  }
}

/**
 * References within a schema are all that there are: what is before `#` is never looked at. Instead
 * of the package that Ajv would bring, which is left out of the bundle (webpack.config.cjs).
 */
const addresses: UriResolver = {
  parse: uri => {
    const [path, ...rest] = uri.split('#');
    return { path, fragment: rest.length > 0 ? rest.join('#') : undefined };
  },
  resolve: (base, path) => (path.startsWith('#') ? base.split('#')[0] + path : path),
  serialize: ({ fragment, path = '' }) => (fragment === undefined ? path : `${path}#${fragment}`)
};

/** Tolerant: a schema is written for the server, and keywords that are not known are no mistakes. */
const ajv = new Ajv({
  allErrors: true,
  logger: false,
  meta: false,
  next: true,
  strict: false,
  unicodeRegExp: false,
  uriResolver: addresses,
  validateFormats: false,
  validateSchema: false,
  verbose: true
});

const compiled = new WeakMap<object, ValidateFunction | null>();

/** Null for a schema that cannot be used here, such as one with a pattern only Python knows. */
function compile(schema: Schema): ValidateFunction | null {
  let found = compiled.get(schema);
  if (found === undefined) {
    try {
      found = ajv.compile({ ...schema, $id: undefined, $schema: undefined });
    } catch {
      found = null;
    }
    compiled.set(schema, found);
  }
  return found;
}

/** What is wrong with a value; nothing where that can only be said by the server. */
export function rawErrors(schema: Schema, value: unknown): ReadonlyArray<ErrorObject> {
  const validate = compile(schema);
  return validate === null || validate(value) ? [] : (validate.errors ?? []);
}

/** What JupyterLab's form asks of a validator to choose between alternatives. */
export const validator: ValidatorType = {
  isValid: (schema, value, root) => {
    const { $defs, definitions } = root;
    return rawErrors({ $defs, definitions, ...schema } as Schema, value).length === 0;
  },
  rawValidation: () => ({ errors: [] }),
  // Errors are found and handed to the form as a whole; see `options-form.tsx`.
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  toErrorList: () => []
};
