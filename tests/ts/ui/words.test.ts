import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { originText, workersText, workersTitle } from '../../../src/ui/words';
import { cluster } from '../builders';

const trans = nullTranslator.load('dasklab');

describe('where a cluster comes from', () => {
  it.each([
    [{}, 'local · Python 3 (ipykernel)'],
    [{ deployment: 'slurm', profile: 'big' }, 'big (slurm) · Python 3 (ipykernel)'],
    [{ origin: 'kernel', environment: { title: '' } }, 'from a notebook · python3'],
    [
      { origin: 'kernel', kind: 'LocalCluster' },
      'LocalCluster · from a notebook · Python 3 (ipykernel)'
    ]
  ])('%j', (changes, text) => {
    expect(originText(cluster(changes), trans)).toBe(text);
  });
});

describe('workers', () => {
  it.each([
    [{ wanted: 3, running: 3 }, '3 of 3'],
    [{ wanted: 3, running: 1, groups: { gpu: 2, big: 0 } }, '1 of 3 (2 gpu)'],
    [
      { wanted: 10, running: 9, minimum: 1, maximum: 8, groups: { gpu: 2, big: 1 } },
      '9 of 4–11 (2 gpu, 1 big)'
    ]
  ])('%j', (workers, text) => {
    expect(workersText(cluster({ workers }).workers, trans)).toBe(text);
  });

  it('are told of groups in the tooltip as well', () => {
    const { workers } = cluster({ workers: { wanted: 3, groups: { gpu: 1 } } });
    expect(workersTitle(workers, trans)).toContain('of worker groups: 1 gpu');
  });
});
