import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import {
  groupsFrom,
  inputFrom,
  presentScaling,
  readGrouped,
  readScaling,
  sameScaling
} from '../../../src/clusters/scaling';

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
  const adaptive = { wanted: 3, running: 2, minimum: 1, maximum: 8, groups: {} };
  const plain = { wanted: 3, running: 2, minimum: null, maximum: null, groups: {} };

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

describe('worker groups', () => {
  const groups = { gpu: 2, big: 0 };
  const grouped = { wanted: 3, running: 3, minimum: null, maximum: null, groups };

  it('are no part of the number of the other workers', () => {
    expect(inputFrom(grouped).wanted).toBe('1');
    expect(groupsFrom(grouped)).toEqual({ gpu: '2', big: '0' });
    expect(presentScaling(grouped)).toEqual({ workers: 1, groups });
    expect(presentScaling({ ...grouped, wanted: 5, minimum: 1, maximum: 8 })).toEqual({
      workers: { minimum: 1, maximum: 8 },
      groups
    });
  });

  it('are asked for with it, and like is compared with like', () => {
    const input = inputFrom(grouped);
    const same = readGrouped(input, groupsFrom(grouped), trans);
    expect(same.ok && sameScaling(same.value, grouped)).toBe(true);
    for (const [wanted, gpu] of [
      ['4', '2'],
      ['1', '3']
    ]) {
      const other = readGrouped({ ...input, wanted }, { gpu, big: '0' }, trans);
      expect(other).toEqual({
        ok: true,
        value: { workers: Number(wanted), groups: { gpu: Number(gpu), big: 0 } }
      });
      expect(other.ok && sameScaling(other.value, grouped)).toBe(false);
    }
  });

  it('say which of them is wrong', () => {
    const wrong = { gpu: '2', big: 'all' };
    expect(readGrouped(inputFrom(grouped), wrong, trans)).toEqual({
      ok: false,
      error: '“all” is not a number.',
      group: 'big'
    });
    expect(readGrouped({ ...inputFrom(grouped), wanted: '' }, wrong, trans)).toMatchObject({
      group: null
    });
  });
});
