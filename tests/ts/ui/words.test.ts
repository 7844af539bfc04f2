import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import { originText } from '../../../src/ui/words';
import { cluster } from '../builders';

const trans = nullTranslator.load('dasklab');

describe('where a cluster comes from', () => {
  it.each([
    [{}, 'local · Python 3 (ipykernel)'],
    [{ deployment: 'slurm', profile: 'big' }, 'big (slurm) · Python 3 (ipykernel)'],
    [{ origin: 'kernel', environment: { title: '' } }, 'from a notebook · python3']
  ])('%j', (changes, text) => {
    expect(originText(cluster(changes), trans)).toBe(text);
  });
});
