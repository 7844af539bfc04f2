/** What is typed into the form, and what it amounts to. */
import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import type { IProfile } from '../../../src/api/contract';
import { DEFAULT_CHOICE } from '../../../src/clusters/settings';
import {
  choiceFrom,
  draftFrom,
  fitWorkers,
  scalingError,
  withProfiles
} from '../../../src/panel/draft';

const trans = nullTranslator.load('dasklab');
const BIG = { ...DEFAULT_CHOICE, profile: 'big', workers: { minimum: 1, maximum: 8 } };
const SAVED: IProfile = {
  name: 'big',
  deployment: 'local',
  workers: { minimum: 1, maximum: 8 },
  environment: null,
  options: {},
  path: null,
  editable: true,
  problem: null
};

describe('a draft', () => {
  it.each([
    DEFAULT_CHOICE,
    { ...DEFAULT_CHOICE, workers: 0 },
    { ...DEFAULT_CHOICE, workers: 3, environment: 'geo', options: { a: [1] } },
    BIG
  ])('amounts to what it started from: %j', choice => {
    expect(choiceFrom(draftFrom(choice), trans)).toEqual(choice);
  });

  it('is no profile any more once it says something else, and again when it says the same', () => {
    const changed = { ...draftFrom(BIG), options: { local: { a: 1 } } };
    expect(choiceFrom(changed, trans)?.profile).toBeNull();
    expect(choiceFrom({ ...changed, options: {} }, trans)?.profile).toBe('big');
  });

  it('says what is wrong with its workers and amounts to nothing meanwhile', () => {
    const draft = draftFrom(BIG);
    const wrong = { ...draft, scaling: { ...draft.scaling, minimum: '9' } };
    expect(scalingError(wrong, trans)).toContain('above the greatest');
    expect(choiceFrom(wrong, trans)).toBeNull();
  });

  it('asks for no more of its workers than the deployment takes, and forgets nothing', () => {
    const takes = { number: true, adaptive: false, why: 'Fixed.' };
    const range = draftFrom(BIG);
    expect(choiceFrom(fitWorkers(range, takes), trans)?.workers).toBeNull();
    const four = { ...range, scaling: { ...range.scaling, adaptive: false, wanted: '4' } };
    expect(choiceFrom(fitWorkers(four, takes), trans)?.workers).toBe(4);
    const wrong = { ...four, scaling: { ...four.scaling, wanted: 'x' } };
    const none = { ...takes, number: false };
    expect(choiceFrom(fitWorkers(wrong, none), trans)?.workers).toBeNull();
    expect(fitWorkers(range, { ...takes, adaptive: true })).toBe(range);
  });

  it.each([
    ['4', false],
    ['5', true]
  ])('keeps to what an administrator allows: %s of 4 at the most', (number, wrong) => {
    const sentence = wrong ? '5 workers are more than the 4 allowed here.' : null;
    for (const adaptive of [true, false]) {
      const scaling = { adaptive, wanted: number, minimum: '1', maximum: number };
      const draft = { ...draftFrom(DEFAULT_CHOICE), scaling };
      expect(scalingError(draft, trans, 4)).toBe(sentence);
      expect(choiceFrom(draft, trans, 4) === null).toBe(wrong);
      expect(scalingError(draft, trans)).toBeNull();
    }
  });

  it('keeps the options of each deployment', () => {
    const draft = { ...draftFrom(DEFAULT_CHOICE), options: { local: { a: 1 }, slurm: { q: 'x' } } };
    expect(choiceFrom({ ...draft, deployment: 'slurm' }, trans)?.options).toEqual({ q: 'x' });
    expect(choiceFrom(draft, trans)?.options).toEqual({ a: 1 });
  });
});

describe('withProfiles', () => {
  it('takes a profile up as it is by now', () => {
    const draft = withProfiles(draftFrom(BIG, 'mine'), [{ ...SAVED, workers: 2 }], trans);
    expect(choiceFrom(draft, trans)).toMatchObject({ profile: 'big', workers: 2 });
    expect(draft.name).toBe('mine');
  });

  it('keeps what was typed meanwhile', () => {
    const typed = { ...draftFrom(BIG), options: { local: { a: 1 } } };
    const draft = withProfiles(typed, [{ ...SAVED, workers: 2 }], trans);
    expect(choiceFrom(draft, trans)).toMatchObject({ profile: null, options: { a: 1 } });
  });

  it('keeps the settings of one that was removed', () => {
    const draft = withProfiles(draftFrom(BIG), [], trans);
    expect(choiceFrom(draft, trans)).toEqual({ ...BIG, profile: null });
  });
});
