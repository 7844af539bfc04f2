import { describe, expect, it } from 'vitest';
import { HOLD, sampleAll, sampleMachines, sampleSeries, valueAt } from '../../../src/plot/sampling';
import { Grouped } from '../../../src/telemetry/columns';

function table(...groups: ReadonlyArray<ReadonlyArray<readonly [number, number]>>): Grouped {
  const found = new Grouped(['f64', 'f32'], null, 1e6);
  groups.forEach((rows, group) => rows.forEach(row => found.append(group, row)));
  return found;
}

function bins(count: number): Float64Array {
  return new Float64Array(count);
}

describe('samples by pixel', () => {
  it('hold until the next one, and not for ever', () => {
    const out = bins(20);
    sampleSeries(
      table([
        [2, 5],
        [4, 7]
      ]).groups[0],
      1,
      0,
      20,
      out
    );
    expect([...out.slice(0, 5)]).toEqual([NaN, NaN, 5, 5, 7]);
    expect(out[4 + HOLD - 1]).toBe(7);
    expect(out[4 + HOLD]).toBeNaN();
  });

  it('hold longer where the sampler pauses longer, as with very many workers', () => {
    const out = bins(60);
    const rows = Array.from({ length: 8 }, (_, index) => [index * 7, 1] as const);
    const [series] = table(rows).groups;
    sampleSeries(series, 1, 10, 70, out);
    expect([...out.slice(0, 49)]).not.toContain(NaN);
    expect(valueAt(series, 1, 48.9)).toBe(1);
    // One that has gone is gone after a while all the same.
    expect(out[49 - 10 + 18]).toBeNaN();
    expect(valueAt(series, 1, 49 + 18)).toBeNaN();
  });

  it('show the peak where several share a pixel, and what was before the window', () => {
    const out = bins(2);
    sampleSeries(
      table([
        [8, 3],
        [10.2, 1],
        [10.4, 9],
        [10.6, 2]
      ]).groups[0],
      1,
      10,
      12,
      out
    );
    expect([...out]).toEqual([9, 2]);
    sampleSeries(table([[9, 4]]).groups[0], 1, 10, 12, out);
    expect([...out]).toEqual([4, 4]);
    sampleSeries(undefined, 1, 10, 12, out);
    expect([...out]).toEqual([NaN, NaN]);
  });

  it('of all workers are added, averaged, or the highest', () => {
    const workers = table([[0, 2]], [[0, 6]], [[2, 1]]);
    const out = bins(4);
    sampleAll(workers, 1, 'sum')(0, 4, out);
    expect([...out]).toEqual([8, 8, 9, 9]);
    sampleAll(workers, 1, 'mean')(0, 4, out);
    expect([...out]).toEqual([4, 4, 3, 3]);
    sampleAll(workers, 1, 'highest')(0, 4, out);
    expect([...out]).toEqual([6, 6, 6, 6]);
  });

  it('of machines are told by each worker on them, and count once', () => {
    const workers = table([[0, 2]], [[0, 3]], [[2, 10]]);
    const out = bins(4);
    sampleMachines(workers, 1, worker => ['a', 'a', 'b'][worker])(0, 4, out);
    expect([...out]).toEqual([3, 3, 13, 13]);
    sampleMachines(workers, 1, () => 'a')(20, 24, out);
    expect([...out]).toEqual([NaN, NaN, NaN, NaN]);
  });

  it('at a moment are the last ones before it', () => {
    const [series] = table(Array.from({ length: 200 }, (_, time) => [time, time * 10])).groups;
    expect(valueAt(series, 1, 100.5)).toBe(1_000);
    expect(valueAt(series, 1, 100)).toBe(1_000);
    expect(valueAt(series, 1, -1)).toBeNaN();
    expect(valueAt(series, 1, 199 + HOLD + 1)).toBeNaN();
  });
});
