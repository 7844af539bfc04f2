import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeAxis } from '../../../src/plot/time-axis';

describe('the time axis', () => {
  let axis: TimeAxis;
  const shown = (): [number, number] => [axis.from, axis.to];

  beforeEach(() => {
    axis = new TimeAxis();
    axis.extend(1_000, 1_300);
  });

  it('follows the last minute, from the first row on', () => {
    expect(shown()).toEqual([1_240, 1_300]);
    axis.extend(1_000, 1_310);
    expect(shown()).toEqual([1_250, 1_310]);
    const young = new TimeAxis();
    young.extend(1_000, 1_020);
    expect([young.from, young.to]).toEqual([1_000, 1_020]);
  });

  it('stands still when paused, and catches up', () => {
    axis.pause();
    axis.extend(1_000, 1_400);
    expect(shown()).toEqual([1_240, 1_300]);
    axis.follow();
    expect(shown()).toEqual([1_340, 1_400]);
    axis.follow(true);
    axis.extend(1_000, 1_500);
    expect(shown()).toEqual([1_000, 1_500]);
  });

  it('zooms around a moment that stays where it is', () => {
    axis.pause();
    axis.zoom(0.5, 1_260);
    expect(shown()).toEqual([1_250, 1_280]);
    axis.pan(-0.5);
    expect(shown()).toEqual([1_235, 1_265]);
    expect(axis.following).toBe(false);
  });

  it('goes on following when it is zoomed while it follows', () => {
    axis.zoom(0.5);
    expect(axis.following).toBe(true);
    expect(shown()).toEqual([1_270, 1_300]);
  });

  it('never loses sight of what there is', () => {
    axis.show(9_000, 9_010);
    expect(axis.from).toBeLessThan(1_300);
    axis.show(-1e12, -1e12 + 1);
    expect(axis.to).toBeGreaterThan(1_000);
    axis.show(NaN, 5);
    expect(Number.isFinite(axis.from)).toBe(true);
    axis.show(1_200, 1_200);
    expect(axis.to).toBeGreaterThan(axis.from);
  });

  it('tells of windows to those who draw, of marks to those who mark', () => {
    const drawn = vi.fn();
    const marked = vi.fn();
    axis.changed.add(drawn);
    axis.marked.add(marked);
    axis.point(1_250);
    axis.point(1_250);
    axis.select({ from: 1_260, to: 1_250 });
    expect(marked).toHaveBeenCalledTimes(2);
    expect(drawn).not.toHaveBeenCalled();
    expect(axis.selection).toEqual({ from: 1_250, to: 1_260 });
    axis.pause();
    expect(drawn).toHaveBeenCalledOnce();
    axis.select({ from: 3, to: 3 });
    expect(axis.selection).toBeNull();
  });
});
