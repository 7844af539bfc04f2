import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { inputFrom, readScaling, sameScaling } from '../../../src/clusters/scaling';

const trans = nullTranslator.load('dasklab');

function fixed(wanted: string): ReturnType<typeof readScaling> {
  return readScaling({ adaptive: false, wanted, minimum: '', maximum: '' }, trans);
}

function range(minimum: string, maximum: string): ReturnType<typeof readScaling> {
  return readScaling({ adaptive: true, wanted: '', minimum, maximum }, trans);
}

describe('readScaling', () => {
  it.each([
    ['0', 0],
    [' 4 ', 4],
    ['007', 7],
    ['3.0', 3]
  ])('takes %j', (typed, value) => {
    expect(fixed(typed)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 'Enter the number of workers.'],
    ['-2', 'There cannot be fewer than 0 workers.'],
    ['2.5', 'There are no fractions of workers.'],
    ['many', '“many” is not a number.'],
    ['NaN', '“NaN” is not a number.'],
    ['Infinity', '“Infinity” is not a number.'],
    ['0x10', '“0x10” is not a number.'],
    ['1e3', '“1e3” is not a number.'],
    ['true', '“true” is not a number.'],
    ['9'.repeat(30), 'That is too many workers.']
  ])('refuses %j', (typed, error) => {
    expect(fixed(typed)).toEqual({ ok: false, error });
  });

  it('reads ranges', () => {
    expect(range('0', '4')).toEqual({ ok: true, value: { minimum: 0, maximum: 4 } });
    expect(range('6', '3')).toEqual({
      ok: false,
      error: 'The least number of workers, 6, is above the greatest, 3.'
    });
    expect(range('0', '0')).toMatchObject({ ok: false });
    expect(range('x', '3')).toMatchObject({ ok: false });
    expect(range('1', '')).toMatchObject({ ok: false });
  });
});

describe('inputFrom', () => {
  const adaptive = { wanted: 3, running: 2, minimum: 1, maximum: 8 };
  const plain = { wanted: 3, running: 2, minimum: null, maximum: null };

  it('fills a form that asks for what is', () => {
    for (const workers of [adaptive, plain]) {
      const result = readScaling(inputFrom(workers), trans);
      expect(result.ok && sameScaling(result.value, workers)).toBe(true);
    }
  });

  it('tells a number from a range of the same number', () => {
    expect(sameScaling(3, adaptive)).toBe(false);
    expect(sameScaling({ minimum: 3, maximum: 3 }, plain)).toBe(false);
  });
});
