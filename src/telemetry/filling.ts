/** From the rows of a frame, as they travel, to the rows of a table, as plots read them. */
import type { Grouped } from './columns';
import type { IRows } from './decode';
import { TASK } from './rows';

/** Rows that are older than those of a table, as long as not all of them are here. */
export interface IOlder {
  readonly rows: Grouped;
  /** The number of the next of them, and of the first row of the table. */
  next: number;
  readonly end: number;
}

/**
 * Add rows from the one with that index on.
 *
 * @param seen - Told of each, when it begins and when it ends.
 */
export type AddRows = (
  table: Grouped,
  rows: IRows,
  from: number,
  seen: (begin: number, end: number) => void
) => void;

/** Rows that cannot be, such as of a worker with a broken clock, are left out. */
export const addTasks: AddRows = (table, rows, from, seen) => {
  const [start, duration, nbytes, lane, kind, what] = rows.columns;
  const values = new Float64Array(6);
  for (let row = from; row < rows.rows; row++) {
    const begin = rows.base + start[row];
    const lasts = duration[row];
    if (!(begin > 0 && lasts >= 0 && lasts < Infinity)) {
      continue;
    }
    values[TASK.start] = begin;
    values[TASK.duration] = lasts;
    values[TASK.nbytes] = nbytes[row] || 0;
    values[TASK.kind] = kind[row];
    values[TASK.what] = what[row];
    values[TASK.row] = rows.cursor + row;
    table.append(lane[row], values);
    seen(begin, begin + lasts);
  }
};

/** Rows that are moments, by a column that is left out; null for a table of one group. */
export function addMoments(by: number | null): AddRows {
  return (table, rows, from, seen) => {
    const kept = rows.columns.filter((_, index) => index !== by);
    const values = new Float64Array(kept.length);
    for (let row = from; row < rows.rows; row++) {
      for (let index = 0; index < kept.length; index++) {
        values[index] = kept[index][row];
      }
      if (values[0] > 0) {
        table.append(by === null ? 0 : rows.columns[by][row], values);
        seen(values[0], values[0]);
      }
    }
  };
}
