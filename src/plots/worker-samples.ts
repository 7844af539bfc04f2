/** The workers as they were at the moment that is shown. */
import type { IStage } from '../plot/plot';
import { LONGEST, valueAt } from '../plot/sampling';
import type { IWorker } from '../telemetry/schema';
import { SAMPLE } from '../telemetry/rows';

export interface IWorkerNow {
  readonly index: number;
  readonly worker: IWorker;
  /** By column of the table. */
  value(column: number): number;
}

/** The moment that plots without a time axis show: now, or where it was paused. */
export function momentOf(stage: IStage): number {
  const { axis, store } = stage;
  return axis.following ? store.now : Math.min(axis.to, store.now);
}

/** Workers, by index, that there were in the time that is shown. */
export function workersShown({ axis, store }: IStage): number[] {
  return store.workers.groups.flatMap(({ begins, ends }, index) =>
    // Who has just said something is there until it is known to be gone.
    begins[0] <= axis.to && (ends.at(-1) ?? 0) >= Math.min(axis.from, store.now - LONGEST)
      ? [index]
      : []
  );
}

/** Those of whom something is known at that moment; one that left is not among them. */
export function workersNow(stage: IStage): IWorkerNow[] {
  const { store } = stage;
  const time = momentOf(stage);
  const found: IWorkerNow[] = [];
  store.workers.groups.forEach((series, index) => {
    const worker = store.members[index];
    if (worker !== undefined && !Number.isNaN(valueAt(series, SAMPLE.process, time))) {
      found.push({ index, worker, value: column => valueAt(series, column, time) });
    }
  });
  return found;
}

/** What a worker's process has beyond what Dask keeps in it, and beyond what is recent. */
export function unmanagedOf(worker: IWorkerNow): number {
  const process = worker.value(SAMPLE.process);
  const managed = worker.value(SAMPLE.managed);
  return Math.max(0, process - managed - worker.value(SAMPLE.unmanagedRecent));
}
