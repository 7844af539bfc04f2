import { describe, expect, it } from 'vitest';
import type { ITheme } from '../../../src/plot/theme';
import { fullness, THRESHOLDS } from '../../../src/plots/memory-colours';

const THEMES: Record<string, ITheme> = Object.fromEntries(
  [false, true].map(dark => [
    dark ? 'dark' : 'light',
    {
      dark,
      font: '',
      background: dark ? [17, 17, 17] : [255, 255, 255],
      foreground: dark ? [255, 255, 255] : [0, 0, 0],
      muted: [128, 128, 128],
      grid: [128, 128, 128],
      accent: [33, 150, 243],
      warning: [245, 124, 0],
      error: [211, 47, 47],
      success: [56, 142, 60]
    }
  ])
);

describe.each(Object.entries(THEMES))('how full a worker is, in the %s theme', (_, theme) => {
  it('changes its colour at each of the marks of Dask, and nowhere else above the first', () => {
    const bands = [0.599, ...THRESHOLDS].map(share => fullness(share, theme).join());
    expect(new Set(bands).size).toBe(5);
    THRESHOLDS.slice(1).forEach((mark, band) => {
      expect(fullness(mark - 0.001, theme).join()).toBe(bands[band + 1]);
    });
    expect(fullness(5, theme).join()).toBe(bands[4]);
  });
});
