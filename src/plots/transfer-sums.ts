/** What was moved between workers in a range of time, by pair. */
import { TRANSFER } from '../telemetry/rows';
import type { TelemetryStore } from '../telemetry/store';

export interface IPair {
  /** Indexes of workers. */
  readonly sender: number;
  readonly receiver: number;
  count: number;
  nbytes: number;
  /** Seconds of all of them together. */
  busy: number;
}

/** One row of transfers; the object is the same at each call. */
interface ITransfer {
  sender: number;
  receiver: number;
  /** When the first of them began, and the last one had come. */
  begin: number;
  end: number;
  count: number;
  nbytes: number;
  busy: number;
}

/** Call for each row that reaches into a range. */
export function eachTransfer(
  store: TelemetryStore,
  from: number,
  to: number,
  call: (row: ITransfer) => void
): void {
  const row: ITransfer = {
    sender: 0,
    receiver: 0,
    begin: 0,
    end: 0,
    count: 0,
    nbytes: 0,
    busy: 0
  };
  store.transfers.groups.forEach(({ blocks }, receiver) => {
    row.receiver = receiver;
    for (const { columns, rows, time } of blocks) {
      for (let at = 0; at < rows; at++) {
        row.end = time[at];
        row.begin = row.end - columns[TRANSFER.span][at];
        if (row.end > from && row.begin < to) {
          row.sender = columns[TRANSFER.sender][at];
          row.count = columns[TRANSFER.count][at];
          row.nbytes = columns[TRANSFER.nbytes][at];
          row.busy = columns[TRANSFER.busy][at];
          call(row);
        }
      }
    }
  });
}

/** The pairs of workers between which something was moved, the one with most bytes first. */
export function pairsOf(store: TelemetryStore, from: number, to: number): IPair[] {
  const pairs = new Map<number, IPair>();
  eachTransfer(store, from, to, ({ busy, count, nbytes, receiver, sender }) => {
    const key = sender * 65_536 + receiver;
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = { sender, receiver, count: 0, nbytes: 0, busy: 0 };
      pairs.set(key, pair);
    }
    pair.count += count;
    pair.nbytes += nbytes;
    pair.busy += busy;
  });
  return [...pairs.values()].sort((a, b) => b.nbytes - a.nbytes);
}

/** Which part of what is moved over time a sampler gives: bytes a second, or transfers at once. */
export type Flow = 'rate' | 'busy';

/** What is moved at each moment: the bytes of a row are taken to come evenly in its time. */
export function sampleFlow(store: TelemetryStore, flow: Flow) {
  return (from: number, to: number, bins: Float64Array): void => {
    bins.fill(store.transfers.rows > 0 ? 0 : NaN);
    const width = (to - from) / bins.length;
    eachTransfer(store, from, to, ({ begin, busy, end, nbytes }) => {
      // What took no time at all took the time of a pixel.
      const start = Math.min(begin, end - width);
      const level = (flow === 'rate' ? nbytes : busy) / (end - start);
      const last = Math.min(bins.length - 1, Math.floor((end - from) / width));
      for (let bin = Math.max(0, Math.floor((start - from) / width)); bin <= last; bin++) {
        const left = Math.max(start, from + bin * width);
        const right = Math.min(end, from + (bin + 1) * width);
        bins[bin] += (level * Math.max(0, right - left)) / width;
      }
    });
    // What has not been told yet is not nothing.
    for (let bin = bins.length - 1; bin >= 0 && from + bin * width > store.now; bin--) {
      bins[bin] = NaN;
    }
  };
}
