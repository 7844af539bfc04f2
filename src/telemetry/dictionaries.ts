/** The lists of names that columns point into: they only grow, and by what a frame says. */
import { FrameError, type IEntries } from './decode';

/** How long a dictionary is with the entries of a frame; refuses those that leave a gap. */
export function lengthWith<T>(known: ReadonlyArray<T>, entries: IEntries<T> | null): number {
  if (entries !== null && entries.from > known.length) {
    throw new FrameError('A frame goes on with a dictionary whose beginning is missing.');
  }
  return Math.max(known.length, entries ? entries.from + entries.items.length : 0);
}

/** Write the entries of a frame into a dictionary. */
export function extend<T>(known: T[], entries: IEntries<T> | null): void {
  entries?.items.forEach((item, index) => {
    known[entries.from + index] = item;
  });
}

/** Whether all values of a column point into a dictionary of that length. */
export function within(column: ArrayLike<number> | undefined, length: number): boolean {
  for (let row = 0; row < (column?.length ?? 0); row++) {
    if ((column?.[row] ?? 0) >= length) {
      return false;
    }
  }
  return true;
}
