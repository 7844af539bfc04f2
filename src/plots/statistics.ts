/** What the tasks of a range of time come to. */
import { ACTION, ERRED, RETRIED } from '../telemetry/schema';
import { sampleSeries } from '../plot/sampling';
import { CLUSTER, TASK } from '../telemetry/rows';
import type { TelemetryStore } from '../telemetry/store';

export interface IStatistics {
  /** Tasks that computed within the range, whole or in part. */
  tasks: number;
  erred: number;
  retried: number;
  /** Seconds of threads, of what lies within the range. */
  compute: number;
  transfer: number;
  disk: number;
  other: number;
  /** Seconds of the threads that were there, and those of them that nothing at all was done in. */
  threads: number;
  idle: number;
  /** Bytes of the results. */
  nbytes: number;
}

/** A task as it is told of: one row of the store. */
export interface ITask {
  lane: number;
  start: number;
  duration: number;
  nbytes: number;
  kind: number;
  what: number;
  row: number;
}

/**
 * Call for each row in a range, oldest first within a thread. The object is the same at each call.
 */
export function eachTask(
  store: TelemetryStore,
  from: number,
  to: number,
  call: (task: ITask) => void
): void {
  const task: ITask = { lane: 0, start: 0, duration: 0, nbytes: 0, kind: 0, what: 0, row: 0 };
  const { groups } = store.tasks;
  for (let lane = 0; lane < groups.length; lane++) {
    for (const block of groups[lane].blocks) {
      if (block.end <= from || block.time[0] >= to) {
        continue;
      }
      const { columns } = block;
      for (let row = block.from(from); row < block.rows && block.time[row] < to; row++) {
        const start = block.time[row];
        const duration = columns[TASK.duration][row];
        if (start + duration > from || start >= from) {
          task.lane = lane;
          task.start = start;
          task.duration = duration;
          task.nbytes = columns[TASK.nbytes][row];
          task.kind = columns[TASK.kind][row];
          task.what = columns[TASK.what][row];
          task.row = columns[TASK.row][row];
          call(task);
        }
      }
    }
  }
}

/** @param hides - Whether a prefix is left out. */
export function statistics(
  store: TelemetryStore,
  from: number,
  to: number,
  hides: (prefix: string) => boolean = () => false
): IStatistics {
  const sum: IStatistics = {
    tasks: 0,
    erred: 0,
    retried: 0,
    compute: 0,
    transfer: 0,
    disk: 0,
    other: 0,
    threads: 0,
    idle: 0,
    nbytes: 0
  };
  const hidden = store.kinds.map(kind => hides(kind.prefix));
  const lanes = new Set<number>();
  let busy = 0;
  eachTask(store, from, to, ({ duration, kind, lane, nbytes, start, what }) => {
    const within = Math.max(0, Math.min(to, start + duration) - Math.max(from, start));
    busy += within;
    lanes.add(lane);
    if (hidden[kind]) {
      return; // not counted, but no idleness either
    }
    const action = what & ACTION;
    if (action === 0) {
      sum.tasks += 1;
      sum.compute += within;
      sum.nbytes += nbytes;
      sum.erred += what & ERRED ? 1 : 0;
      sum.retried += what & RETRIED ? 1 : 0;
    } else if (action === 1) {
      sum.transfer += within;
    } else if (action === 2 || action === 3) {
      sum.disk += within;
    } else {
      sum.other += within;
    }
  });
  sum.threads = (threadsIn(store, from, to) || lanes.size) * (to - from);
  sum.idle = Math.max(0, sum.threads - busy);
  return sum;
}

/** How many threads there were on an average; 0 where nobody has said. */
function threadsIn(store: TelemetryStore, from: number, to: number): number {
  const bins = new Float64Array(256);
  sampleSeries(store.cluster.groups[0], CLUSTER.threads, from, to, bins);
  const known = bins.filter(each => each >= 0);
  return known.reduce((sum, each) => sum + each, 0) / known.length || 0;
}
