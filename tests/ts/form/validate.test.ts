/** What is wrong with options, in the server's words. */
import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { serverErrors } from '../../../src/form/errors';
import { prepare, type Schema } from '../../../src/form/schema';
import { findErrors } from '../../../src/form/validate';
import { wireDeployment } from '../builders';

const trans = nullTranslator.load('dasklab');
const { schema } = prepare(wireDeployment().schema as Schema, new Set());

function said(options: Record<string, unknown>, rules: Schema = schema): string[] {
  return findErrors(rules, options, trans).map(({ option, inside, message }) =>
    [option, inside, message].filter(Boolean).join(' | ')
  );
}

describe('findErrors', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ threads_per_worker: 0 }, 'threads_per_worker | 0 is too small; the least is 1.'],
    [{ threads_per_worker: 5000 }, 'threads_per_worker | 5000 is too large; the most is 1024.'],
    [{ threads_per_worker: 1.5 }, 'threads_per_worker | 1.5 is not a whole number.'],
    [{ threads_per_worker: 'x' }, 'threads_per_worker | "x" is not a whole number.'],
    [{ memory_limit: 'lots' }, 'memory_limit | "lots" does not fit. Such as 4GiB.'],
    [{ method: 'frok' }, 'method | "frok" is not one of forkserver, spawn.'],
    [{ processes: 'yes' }, 'processes | "yes" is not true or false.'],
    [{ preload: ['a', ''] }, 'preload | 1 | must not be empty.'],
    [{ resources: { GPU: 'x' } }, 'resources | GPU | "x" is not a number.'],
    [{ resources: { GPU: null } }, 'resources | GPU | write it as NAME=VALUE.'],
    [{ resources: { 'a/b~c': -1 } }, 'resources | a/b~c | -1 is too small; the least is 0.'],
    [{ memroy: 1 }, 'memroy | there is no such option.'],
    [{ walltime: 0 }, 'walltime | 0 is too small; the least is 1.']
  ])('%j', (options, sentence) => {
    expect(said(options)).toEqual([sentence]);
  });

  it.each([
    [{ '': 'x' }, 'environ | "" does not fit. Such as A=4.'],
    [{ 'A=B': 'x' }, 'environ | "A=B" does not fit. Such as A=4.'],
    [{ A: 1 }, 'environ | A | 1 is not text.']
  ])('has the names of environment variables checked: %j', (environ, sentence) => {
    const rule = {
      type: 'object',
      description: 'Such as A=4.',
      propertyNames: { pattern: '^[^=\\u0000]+$' },
      additionalProperties: { type: 'string' }
    };
    expect(said({ environ }, { type: 'object', properties: { environ: rule } })).toEqual([
      sentence
    ]);
  });

  it('has a sentence for what no option of ours asks', () => {
    const rules = { type: 'object', properties: { a: { minItems: 1 }, b: { multipleOf: 5 } } };
    expect(said({ a: [], b: 3 }, rules)).toEqual([
      'a | must not be empty.',
      'b | 3 does not fit: must be multiple of 5.'
    ]);
  });

  it('finds all of them at once', () => {
    expect(said({ threads_per_worker: 0, memory_limit: 5, memroy: 1 })).toHaveLength(3);
  });

  it('finds nothing wrong with what is right', () => {
    const options = { threads_per_worker: 2, walltime: null, method: 'spawn', environ: {} };
    expect(said(options)).toEqual([]);
  });

  it('tells what is only not there yet from what is wrong', () => {
    const rules = { type: 'object', required: ['queue'], properties: { queue: {} } };
    expect(findErrors(rules, {}, trans)).toEqual([
      { option: 'queue', inside: '', message: 'must be given.', missing: true }
    ]);
  });

  it('says of a condition what must be given, and nothing else', () => {
    const rules = { if: { not: { required: ['b'] } }, then: { required: ['a'] } };
    expect(said({}, rules)).toEqual(['a | must be given.']);
    expect(said({ b: 1 }, rules)).toEqual([]);
  });

  it.each([
    { type: 'object', properties: { a: { pattern: '(?P<x>' } } },
    { type: 'nonsense' },
    { $ref: '#/nowhere' }
  ])('leaves a schema that cannot be used here to the server: %j', rules => {
    expect(said({ a: 'x' }, rules)).toEqual([]);
  });

  it('reads the dialect that the server checks with', () => {
    const rules = { type: 'object', dependentRequired: { a: ['b'] }, properties: { a: {}, b: {} } };
    expect(said({ a: 1 }, rules)).toHaveLength(1);
    expect(said({ a: 1, b: 1 }, rules)).toEqual([]);
  });

  it('follows references within a schema', () => {
    const rules = {
      type: 'object',
      $defs: { size: { type: 'integer', maximum: 5 }, 'a b/c': { const: 1 } },
      properties: { a: { $ref: '#/$defs/size' }, b: { $ref: '#/$defs/a%20b~1c' } }
    };
    expect(said({ a: 9, b: 1 }, rules)).toEqual(['a | 9 is too large; the most is 5.']);
    expect(said({ a: 1, b: 2 }, rules)).toHaveLength(1);
  });
});

describe('serverErrors', () => {
  it('gives each field its own, without the name that the field shows', () => {
    const errors = [
      { option: 'memory_limit', message: 'memory_limit: an administrator has fixed it at 1.' },
      { option: 'x', message: 'odd' }
    ];
    expect(serverErrors({ errors }).map(({ option, message }) => [option, message])).toEqual([
      ['memory_limit', 'an administrator has fixed it at 1.'],
      ['x', 'odd']
    ]);
  });

  it.each([{}, { errors: 'x' }, { errors: [null, 5, { option: 1 }, { option: '' }] }])(
    'bears anything: %j',
    details => {
      expect(serverErrors(details)).toEqual([]);
    }
  );
});
