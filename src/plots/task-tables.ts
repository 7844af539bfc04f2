/** Tasks as text: by prefix or the newest to be read, row by row for a file. */
import type { Filter } from '../plot/filter';
import { formatClock, formatSeconds, formatValue } from '../plot/format';
import type { IStage, ITable, IWords, Value } from '../plot/plot';
import { ACTION, ACTIONS, ERRED, RETRIED } from '../telemetry/schema';
import type { TelemetryStore } from '../telemetry/store';
import { eachTask, type ITask } from './statistics';

/** Prefixes that are listed; there may be ten thousand. */
const LISTED = 100;

/** Tasks that are listed one by one; a file has all of them. */
const NEWEST = 500;

export function actionName(what: number, words: IWords): string {
  const failed = (what & ERRED) !== 0;
  switch (ACTIONS[what & ACTION] ?? 'other') {
    case 'compute':
      return failed ? words.__('Failed') : words.__('Compute');
    case 'transfer':
      return words.__('Transfer');
    case 'disk-read':
      return words.__('Read from disk');
    case 'disk-write':
      return words.__('Write to disk');
    case 'deserialize':
      return words.__('Deserialize');
    case 'other':
      return words.__('Other');
  }
}

export interface IPrefixSum {
  readonly prefix: string;
  /** The cell that made the tasks, by its id. */
  readonly cell: string | null;
  tasks: number;
  compute: number;
  nbytes: number;
  erred: number;
}

/** What the prefixes of each cell come to in a range, the one that took most time first. */
export function byPrefix(store: TelemetryStore, from: number, to: number): IPrefixSum[] {
  const sums = new Map<string, IPrefixSum>();
  const ofKind = store.kinds.map(({ cell, prefix }) => {
    const key = JSON.stringify([prefix, cell]);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { prefix, cell, tasks: 0, compute: 0, nbytes: 0, erred: 0 };
      sums.set(key, sum);
    }
    return sum;
  });
  eachTask(store, from, to, ({ duration, kind, nbytes, what }) => {
    if ((what & ACTION) === 0) {
      const sum = ofKind[kind];
      sum.tasks += 1;
      sum.compute += duration;
      sum.nbytes += nbytes;
      sum.erred += what & ERRED ? 1 : 0;
    }
  });
  return [...sums.values()].filter(sum => sum.tasks > 0).sort((a, b) => b.compute - a.compute);
}

export function prefixTable(stage: IStage, from: number, to: number): ITable {
  const { cells, store, words } = stage;
  const sums = byPrefix(store, from, to);
  const listed = sums.slice(0, LISTED);
  const titles = listed.map(({ cell }) => (cell === null ? null : cells.title(cell)));
  // Without notebooks there is nothing to say of cells.
  const linked = titles.some(title => title !== null);
  const rows: Value[][] = listed.map((sum, index) => {
    const { cell, compute, erred, nbytes, prefix, tasks } = sum;
    const label = titles[index];
    return [
      prefix,
      ...(linked ? [cell === null || label === null ? '' : { label, cell }] : []),
      tasks.toLocaleString(),
      formatSeconds(compute),
      formatSeconds(compute / tasks),
      formatValue(nbytes, 'bytes'),
      erred.toLocaleString()
    ];
  });
  if (sums.length > LISTED) {
    rows.push([words.__('… and %1 more', sums.length - LISTED)]);
  }
  return {
    headings: [
      words.__('Prefix'),
      ...(linked ? [words.__('Cell')] : []),
      words.__('Tasks'),
      words.__('Compute'),
      words.__('Mean'),
      words.__('Results'),
      words.__('Failed')
    ],
    rows
  };
}

/** The newest tasks of a range, one by one: so they are reached without a pointer. */
export function newestTasks(stage: IStage, from: number, to: number): ITable {
  const { cells, filter, store, words } = stage;
  const found: ITask[] = [];
  const shorten = (): void => {
    found.sort((a, b) => b.start - a.start);
    found.length = Math.min(found.length, NEWEST);
  };
  eachTask(store, from, to, task => {
    if (!filter.hides(store.kinds[task.kind].prefix)) {
      found.push({ ...task });
      if (found.length >= 4 * NEWEST) {
        shorten();
      }
    }
  });
  shorten();
  return {
    headings: [
      words.__('Prefix'),
      words.__('Worker'),
      words.__('Thread'),
      words.__('Start'),
      words.__('Duration'),
      words.__('Bytes'),
      words.__('Action'),
      words.__('Cell')
    ],
    rows: found.map(({ duration, kind, lane, nbytes, start, what }) => {
      const { cell, prefix } = store.kinds[kind];
      const { name, thread } = store.lanes[lane];
      const label = cell === null ? null : cells.title(cell);
      return [
        prefix,
        name,
        thread,
        formatClock(start, 0.001),
        formatSeconds(duration),
        formatValue(nbytes, 'bytes'),
        actionName(what, words),
        cell === null || label === null ? '' : { label, cell }
      ];
    })
  };
}

/** Every row of a range, with the names of the columns as `cluster.telemetry.tasks()` has them. */
export function taskRows(
  store: TelemetryStore,
  from: number,
  to: number,
  filter: Filter
): ITable<string | number> {
  const rows: Array<Array<string | number>> = [];
  eachTask(store, from, to, ({ duration, kind, lane, nbytes, start, what }) => {
    const { cell, group, prefix, span } = store.kinds[kind];
    if (!filter.hides(prefix)) {
      const { thread, worker } = store.lanes[lane];
      rows.push([
        start,
        duration,
        nbytes,
        worker,
        thread,
        prefix,
        group,
        ACTIONS[what & ACTION] ?? 'other',
        what & ERRED ? 1 : 0,
        what & RETRIED ? 1 : 0,
        span ?? '',
        cell ?? ''
      ]);
    }
  });
  return {
    headings: [
      'start',
      'duration',
      'nbytes',
      'worker',
      'thread',
      'prefix',
      'group',
      'action',
      'erred',
      'retried',
      'span',
      'cell'
    ],
    rows
  };
}
