/** What the shades of memory mean, the same in all plots; as in Dask, fainter is less certain. */
import { mixColours, type Rgb } from '../plot/colours';
import type { ITheme } from '../plot/theme';

const blue = (theme: ITheme): Rgb => (theme.dark ? [92, 153, 230] : [38, 96, 186]);

export const MEMORY = {
  managed: blue,
  unmanaged: (theme: ITheme): Rgb => mixColours(theme.background, blue(theme), 0.6),
  recent: (theme: ITheme): Rgb => mixColours(theme.background, blue(theme), 0.32),
  spilled: (theme: ITheme): Rgb => (theme.dark ? [150, 150, 150] : [120, 120, 120])
};

/** Shares of a worker's limit at which Dask by default spills, spills more, pauses and ends it. */
export const THRESHOLDS = [0.6, 0.7, 0.8, 0.95] as const;

/**
 * How full a worker is, as a colour, which changes at each of Dask's marks: calm until it spills, a
 * warning until it pauses.
 */
export function fullness(share: number, theme: ITheme): Rgb {
  if (Number.isNaN(share)) {
    return theme.background;
  }
  if (share < THRESHOLDS[0]) {
    const level = Math.min(1, Math.max(0, share / THRESHOLDS[0]));
    return mixColours(theme.background, blue(theme), 0.12 + 0.78 * level);
  }
  if (share < THRESHOLDS[1]) {
    return mixColours(theme.background, theme.warning, 0.55);
  }
  if (share < THRESHOLDS[2]) {
    return theme.warning;
  }
  return share < THRESHOLDS[3]
    ? theme.error
    : mixColours(theme.error, theme.dark ? [255, 255, 255] : [0, 0, 0], 0.45);
}
