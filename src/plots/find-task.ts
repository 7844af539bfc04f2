/** The task under the pointer. */
import type { Filter } from '../plot/filter';
import { ACTION } from '../telemetry/schema';
import { TASK } from '../telemetry/rows';
import type { TelemetryStore } from '../telemetry/store';
import type { ITask } from './statistics';

/**
 * The task of a thread at a moment, or the nearest one: bars may be narrower than a pixel.
 *
 * @param nearest - Seconds by which a task may be off.
 */
export function findTask(
  store: TelemetryStore,
  lane: number,
  time: number,
  nearest: number,
  filter: Filter
): ITask | null {
  let found: ITask | null = null;
  let best = Infinity;
  for (const block of store.tasks.groups[lane]?.blocks ?? []) {
    if (block.end < time - nearest || block.time[0] > time + nearest) {
      continue;
    }
    const { columns } = block;
    for (let row = block.from(time - nearest); row < block.rows; row++) {
      const start = block.time[row];
      if (start > time + nearest) {
        break;
      }
      const duration = columns[TASK.duration][row];
      const kind = columns[TASK.kind][row];
      const what = columns[TASK.what][row];
      const off = Math.max(0, start - time, time - start - duration);
      // Where a transfer for the next task overlaps with a computation, that is meant.
      const rank = off + ((what & ACTION) === 0 ? 0 : nearest * 1e-3);
      if (off <= nearest && rank < best && !filter.hides(store.kinds[kind].prefix)) {
        best = rank;
        found = {
          lane,
          start,
          duration,
          nbytes: columns[TASK.nbytes][row],
          kind,
          what,
          row: columns[TASK.row][row]
        };
      }
    }
  }
  return found;
}
