/** Lists and mappings as lines of text. */
import { describe, expect, it } from 'vitest';
import { fromLines, toLines } from '../../../src/form/lines';

const LIST = { type: 'array', items: { type: 'string' } };
const TEXTS = { type: 'object', additionalProperties: { type: 'string' } };
const NUMBERS = { type: 'object', additionalProperties: { type: 'number' } };

describe('lines', () => {
  it.each([
    ['a\nb c', LIST, ['a', 'b c']],
    ['1\n2', { type: 'array', items: { type: 'integer' } }, [1, 2]],
    ['A=1\nB=x=y\nC=', TEXTS, { A: '1', B: 'x=y', C: '' }],
    ['GPU=1\nX=0.5', NUMBERS, { GPU: 1, X: 0.5 }]
  ])('%j is read and written back', (text, rule, value) => {
    expect(fromLines(text, rule)).toEqual(value);
    expect(toLines(value)).toBe(text);
  });

  it.each([
    ['', LIST, undefined],
    ['\n \n', TEXTS, undefined],
    [' a \n\n b ', LIST, ['a', 'b']],
    ['A = 1', TEXTS, { A: '1' }],
    ['GPU=many', NUMBERS, { GPU: 'many' }],
    ['GPU', NUMBERS, { GPU: null }]
  ])('%j keeps what can be told to the user', (text, rule, value) => {
    expect(fromLines(text, rule)).toEqual(value);
  });

  it('shows what is neither as nothing', () => {
    expect([undefined, null, 'x', 5].map(toLines)).toEqual(['', '', '', '']);
  });
});
