import { describe, expect, it } from 'vitest';
import { formatClock, formatSeconds, formatValue } from '../../../src/plot/format';
import {
  niceHigh,
  niceStep,
  Scale,
  ticks,
  timeStep,
  valueStep,
  type Unit
} from '../../../src/plot/scale';

describe('a scale', () => {
  it('goes there and back', () => {
    const scale = new Scale().set(10, 20, 100, 300);
    expect(scale.at(15)).toBe(200);
    expect(scale.invert(200)).toBe(15);
    expect(new Scale().set(5, 5, 0, 10).at(5)).toBe(0);
  });

  it('has round steps', () => {
    expect([0.3, 1, 1.1, 3, 7, 0].map(size => niceStep(size))).toEqual([0.5, 1, 2, 5, 10, 1]);
    expect([0.0004, 0.7, 1.5, 40, 400, 4000, 90_000].map(timeStep)).toEqual([
      0.0005, 1, 2, 60, 600, 7200, 172_800
    ]);
    expect(valueStep(300 * 2 ** 20, 'bytes')).toBe(512 * 2 ** 20);
    expect(valueStep(0.2, 'count')).toBe(1);
    expect(valueStep(45, 'seconds')).toBe(60);
  });

  it.each<[number, Unit]>([
    [0, 'count'],
    [7, 'count'],
    [123_456, 'count'],
    [3.3 * 2 ** 30, 'bytes'],
    [0.02, 'seconds'],
    [250, 'seconds'],
    [12.5, 'cores']
  ])('ends above %d %s, at a step', (high, unit) => {
    const end = niceHigh(high, unit);
    const step = valueStep((Math.max(high * 1.04, 1e-3) || 1) / 8, unit);
    expect(end).toBeGreaterThan(high);
    expect(end).toBeLessThanOrEqual(Math.max(high * 2.1, unit === 'count' ? 4 : 1e-3));
    expect(Math.abs(end / step - Math.round(end / step))).toBeLessThan(1e-6);
  });

  it('has its ticks within the range, and never too many', () => {
    const out: number[] = [];
    expect(ticks(0.95, 3.05, 0.5, out)).toEqual([1, 1.5, 2, 2.5, 3]);
    expect(ticks(0, 10, 4, out, 1)).toEqual([1, 5, 9]);
    expect(ticks(0, 1e9, 1e-3, out).length).toBeLessThanOrEqual(200);
    expect(ticks(NaN, NaN, 1, out)).toEqual([]);
  });
});

describe('numbers are written', () => {
  it.each([
    [0, '0 s'],
    [0.000_012, '12 µs'],
    [0.0123, '12.3 ms'],
    [0.9999, '1 s'],
    [4.567, '4.57 s'],
    [200, '3 min 20 s'],
    [300, '5 min'],
    [7_260, '2 h 1 min'],
    [200_000, '2 d 7 h']
  ])('%d seconds as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('in the unit of their axis', () => {
    expect(formatValue(1536, 'bytes')).toBe('1.5 KiB');
    expect(formatValue(1536, 'rate')).toBe('1.5 KiB/s');
    expect(formatValue(0.256, 'percent')).toBe('25.6 %');
    expect(formatValue(NaN, 'cores')).toBe('–');
  });

  it('as times of day as fine as they must be', () => {
    const time = new Date(2026, 4, 3, 14, 5, 6).getTime() / 1000;
    expect(formatClock(time, 3600)).toBe('14:05');
    expect(formatClock(time, 1)).toBe('14:05:06');
    expect(formatClock(time + 0.25, 0.05)).toBe('14:05:06.25');
    expect(formatClock(time - 1e-7, 1)).toBe('14:05:06');
  });
});
