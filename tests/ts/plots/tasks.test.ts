import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Filter } from '../../../src/plot/filter';
import type { IStage } from '../../../src/plot/plot';
import { PLOTS } from '../../../src/plots/list';
import { PLOT_NAMES } from '../../../src/plots/names';
import { binOf } from '../../../src/plots/durations';
import { findTask } from '../../../src/plots/find-task';
import { statistics } from '../../../src/plots/statistics';
import { StreamRows } from '../../../src/plots/stream-rows';
import { byPrefix, newestTasks, taskRows } from '../../../src/plots/task-tables';
import { decodeFrame } from '../../../src/telemetry/decode';
import { CLUSTER } from '../../../src/telemetry/rows';
import { TelemetryStore } from '../../../src/telemetry/store';
import { EPOCH } from '../builders';
import { dictionaries, encodeFrame } from '../telemetry/frames';

it('every plot that is offered is there, and the other way round', () => {
  expect(PLOTS.map(plot => plot.name)).toEqual(PLOT_NAMES);
});

function clusterAt(time: number, threads: number): number[] {
  const row = new Array<number>(17).fill(0);
  row[CLUSTER.time] = EPOCH + time;
  row[CLUSTER.threads] = threads;
  return row;
}

describe('tasks', () => {
  let store: TelemetryStore;
  const filter = new Filter();

  beforeEach(() => {
    store = new TelemetryStore();
    store.apply(
      decodeFrame(
        encodeFrame(
          { dictionaries: dictionaries(2, 2, ['sum', 'add']) },
          {
            tasks: {
              rows: [
                // start, duration, bytes, lane, kind, what
                [1, 2, 100, 0, 0, 64],
                [2.5, 1, 50, 0, 0, 1],
                [3.5, 1, 30, 0, 1, 64 | 16],
                [4.6, 1e-5, 10, 0, 1, 64 | 32],
                [1, 4, 7, 3, 1, 64],
                [5, 1, 7, 3, 1, 3]
              ]
            }
          }
        )
      )
    );
    filter.clear();
  });

  it('come to their sums, cut at the ends of the range', () => {
    const sum = statistics(store, EPOCH + 2, EPOCH + 4);
    expect(sum).toMatchObject({ tasks: 3, erred: 1, retried: 0, disk: 0, nbytes: 137 });
    expect(sum.compute).toBeCloseTo(1 + 0.5 + 2, 3);
    expect(sum.transfer).toBeCloseTo(1, 3);
    // Nobody has said how many threads there were: those that did something, three actions in two.
    expect(sum.idle).toBeCloseTo(Math.max(0, 2 * 2 - 4.5), 3);
    expect(statistics(store, EPOCH + 50, EPOCH + 60).tasks).toBe(0);
    expect(statistics(store, EPOCH, EPOCH + 9, prefix => prefix === 'add').tasks).toBe(1);
  });

  it('are idle for as long as a strip says', () => {
    const story = JSON.parse(readFileSync('tests/fixtures/telemetry/idle.json', 'utf8'));
    store = new TelemetryStore();
    const names = dictionaries(8, 2, ['sum']);
    const lasting = story.tasks.map(([start, took, lane]: number[]) => [
      start,
      took,
      8,
      lane,
      0,
      64
    ]);
    const rows = story.threads.map(([time, threads]: number[]) => clusterAt(time, threads));
    store.apply(
      decodeFrame(
        encodeFrame({ dictionaries: names }, { tasks: { rows: lasting }, cluster: { rows } })
      )
    );
    for (const { since, until, threads, idle } of story.windows) {
      const sum = statistics(store, EPOCH + since, EPOCH + until);
      expect([sum.threads, sum.idle].map(Math.round)).toEqual([threads, idle].map(Math.round));
    }
  });

  it('leave idle what nothing was done in, of the threads that there were', () => {
    store.apply(
      decodeFrame(
        encodeFrame({}, { cluster: { rows: [clusterAt(0, 16), clusterAt(4, 2), clusterAt(8, 2)] } })
      )
    );
    // Scaled down from sixteen threads to two, which read from the disk and compute.
    const late = statistics(store, EPOCH + 5, EPOCH + 6);
    expect(late.threads).toBeCloseTo(2, 3);
    expect(late.disk).toBeCloseTo(1, 3);
    expect(late.idle).toBeCloseTo(1, 3);
    const across = statistics(store, EPOCH + 2, EPOCH + 6);
    expect(across.threads).toBeCloseTo(2 * 16 + 2 * 2, 0);
    // What is filtered is not counted, and is no idleness.
    const some = statistics(store, EPOCH + 2, EPOCH + 6, prefix => prefix === 'add');
    expect(some.idle).toBeCloseTo(across.idle, 6);
    expect(some.compute).toBeLessThan(across.compute);
  });

  it('are found under the pointer, also where they are thinner than it', () => {
    const at = (lane: number, time: number, nearest = 0.01): number | undefined =>
      findTask(store, lane, EPOCH + time, nearest, filter)?.row;
    expect(at(0, 1.5)).toBe(0);
    // Where a transfer overlaps, the computation is meant.
    expect(at(0, 2.8)).toBe(0);
    expect(at(0, 3.2)).toBe(1);
    expect(at(0, 4.605)).toBe(3);
    expect(at(0, 8)).toBeUndefined();
    expect(at(1, 1.5)).toBeUndefined();
    filter.toggle('sum');
    expect(at(0, 1.5)).toBeUndefined();
  });

  it('are listed by prefix, the one with most time first', () => {
    expect(
      byPrefix(store, EPOCH, EPOCH + 10).map(sum => [sum.prefix, sum.tasks, sum.erred])
    ).toEqual([
      ['add', 3, 1],
      ['sum', 1, 0]
    ]);
  });

  it('are listed one by one, the newest first, without those that are filtered', () => {
    const title = (cell: string): string => `book, ${cell}`;
    const words = { __: (text: string) => text };
    const stage = { store, filter, words, cells: { title } } as unknown as IStage;
    const { headings, rows } = newestTasks(stage, EPOCH, EPOCH + 10);
    expect(headings.slice(0, 3)).toEqual(['Prefix', 'Worker', 'Thread']);
    expect(rows.map(row => [row[0], row[1], row[2], row[6]])).toEqual([
      ['add', '1', 1, 'Write to disk'],
      ['add', '0', 0, 'Compute'],
      ['add', '0', 0, 'Failed'],
      ['sum', '0', 0, 'Transfer'],
      ['sum', '0', 0, 'Compute'],
      ['add', '1', 1, 'Compute']
    ]);
    expect(rows[4].slice(4)).toEqual([
      '2 s',
      '100 B',
      'Compute',
      { label: 'book, cell-0', cell: 'cell-0' }
    ]);
    filter.toggle('add');
    expect(newestTasks(stage, EPOCH, EPOCH + 10).rows.map(row => row[0])).toEqual(['sum', 'sum']);
    expect(newestTasks(stage, EPOCH, EPOCH + 2).rows).toHaveLength(1);
  });

  it('beyond some hundreds are left out of what is read, the oldest first', () => {
    const many = Array.from({ length: 3_000 }, (_, row) => [row, 0.5, row, row % 4, 0, 64]);
    store.reset();
    const names = dictionaries(2, 2, ['sum', 'add']);
    store.apply(decodeFrame(encodeFrame({ dictionaries: names }, { tasks: { rows: many } })));
    const words = { __: (text: string) => text };
    const stage = { store, filter, words, cells: { title: () => null } } as unknown as IStage;
    const { rows } = newestTasks(stage, EPOCH, EPOCH + 5_000);
    expect(rows).toHaveLength(500);
    expect([rows[0][5], rows[499][5]]).toEqual(['2.93 KiB', '2.44 KiB']);
  });

  it('are written row by row, with the names behind the numbers', () => {
    const { headings, rows } = taskRows(store, EPOCH, EPOCH + 10, filter);
    expect(rows).toHaveLength(6);
    const first = Object.fromEntries(headings.map((name, index) => [name, rows[0][index]]));
    expect(first).toMatchObject({
      start: EPOCH + 1,
      duration: 2,
      worker: 'tcp://127.0.0.1:40001',
      thread: 0,
      prefix: 'sum',
      action: 'compute',
      cell: 'cell-0'
    });
  });

  it('stand in the rows of their workers, one beneath the other', () => {
    const rows = new StreamRows();
    const lanes = [
      { worker: 'b', thread: 1, name: '10' },
      { worker: 'a', thread: 0, name: '9' },
      { worker: 'b', thread: 0, name: '10' }
    ];
    store.lanes.splice(0, 4, ...lanes);
    rows.update(store);
    expect(rows.lanes).toEqual([1, 2, 0]);
    expect(rows.series[2]).toBe(store.tasks.groups[0]);
  });
});

it('durations fall into steps of equal ratio', () => {
  expect(binOf(1e-5)).toBe(0);
  expect(binOf(0)).toBe(0);
  expect(binOf(1)).toBe(40);
  expect(binOf(0.999)).toBe(39);
  expect(binOf(1e9)).toBe(79);
});
