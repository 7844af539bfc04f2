/**
 * What the painters of rows share: what counts as seen, in which ink, and how colours lie over each
 * other.
 */
import { ACTION, ERRED } from '../telemetry/schema';
import { HIDDEN, type IInks } from './inks';

/**
 * A pixel that a bar touches where there was nothing in the one before is covered at least that
 * much: nothing vanishes altogether. Where work goes on, the covered area alone tells how much.
 */
export const FAINTEST = 0.15;

/** Pixels that a bar takes at least, so that one without any duration is seen. */
export const THINNEST = 1e-6;

/** Which bars are painted. */
export const ALL = 0;
export const COMPUTE = 1;
export const OTHERS = 2;
export type Which = typeof ALL | typeof COMPUTE | typeof OTHERS;

/** Where the line begins that is painted, and how wide it is. */
export interface ILine {
  pixels: Uint32Array;
  base: number;
  width: number;
  /** Epoch seconds at its ends. */
  from: number;
  to: number;
  which: Which;
}

/** The ink of a row, by its kind and what it was; {@link HIDDEN} if it is none of those painted. */
export function inkOf(kind: number, what: number, which: Which, inks: IInks): number {
  const ink = inks.ofKind[kind];
  // Most rows are computations that went well, and need no second look.
  const told = what & (ACTION | ERRED);
  if (ink === HIDDEN || (which !== ALL && (which === COMPUTE) !== ((told & ACTION) === 0))) {
    return HIDDEN;
  }
  return told === 0 ? ink : told >= ERRED ? inks.ofError : inks.ofAction[told];
}

/**
 * A pixel with colours over it that cover a part of it; they come multiplied with that part.
 *
 * @param first - Whether there is nothing in the pixel before.
 */
export function over(
  old: number,
  red: number,
  green: number,
  blue: number,
  cover: number,
  first: boolean
): number {
  if (cover > 0.999 && cover <= 1) {
    return 0xff000000 | ((blue + 0.5) << 16) | ((green + 0.5) << 8) | (red + 0.5);
  }
  const alpha = first && cover < FAINTEST ? FAINTEST : cover > 1 ? 1 : cover;
  const part = alpha / cover;
  const rest = 1 - alpha;
  return (
    0xff000000 |
    ((blue * part + ((old >> 16) & 255) * rest + 0.5) << 16) |
    ((green * part + ((old >> 8) & 255) * rest + 0.5) << 8) |
    (red * part + (old & 255) * rest + 0.5)
  );
}
