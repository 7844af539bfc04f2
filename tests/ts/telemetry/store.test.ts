import { beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeFrame, FrameError } from '../../../src/telemetry/decode';
import { TASK, TRANSFER } from '../../../src/telemetry/rows';
import type { TableName } from '../../../src/telemetry/schema';
import { TelemetryStore } from '../../../src/telemetry/store';
import { EPOCH, type Wire } from '../builders';
import { dictionaries, encodeFrame, type ITableWire } from './frames';

const NAMES = dictionaries(1, 2, ['sum', 'add']);

function tasks(times: number[], cursor: number): ITableWire {
  return { rows: times.map(time => [time, 0.5, 100, 0, 0, 64]), cursor };
}

describe('a store', () => {
  let store: TelemetryStore;

  function take(header: Wire, tables: Partial<Record<TableName, ITableWire>> = {}): void {
    store.apply(decodeFrame(encodeFrame(header, tables)));
  }

  function starts(): number[] {
    return store.tasks.groups
      .flatMap(group => group.blocks)
      .flatMap(block => [...block.time.subarray(0, block.rows)].map(time => time - EPOCH));
  }

  beforeEach(() => {
    store = new TelemetryStore();
    take({ snapshot: true, dictionaries: NAMES }, { tasks: tasks([1, 2, 3], 0) });
  });

  it('knows tasks, names and the time that it covers', () => {
    expect(starts()).toEqual([1, 2, 3]);
    expect(store.kinds.map(kind => kind.prefix)).toEqual(['sum', 'add']);
    expect([store.begin - EPOCH, store.now - EPOCH]).toEqual([1, 10]);
    expect(store.complete).toBe(true);
  });

  it('tells of every frame', () => {
    const told = vi.fn();
    const end = store.changed.add(told);
    take({});
    expect(told).toHaveBeenCalledOnce();
    end();
    take({});
    expect(told).toHaveBeenCalledOnce();
  });

  it('takes rows that overlap once, and counts those that are missing', () => {
    take({}, { tasks: tasks([2, 3, 4, 5], 1) });
    expect(starts()).toEqual([1, 2, 3, 4, 5]);
    expect(store.dropped).toBe(0);
    take({}, { tasks: tasks([9], 8) });
    expect(store.dropped).toBe(3);
    expect(store.since).toMatchObject({ tasks: 9, run: 'a', dictionaries: { lanes: 2, kinds: 2 } });
  });

  it('has transfers by who received', () => {
    const rows = [
      [EPOCH + 1, 0, 1, 3, 6e6, 0.5, 0.75],
      [EPOCH + 2, 1, 0, 1, 2e6, 0.25, 0.25]
    ];
    take({ dictionaries: dictionaries(2, 1, []) }, { transfers: { rows } });
    const [first, second] = store.transfers.groups.map(group => group.last?.columns ?? []);
    expect(first.map(column => column[0])).toEqual([EPOCH + 2, 1, 1, 2e6, 0.25, 0.25]);
    expect(second[TRANSFER.sender][0]).toBe(0);
    expect(second[TRANSFER.nbytes][0]).toBe(6e6);
    expect(store.since).toMatchObject({ transfers: 2 });
    expect(() => take({}, { transfers: { rows: [[EPOCH, 0, 2, 1, 1, 1, 1]], cursor: 2 } })).toThrow(
      FrameError
    );
    expect(store.transfers.rows).toBe(2);
  });

  it('keeps what it has when a frame of another history does not fit', () => {
    expect(() => take({ run: 'b' }, { tasks: tasks([7], 0) })).toThrow(FrameError);
    expect(starts()).toEqual([1, 2, 3]);
    expect(store.since).toMatchObject({ run: 'a', tasks: 3 });
  });

  it('begins anew when the rows are numbered anew', () => {
    take({ run: 'b', dictionaries: NAMES }, { tasks: tasks([7], 0) });
    expect(starts()).toEqual([7]);
    expect(store.since).toMatchObject({ run: 'b', tasks: 1 });
  });

  it('refuses a frame that points beside its dictionaries, and stays as it was', () => {
    const version = store.version;
    const beside = { tasks: { rows: [[1, 1, 1, 9, 0, 0]], cursor: 3 } };
    expect(() => take({}, beside)).toThrow(FrameError);
    expect(() => take({ dictionaries: { kinds: { from: 5, items: [{}] } } })).toThrow(FrameError);
    expect(store.version).toBe(version);
    expect(starts()).toEqual([1, 2, 3]);
    expect(store.kinds).toHaveLength(2);
  });

  it('leaves out rows with times that cannot be', () => {
    take(
      {},
      {
        tasks: {
          cursor: 3,
          rows: [
            [NaN, 1, 0, 0, 0, 0],
            [4, -1, 0, 0, 0, 0],
            [5, Infinity, 0, 0, 0, 0],
            [6, 1, NaN, 0, 0, 0]
          ]
        }
      }
    );
    expect(starts()).toEqual([1, 2, 3, 6]);
    expect(store.tasks.groups[0].last?.columns[TASK.nbytes][3]).toBe(0);
    expect(store.since?.tasks).toBe(7);
  });

  it('follows progress, events, totals and the end', () => {
    const event = { time: 1, kind: 'worker-added', text: '0', worker: 0 };
    take({ progress: { sum: { memory: 3 } }, events: [event], events_from: 0 });
    take({ progress: { sum: { memory: 5 } }, events: [event, event], events_from: 0 });
    take({ totals: { tasks: 12 }, end: { phase: 'stopped', reason: 'idle' } });
    expect(store.progress.get('sum')?.memory).toBe(5);
    expect(store.events).toHaveLength(2);
    expect(store.totals?.tasks).toBe(12);
    expect(store.end).toEqual({ phase: 'stopped', reason: 'idle' });
    take({});
    expect(store.end).not.toBeNull();
  });

  it('knows the groups that there are, and no others', () => {
    const names = (): string[] => [...store.groups.keys()];
    take({ groups: { whole: true, items: { 'sum-1': { prefix: 'sum', memory: 3 }, x: {} } } });
    expect(store.groups.get('sum-1')).toMatchObject({ prefix: 'sum', memory: 3 });
    take({ groups: { whole: false, items: { x: null, 'sum-2': { prefix: 'sum' } } } });
    expect(names()).toEqual(['sum-1', 'sum-2']);
    take({ groups: null });
    expect(names()).toEqual(['sum-1', 'sum-2']);
    take({ groups: { whole: true, items: { 'sum-3': { prefix: 'sum' } } } });
    expect(names()).toEqual(['sum-3']);
    const many = Array.from({ length: 1_200 }, (_, index) => [`y-${index}`, { prefix: 'y' }]);
    take({ groups: { whole: false, items: Object.fromEntries(many) } });
    expect(names()).toHaveLength(1_000);
    expect(names().at(-1)).toBe('y-1199');
  });

  it('shows the newest rows at once, and those that come behind them when all are here', () => {
    store = new TelemetryStore();
    const told = vi.fn();
    store.changed.add(told);
    take(
      { dictionaries: NAMES, older: { tasks: 4, cluster: 1 }, more: true },
      { tasks: tasks([5, 6], 4) }
    );
    take({ seq: 1, older: { tasks: 4, cluster: 1 } }, { tasks: tasks([7], 6) });
    expect([starts(), store.complete, store.whole]).toEqual([[5, 6, 7], true, false]);
    expect(store.since).toBeNull();
    told.mockClear();
    take({ seq: 2, older: { tasks: 4, cluster: 1 } }, { tasks: tasks([1, 2], 0) });
    expect(told).not.toHaveBeenCalled();
    take({ seq: 3, older: { tasks: 4, cluster: 1 } }, { tasks: tasks([8], 7) });
    expect([starts(), told.mock.calls.length]).toEqual([[5, 6, 7, 8], 1]);
    // One of these began later than the first of the newer: it lasted not as long.
    take({ seq: 4, older: { cluster: 1 } }, { tasks: tasks([3, 5.5], 2) });
    expect([starts(), store.whole]).toEqual([[1, 2, 3, 5, 5.5, 6, 7, 8], false]);
    expect(store.begin).toBe(EPOCH + 1);
    take({ seq: 5 });
    expect([store.whole, store.dropped]).toEqual([true, 0]);
    expect(store.since).toMatchObject({ tasks: 8 });
  });

  it('begins anew when it was cut off between newer and older rows, and counts what is gone', () => {
    const older = { tasks: 4 };
    store = new TelemetryStore();
    take({ dictionaries: NAMES, older }, { tasks: tasks([5], 4) });
    take({ seq: 1, older }, { tasks: tasks([1], 0) });
    take({ dictionaries: NAMES, older }, { tasks: tasks([5, 6], 4) });
    expect(starts()).toEqual([5, 6]);
    take({ seq: 1, older }, { tasks: tasks([3], 2) });
    take({ seq: 2 });
    expect([starts(), store.dropped]).toEqual([[3, 5, 6], 3]);
  });

  it('keeps the newest tasks beyond its cap and says how many are gone', () => {
    store = new TelemetryStore(100);
    const times = Array.from({ length: 400 }, (_, index) => index);
    take({ dictionaries: NAMES }, { tasks: tasks(times, 0) });
    expect(store.tasks.rows + store.dropped).toBe(400);
    expect(store.tasks.rows).toBeLessThanOrEqual(100);
    expect(starts().at(-1)).toBe(399);
  });
});
