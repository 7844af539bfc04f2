import { describe, expect, it } from 'vitest';
import { formatBytes, formatShare } from '../../../src/ui/units';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1536, '1.5 KiB'],
    [1.3 * 2 ** 30, '1.3 GiB'],
    [10.04 * 2 ** 30, '10 GiB'],
    [128 * 2 ** 30, '128 GiB'],
    [2 ** 60, '1,024 PiB']
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes, 'en')).toBe(text);
  });
});

describe('formatShare', () => {
  it('is in the unit of the limit', () => {
    expect(formatShare(1.3 * 2 ** 30, 8 * 2 ** 30, 'en')).toEqual(['1.3', '8 GiB']);
    expect(formatShare(300 * 2 ** 20, 8 * 2 ** 30, 'en')).toEqual(['0.29', '8 GiB']);
    expect(formatShare(0, 8 * 2 ** 30, 'en')).toEqual(['0', '8 GiB']);
  });
});
