import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import type { ILease } from '../../../src/api/contract';
import { leaseCause, secondsLeft, timeLeft } from '../../../src/clusters/lease';

const trans = nullTranslator.load('dasklab');

const LEASE: ILease = {
  pinned: false,
  idle: 3600,
  noClient: null,
  maxAge: null,
  deadline: 1000,
  cause: 'idle'
};

describe('timeLeft', () => {
  it.each([
    [0.4, '1 s'],
    [119, '119 s'],
    [120, '2 min'],
    [3_599, '59 min'],
    [7_199, '119 min'],
    [7_200, '2 h'],
    [172_799, '47 h'],
    [604_800, '7 d']
  ])('%d seconds are %s', (seconds, text) => {
    expect(timeLeft(seconds, trans)).toBe(text);
  });
});

describe('secondsLeft', () => {
  it('counts down to the deadline', () => {
    expect(secondsLeft(LEASE, 940_000)).toBe(60);
    expect(secondsLeft(LEASE, 1_010_000)).toBe(-10);
  });

  it('is nothing when pinned and while nothing counts', () => {
    expect(secondsLeft({ ...LEASE, pinned: true }, 0)).toBeNull();
    expect(secondsLeft({ ...LEASE, deadline: null }, 0)).toBeNull();
  });
});

describe('leaseCause', () => {
  it('has a sentence for every cause', () => {
    const causes = ['idle', 'no-client', 'max-age', null, 'else'];
    expect(new Set(causes.map(cause => leaseCause(cause, trans))).size).toBe(4);
  });
});
