/**
 * Colours of task prefixes: as in Dask, a name's hash chooses from Dask's palette, so that a prefix
 * has the same colour in every plot, notebook and session.
 */
import { md5Head } from './md5';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Eighteen steps of viridis: the palette of `distributed.utils`. */
export const PALETTE: ReadonlyArray<string> = (
  '#440154 #471669 #472a79 #433c84 #3c4d8a #355d8c #2e6c8e #287a8e #23898d ' +
  '#1e978a #20a585 #2eb27c #45bf6f #64cb5d #88d547 #afdc2e #d7e219 #fde724'
).split(' ');

const known = new Map<string, string>();

/** Prefixes that are remembered; there may be any number of them. */
const REMEMBERED = 10_000;

/** The colour of a prefix, the same that Dask gives it. */
export function colourOf(prefix: string): string {
  let colour = known.get(prefix);
  if (colour === undefined) {
    if (known.size >= REMEMBERED) {
      known.clear();
    }
    colour = PALETTE[md5Head(prefix) % PALETTE.length];
    known.set(prefix, colour);
  }
  return colour;
}

/** Read `#rgb`, `#rrggbb` or `rgb(…)`; anything else is black. */
export function parseColour(text: string): Rgb {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const size = hex.length / 3;
    const part = (index: number): number => {
      const digits = hex.slice(index * size, (index + 1) * size);
      return parseInt(size === 1 ? digits + digits : digits, 16);
    };
    return [part(0), part(1), part(2)];
  }
  const parts = /^rgba?\(([^)]*)\)$/i.exec(text.trim())?.[1].split(/[\s,/]+/) ?? [];
  const [red, green, blue] = parts.map(Number);
  return [red || 0, green || 0, blue || 0];
}

const written = new Map<number, string>();

/** As a canvas takes it. Remembered, because each frame asks for the same few. */
export function cssColour(colour: Rgb, alpha: number = 1): string {
  const key = (packColour(colour) & 0xffffff) * 128 + Math.round(alpha * 100);
  let text = written.get(key);
  if (text === undefined) {
    if (written.size >= REMEMBERED) {
      written.clear();
    }
    text = `rgba(${colour[0]}, ${colour[1]}, ${colour[2]}, ${alpha})`;
    written.set(key, text);
  }
  return text;
}

/** As canvases store it. */
export function packColour(colour: Rgb): number {
  const [red, green, blue] = colour;
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export function mixColours(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2): number => Math.round(a[index] + (b[index] - a[index]) * share);
  return [part(0), part(1), part(2)];
}

/** Relative luminance, 0 to 1, as WCAG defines it. */
export function luminance(colour: Rgb): number {
  const part = (index: 0 | 1 | 2): number => {
    const value = colour[index] / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2);
}

export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** What a bar must stand out by from what is behind it. */
const SEEN = 1.6;

/**
 * A colour that can be seen before a background: the palette's ends, near black and bright yellow,
 * are drawn a little towards the middle where the theme would swallow them.
 */
export function visibleOn(colour: Rgb, background: Rgb): Rgb {
  const away: Rgb = luminance(background) < 0.18 ? [255, 255, 255] : [0, 0, 0];
  let share = 0;
  let shown = colour;
  while (contrast(shown, background) < SEEN && share < 0.9) {
    share += 0.05;
    shown = mixColours(colour, away, share);
  }
  return shown;
}
