/** From a deployment's schema to a form. */
import { describe, expect, it } from 'vitest';
import { isLines, prepare, type Schema } from '../../../src/form/schema';
import { wireDeployment } from '../builders';

function prepared(properties: Record<string, Schema>, locked: string[] = []) {
  return prepare({ type: 'object', properties }, new Set(locked));
}

describe('prepare', () => {
  it('puts options without a group first, then groups as they come', () => {
    const { groups } = prepare(wireDeployment().schema as Schema, new Set());
    expect(groups.map(group => group.title)).toEqual(['', 'Worker processes', 'Queue']);
    expect(groups[0].names).toEqual(['threads_per_worker', 'memory_limit']);
  });

  it('shows options of one group together, wherever they stand', () => {
    const { groups } = prepared({ a: { 'x-group': 'G' }, b: {}, c: { 'x-group': 'G' } });
    expect(groups).toEqual([
      { title: '', names: ['b'] },
      { title: 'G', names: ['a', 'c'] }
    ]);
  });

  it('gives choices without a type that of their values', () => {
    const { schema } = prepared({ a: { oneOf: [{ const: 'x' }, { const: 'y' }] } });
    expect(schema.properties).toMatchObject({ a: { type: ['string'] } });
  });

  it('takes something or nothing for a field that may be empty', () => {
    const { schema } = prepared({
      a: { title: 'A', anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] }
    });
    expect(schema.properties).toEqual({
      a: { title: 'A', type: ['integer', 'null'], minimum: 1 }
    });
  });

  it('leaves alternatives that are more than that as they are', () => {
    const rule = { anyOf: [{ type: 'integer' }, { type: 'string' }] };
    expect(prepared({ a: rule }).schema.properties).toEqual({ a: rule });
  });

  it('disables what is fixed', () => {
    const { uiSchema } = prepared({ a: { type: 'string' }, b: { type: 'string' } }, ['a']);
    expect(uiSchema).toEqual({ a: { 'ui:disabled': true }, b: {} });
  });

  it.each([
    [{}],
    [{ properties: null }],
    [{ properties: { a: null, b: 5, c: { type: 7, oneOf: 'x' } } }],
    [{ properties: { a: { type: 'array', items: [] }, b: { type: 'object' } } }]
  ])('bears a schema that is none: %j', schema => {
    expect(() => prepare(schema as Schema, new Set())).not.toThrow();
  });
});

describe('isLines', () => {
  it.each<[boolean, Schema]>([
    [true, { type: 'array', items: { type: 'string' } }],
    [true, { type: 'object', additionalProperties: { type: 'number' } }],
    [true, { type: ['object', 'null'], additionalProperties: { type: 'string' } }],
    [false, { type: 'array', items: { enum: ['a'], type: 'string' } }],
    [false, { type: 'array', items: { type: 'object' } }],
    [false, { type: 'object', properties: {} }],
    [false, { type: 'object', additionalProperties: true }],
    [false, { type: 'string' }]
  ])('%s for %j', (lines, rule) => {
    expect(isLines(rule)).toBe(lines);
  });
});
