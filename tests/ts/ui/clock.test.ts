import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clock } from '../../../src/ui/clock';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Clock', () => {
  it('goes by the server’s clock', () => {
    expect(new Clock(() => 5_000).now()).toBe(1_005_000);
  });

  it('runs one timer, and only while somebody looks', () => {
    const clock = new Clock(() => 0);
    let ticks = 0;
    const stops = [1, 2, 3].map(() => clock.subscribe(() => (ticks += 1)));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(2_000);
    expect(ticks).toBe(6);
    stops.forEach(stop => stop());
    expect(vi.getTimerCount()).toBe(0);
  });
});
