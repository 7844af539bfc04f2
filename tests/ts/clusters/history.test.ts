import { beforeEach, describe, expect, it } from 'vitest';
import { curve, History, SPAN, type ISample } from '../../../src/clusters/history';
import { cluster, EPOCH } from '../builders';

const cpu = (sample: ISample): number => sample.cpu;

let history: History;

beforeEach(() => {
  history = new History();
});

function add(seconds: number, cores: number): void {
  history.add(cluster({ updated: EPOCH + seconds, cpu: cores }));
}

describe('History', () => {
  it('keeps a sample per change and forgets what is out of the window, but for one', () => {
    [0, 10, 20, 10 + SPAN, 15 + SPAN].forEach(at => add(at, at));
    expect(history.get('c1').map(each => each.at - EPOCH)).toEqual([10, 20, 130, 135]);
  });

  it('replaces what is of the same moment and ignores what is older', () => {
    add(0, 1);
    add(0, 2);
    add(-1, 3);
    expect(history.get('c1').map(cpu)).toEqual([2]);
  });

  it('keeps no more than 60', () => {
    Array.from({ length: 500 }, (_, index) => add(index / 10, index));
    expect(history.get('c1')).toHaveLength(60);
    expect(history.get('c1').at(-1)?.cpu).toBe(499);
  });

  it('drops what a fetched list no longer has', () => {
    add(0, 1);
    history.replace([cluster({ id: 'other' })]);
    expect(history.get('c1')).toEqual([]);
    expect(history.get('other')).toHaveLength(1);
  });
});

describe('curve', () => {
  /** Closed outside the box. */
  const around = (steps: string, last: number): string =>
    `-2,18 ${steps} 102,${last} 102,-2 102,18`;

  it('goes in steps, with the newest at the right edge', () => {
    [
      [0, 0],
      [60, 4],
      [90, 4],
      [120, 2]
    ].forEach(([at, cores]) => add(at, cores));
    expect(curve(history.get('c1'), cpu, 4)).toBe(
      around('0,18 0,15.3 50,15.3 50,0.8 100,0.8 100,8', 8)
    );
  });

  it('begins at the edge with what held before the window, and stays in its box', () => {
    add(0, 9);
    add(10_000, 1);
    expect(curve(history.get('c1'), cpu, 4)).toBe(around('-2,18 -2,0.8 100,0.8 100,11.6', 11.6));
  });

  it('is level where there is nothing to measure against, and empty before anything changed', () => {
    expect(curve([], cpu, 4)).toBe('');
    add(0, 3);
    expect(curve(history.get('c1'), cpu, 0)).toBe('');
    add(60, 3);
    expect(curve(history.get('c1'), cpu, 0)).toBe(around('50,18 50,15.3', 15.3));
  });
});
