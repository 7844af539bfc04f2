import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Attention } from '../../../src/telemetry/attention';
import { PageDouble } from './page';

const MINUTE = 60_000;

let page: PageDouble;
let attention: Attention;
let told: number;

beforeEach(() => {
  vi.useFakeTimers();
  page = new PageDouble();
  attention = new Attention(page.document);
  told = 0;
  attention.changed.add(() => (told += 1));
});

afterEach(() => {
  attention.dispose();
  expect(vi.getTimerCount()).toBe(0);
  page.press();
  vi.useRealTimers();
});

describe('Attention', () => {
  it('is there as long as the page is seen, where nobody is to be away', () => {
    vi.advanceTimersByTime(24 * 60 * MINUTE);
    expect(attention.present).toBe(true);
    page.hide(true);
    expect([attention.present, attention.resting, told]).toEqual([false, false, 1]);
    page.hide(false);
    expect([attention.present, attention.resting, told]).toEqual([true, false, 2]);
  });

  it('is away after a while without input, and back with the next one', () => {
    attention.patience = 10 * MINUTE;
    vi.advanceTimersByTime(9 * MINUTE);
    page.press();
    vi.advanceTimersByTime(9 * MINUTE);
    expect([attention.present, told]).toEqual([true, 0]);
    vi.advanceTimersByTime(MINUTE);
    expect([attention.present, attention.resting, told]).toEqual([false, true, 1]);
    page.press();
    expect([attention.present, attention.resting, told]).toEqual([true, false, 2]);
    vi.advanceTimersByTime(10 * MINUTE);
    expect([attention.present, told]).toEqual([false, 3]);
  });

  it('takes a pointer for input when it has moved, not when the page moves beneath it', () => {
    page.point(5, 5);
    attention.patience = 10 * MINUTE;
    vi.advanceTimersByTime(9 * MINUTE);
    page.point(5, 5);
    vi.advanceTimersByTime(MINUTE);
    expect(attention.present).toBe(false);
    page.point(5, 6);
    expect(attention.present).toBe(true);
  });

  it('waits from the moment in which the page is seen again', () => {
    attention.patience = 10 * MINUTE;
    page.hide(true);
    vi.advanceTimersByTime(60 * MINUTE);
    expect(attention.resting).toBe(false);
    page.hide(false);
    vi.advanceTimersByTime(9 * MINUTE);
    expect(attention.present).toBe(true);
    vi.advanceTimersByTime(MINUTE);
    expect(attention.present).toBe(false);
  });

  it('is back when nobody is to be away any more', () => {
    attention.patience = MINUTE;
    vi.advanceTimersByTime(MINUTE);
    expect(attention.present).toBe(false);
    attention.patience = null;
    expect([attention.present, told]).toEqual([true, 2]);
    vi.advanceTimersByTime(60 * MINUTE);
    expect(attention.present).toBe(true);
  });
});
