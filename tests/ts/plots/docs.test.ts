import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PLOTS } from '../../../src/plots/list';
import { PLOT_NAMES } from '../../../src/plots/names';

it('every plot that is offered is there, and shown in the docs', () => {
  expect(PLOTS.map(plot => plot.name).sort()).toEqual([...PLOT_NAMES].sort());
  const page = readFileSync('docs/plots.md', 'utf8');
  for (const name of PLOT_NAMES) {
    for (const picture of [`plots/${name}-light.png`, `plots/${name}-dark.png`]) {
      expect(page).toContain(picture);
      expect(existsSync(`docs/${picture}`), picture).toBe(true);
    }
  }
});
