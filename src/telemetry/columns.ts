/**
 * Rows in typed arrays, by group (tasks by thread, samples by worker) and, within a group, in the
 * order of their start.
 *
 * A group is a chain of blocks. A block never moves nor grows, so that appending copies nothing
 * and dropping the oldest rows is letting go of whole blocks; it is small where a group begins and
 * larger as it goes on, so that a thousand threads with ten tasks each take no more than they need.
 */
import { BYTES, columnIn, type Column, type ColumnType } from './schema';

/** Rows of the first block of a group, and of its largest. */
const SMALLEST = 32;
const LARGEST = 512;

/** One column of the table: the first is the time by which rows are ordered. */
export type Types = ReadonlyArray<ColumnType>;

export class Block {
  constructor(types: Types, capacity: number) {
    // One piece of memory for all columns: a thousand threads make thousands of blocks.
    const sizes = types.map(type => Math.ceil((capacity * BYTES[type]) / 8) * 8);
    const buffer = new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0));
    let offset = 0;
    this.columns = types.map((type, index) => {
      const column = columnIn(type, buffer, offset, capacity);
      offset += sizes[index];
      return column;
    });
    this.time = this.columns[0];
    this.capacity = capacity;
  }

  readonly columns: ReadonlyArray<Column>;
  /** The first column. */
  readonly time: Column;
  readonly capacity: number;
  rows = 0;
  /** The longest extent of a row from its time on: what begins earlier than that has ended. */
  longest = 0;
  /** Where the last of its rows ends. */
  end = -Infinity;

  /** The first row at which something may still be seen after a time. */
  from(time: number): number {
    return lowerBound(this.time, this.rows, time - this.longest);
  }
}

/** The rows of one thread or worker. */
export class Series {
  readonly blocks: Block[] = [];
  /** When each block begins and ends, side by side: painting asks thousands of blocks for it. */
  readonly begins: number[] = [];
  readonly ends: number[] = [];

  get rows(): number {
    let sum = 0;
    for (const block of this.blocks) {
      sum += block.rows;
    }
    return sum;
  }

  /** The last block and its last row, which are what is known newest; null without rows. */
  get last(): Block | null {
    return this.blocks.at(-1) ?? null;
  }
}

export class Grouped {
  /**
   * @param types - The columns; the first one is the time.
   * @param extent - Which column says how long a row lasts, null if rows are moments.
   * @param cap - Rows that are kept at the most.
   */
  constructor(types: Types, extent: number | null, cap: number) {
    this._types = types;
    this._extent = extent;
    this._cap = cap;
  }

  readonly groups: Series[] = [];

  /** Rows that are there. */
  get rows(): number {
    return this._rows;
  }

  /** Rows that were there and had to go. */
  get dropped(): number {
    return this._dropped;
  }

  /** Bytes that the columns take. */
  get bytes(): number {
    let sum = 0;
    for (const { blocks } of this.groups) {
      for (const { columns } of blocks) {
        for (const column of columns) {
          sum += column.byteLength;
        }
      }
    }
    return sum;
  }

  /**
   * Add a row where it belongs by its time.
   *
   * @param group - Its group, any number from 0.
   * @param values - One number a column; the array may be used again.
   */
  append(group: number, values: ArrayLike<number>): void {
    while (this.groups.length <= group) {
      this.groups.push(new Series());
    }
    const series = this.groups[group];
    const { blocks } = series;
    let index = blocks.length - 1;
    let block = blocks[index];
    if (block === undefined || block.rows === block.capacity) {
      const capacity = block === undefined ? SMALLEST : Math.min(LARGEST, block.capacity * 2);
      const next = new Block(this._types, capacity);
      if (block !== undefined && values[0] < block.time[block.rows - 1]) {
        // It belongs into the full block: the last row of that one moves on in its place.
        this._move(block, next);
        note(series, index + 1, next);
      } else {
        block = next;
        index += 1;
      }
      blocks.push(next);
    }
    this._insert(block, values);
    note(series, index, block);
    this._rows += 1;
    if (this._rows > this._cap) {
      this._dropOldest();
    }
  }

  /** An empty table of the same kind. */
  empty(): Grouped {
    return new Grouped(this._types, this._extent, this._cap);
  }

  /** Take over the rows of another table, which are older as a rule; each finds its place. */
  precede(older: Grouped): void {
    const values = new Float64Array(this._types.length);
    this.groups.forEach((series, group) => {
      for (const { columns, rows } of series.blocks) {
        for (let row = 0; row < rows; row++) {
          columns.forEach((column, index) => (values[index] = column[row]));
          older.append(group, values);
        }
      }
    });
    this.groups.splice(0, Infinity, ...older.groups);
    this._rows = older._rows;
    this._dropped += older._dropped;
  }

  clear(): void {
    this.groups.length = 0;
    this._rows = 0;
    this._dropped = 0;
  }

  private _insert(block: Block, values: ArrayLike<number>): void {
    const { columns, time } = block;
    const start = values[0];
    // Rows come nearly in order: a look at the last ones finds the place.
    let at = block.rows;
    while (at > 0 && time[at - 1] > start) {
      at -= 1;
    }
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      if (at < block.rows) {
        column.copyWithin(at + 1, at, block.rows);
      }
      column[at] = values[index];
    }
    block.rows += 1;
    this._measure(block, at);
  }

  private _move(from: Block, to: Block): void {
    from.rows -= 1;
    for (let index = 0; index < from.columns.length; index++) {
      to.columns[index][0] = from.columns[index][from.rows];
    }
    to.rows = 1;
    this._measure(to, 0);
  }

  private _measure(block: Block, row: number): void {
    const extent = this._extent === null ? 0 : block.columns[this._extent][row];
    block.longest = Math.max(block.longest, extent);
    block.end = Math.max(block.end, block.time[row] + extent);
  }

  /** Let go of the block that ended first, of whatever group. */
  private _dropOldest(): void {
    let oldest: Series | null = null;
    let end = Infinity;
    for (const series of this.groups) {
      const first = series.blocks[0];
      if (first !== undefined && first.end < end) {
        end = first.end;
        oldest = series;
      }
    }
    const gone = oldest?.blocks.shift()?.rows ?? 0;
    oldest?.begins.shift();
    oldest?.ends.shift();
    this._rows -= gone;
    this._dropped += gone;
  }

  private readonly _types: Types;
  private readonly _extent: number | null;
  private readonly _cap: number;
  private _rows = 0;
  private _dropped = 0;
}

function note(series: Series, index: number, block: Block): void {
  series.begins[index] = block.time[0];
  series.ends[index] = block.end;
}

/** The first of `rows` values, which ascend, that is not less than `value`. */
export function lowerBound(values: ArrayLike<number>, rows: number, value: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
