/** From samples at any moments to one value for each pixel of a time axis. */
import { lowerBound, type Block, type Grouped, type Series } from '../telemetry/columns';

/**
 * Seconds for which a sample holds where no newer one comes, at least and at the most. In between
 * it is by the pause before it: a sampler of many workers is at work less often.
 */
export const HOLD = 6;
export const LONGEST = 60;
const PAUSES = 2.5;

/** How long the sample in a row of a block holds. */
function holdOf(blocks: ReadonlyArray<Block>, index: number, row: number): number {
  const { time } = blocks[index];
  const before = row > 0 ? time[row - 1] : (blocks[index - 1]?.end ?? NaN);
  return Math.max(HOLD, Math.min(LONGEST, PAUSES * (time[row] - before) || 0));
}

/** Fills one value a bin of the range from `from` to `to`; NaN where nothing is known. */
export type Sampler = (from: number, to: number, bins: Float64Array) => void;

/**
 * One column of one series. Of several samples in a bin the highest counts, because a peak is what
 * one looks for; a bin without any has the one before.
 */
export function sampleSeries(
  series: Series | undefined,
  column: number,
  from: number,
  to: number,
  bins: Float64Array
): void {
  bins.fill(NaN);
  const width = (to - from) / bins.length;
  let ends = -Infinity;
  let value = NaN;
  let filled = -1;
  const blocks = series?.blocks ?? [];
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    if (block.end < from - LONGEST || block.time[0] >= to) {
      continue;
    }
    const values = block.columns[column];
    for (let row = lowerBound(block.time, block.rows, from - LONGEST); row < block.rows; row++) {
      const at = block.time[row];
      if (at >= to) {
        break;
      }
      const bin = Math.floor((at - from) / width);
      hold(bins, filled + 1, Math.min(bin, bins.length), from, width, ends, value);
      if (bin >= 0) {
        const old = bins[bin];
        bins[bin] = bin === filled && old > values[row] ? old : values[row];
        filled = bin;
      }
      ends = at + holdOf(blocks, index, row);
      value = values[row];
    }
  }
  hold(bins, filled + 1, bins.length, from, width, ends, value);
}

function hold(
  bins: Float64Array,
  first: number,
  last: number,
  from: number,
  width: number,
  ends: number,
  value: number
): void {
  const end = Math.min(last, Math.ceil((ends - from) / width));
  for (let bin = first; bin < end; bin++) {
    bins[bin] = value;
  }
}

/** A column of the only series of a table. */
export function sampleColumn(table: Grouped, column: number): Sampler {
  return (from, to, bins) => sampleSeries(table.groups[0], column, from, to, bins);
}

/**
 * A column of what workers say of their machines. Counters of network and disk are those of the
 * whole machine, told by each worker on it: the highest of a machine counts, and machines are added.
 *
 * @param machineOf - What a worker, by its number, calls the machine that it is on.
 */
export function sampleMachines(
  table: Grouped,
  column: number,
  machineOf: (worker: number) => string
): Sampler {
  return (from, to, bins) => {
    const machines = new Map<string, Float64Array>();
    const one = new Float64Array(bins.length);
    table.groups.forEach((series, worker) => {
      const machine = machineOf(worker);
      const most = machines.get(machine) ?? new Float64Array(bins.length).fill(NaN);
      machines.set(machine, most);
      sampleSeries(series, column, from, to, one);
      // A value that is known goes before NaN, which is not less than anything.
      one.forEach((value, bin) => {
        if (!(value <= most[bin]) && !Number.isNaN(value)) {
          most[bin] = value;
        }
      });
    });
    bins.fill(NaN);
    for (const most of machines.values()) {
      most.forEach((value, bin) => {
        if (!Number.isNaN(value)) {
          bins[bin] = Number.isNaN(bins[bin]) ? value : bins[bin] + value;
        }
      });
    }
  };
}

export type Merge = 'sum' | 'mean' | 'highest';

/** A column of all series of a table, merged; what is not known of one does not count. */
export function sampleAll(table: Grouped, column: number, merge: Merge): Sampler {
  let one = new Float64Array(0);
  let known = new Uint16Array(0);
  return (from, to, bins) => {
    if (one.length !== bins.length) {
      one = new Float64Array(bins.length);
      known = new Uint16Array(bins.length);
    }
    bins.fill(NaN);
    known.fill(0);
    for (const series of table.groups) {
      sampleSeries(series, column, from, to, one);
      for (let bin = 0; bin < bins.length; bin++) {
        const value = one[bin];
        if (!Number.isNaN(value)) {
          const old = bins[bin];
          bins[bin] =
            known[bin] === 0 ? value : merge === 'highest' ? Math.max(old, value) : old + value;
          known[bin] += 1;
        }
      }
    }
    if (merge === 'mean') {
      for (let bin = 0; bin < bins.length; bin++) {
        bins[bin] /= known[bin];
      }
    }
  };
}

/** The value of a series at a moment: its last sample until then, NaN if that is too old. */
export function valueAt(series: Series | undefined, column: number, time: number): number {
  const blocks = series?.blocks ?? [];
  for (let index = blocks.length - 1; index >= 0; index--) {
    const block = blocks[index];
    if (block.time[0] <= time) {
      const row = lowerBound(block.time, block.rows, time + 1e-6) - 1;
      return row >= 0 && block.time[row] >= time - holdOf(blocks, index, row)
        ? block.columns[column][row]
        : NaN;
    }
  }
  return NaN;
}
