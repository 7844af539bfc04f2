import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Attention } from '../../../src/telemetry/attention';
import { TelemetrySource, type ISocket } from '../../../src/telemetry/source';
import { TelemetryStore } from '../../../src/telemetry/store';
import type { Wire } from '../builders';
import { dictionaries, encodeFrame } from './frames';
import { PageDouble } from './page';

/** A websocket whose other side is the test. */
class SocketDouble implements ISocket {
  binaryType: BinaryType = 'blob';
  onopen: ISocket['onopen'] = null;
  onmessage: ISocket['onmessage'] = null;
  onclose: ISocket['onclose'] = null;
  readonly sent: Wire[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Wire);
  }

  close(): void {
    this.closed = true;
  }

  opened(): void {
    this.onopen?.(new Event('open'));
  }

  frame(header: Wire = {}, times: number[] = [], cursor: number = 0): void {
    const rows = times.map(time => [time, 1, 1, 0, 0, 0]);
    this.message(encodeFrame(header, { tasks: { rows, cursor } }));
  }

  message(data: ArrayBuffer): void {
    this.onmessage?.(new MessageEvent('message', { data }));
  }

  cut(code: number = 1006): void {
    this.onclose?.(new CloseEvent('close', { code }));
  }
}

describe('a source', () => {
  let sockets: SocketDouble[];
  let page: PageDouble;
  let attention: Attention;
  let store: TelemetryStore;
  let source: TelemetrySource;
  const names = { dictionaries: dictionaries(1, 1, ['sum']) };

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    page = new PageDouble();
    attention = new Attention(page.document);
    store = new TelemetryStore();
    source = new TelemetrySource(
      store,
      () => {
        sockets.push(new SocketDouble());
        return sockets[sockets.length - 1];
      },
      attention
    );
  });

  afterEach(() => {
    source.dispose();
    attention.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('connects when somebody looks, says hello, and allows one frame for each', () => {
    expect(sockets).toHaveLength(0);
    source.watch();
    sockets[0].opened();
    expect(sockets[0].binaryType).toBe('arraybuffer');
    expect(sockets[0].sent).toEqual([
      {
        hello: {
          tables: ['tasks', 'workers', 'cluster', 'transfers', 'progress', 'groups', 'events'],
          since: null,
          recent: 60
        }
      }
    ]);
    sockets[0].frame(names, [1], 0);
    expect(store.tasks.rows).toBe(1);
    expect(source.connection).toBe('open');
    expect(sockets[0].sent.slice(1)).toEqual([{ credit: 1 }]);
  });

  it('goes on where it was cut, later and later', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    source.watch();
    sockets[0].opened();
    sockets[0].frame(names, [1, 2], 0);
    sockets[0].cut();
    expect(source.connection).toBe('broken');
    vi.advanceTimersByTime(500);
    sockets[1].opened();
    expect(sockets[1].sent[0]).toMatchObject({ hello: { since: { tasks: 2, run: 'a' } } });
    sockets[1].cut();
    vi.advanceTimersByTime(999);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(3);
    // Data ends the row of failures.
    sockets[2].opened();
    sockets[2].frame({}, [3], 2);
    sockets[2].cut();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(4);
  });

  it('lets go a little after nobody looks, and not at all if somebody does again', () => {
    const end = source.watch();
    sockets[0].opened();
    sockets[0].frame(names);
    end();
    vi.advanceTimersByTime(2_000);
    const again = source.watch();
    vi.advanceTimersByTime(10_000);
    expect(sockets[0].closed).toBe(false);
    again();
    vi.advanceTimersByTime(3_000);
    expect(sockets[0].closed).toBe(true);
    expect(source.connection).toBe('off');
    expect(sockets).toHaveLength(1);
  });

  it('lets go while the page is hidden, and takes up what was missed', () => {
    source.watch();
    sockets[0].opened();
    sockets[0].frame(names, [1], 0);
    page.hide(true);
    vi.advanceTimersByTime(3_600_000);
    expect(sockets[0].closed).toBe(true);
    expect(sockets).toHaveLength(1);
    page.hide(false);
    sockets[1].opened();
    expect(sockets[1].sent[0]).toMatchObject({ hello: { since: { tasks: 1 } } });
  });

  it('rests when nobody uses the page, and takes up what was missed', () => {
    attention.patience = 600_000;
    let told = 0;
    source.changed.add(() => (told += 1));
    source.watch();
    sockets[0].opened();
    sockets[0].frame(names, [1], 0);
    vi.advanceTimersByTime(599_999);
    expect([sockets[0].closed, source.resting]).toEqual([false, false]);
    const before = told;
    vi.advanceTimersByTime(3_600_000);
    expect([sockets[0].closed, source.resting]).toEqual([true, true]);
    expect(sockets).toHaveLength(1);
    expect(told).toBe(before + 1);
    page.press();
    expect(source.resting).toBe(false);
    sockets[1].opened();
    expect(sockets[1].sent[0]).toMatchObject({ hello: { since: { tasks: 1 } } });
  });

  it('does not try a lost connection again while nobody uses the page', () => {
    attention.patience = 600_000;
    source.watch();
    vi.advanceTimersByTime(599_900);
    sockets[0].cut();
    vi.advanceTimersByTime(3_600_000);
    expect([source.connection, source.resting, sockets.length]).toEqual(['off', true, 1]);
    page.press();
    expect(sockets).toHaveLength(2);
  });

  it('begins anew, after a while, when a frame does not fit', () => {
    source.watch();
    sockets[0].opened();
    sockets[0].frame(names, [1], 0);
    sockets[0].message(new ArrayBuffer(3));
    expect(sockets[0].closed).toBe(true);
    expect(source.connection).toBe('broken');
    expect(store.tasks.rows).toBe(0);
    source.retry();
    sockets[1].opened();
    sockets[1].frame({ ...names, run: 'a' }, [1, 2], 0);
    expect(store.tasks.rows).toBe(2);
  });

  it('does not ask again where there is nothing', () => {
    source.watch();
    sockets[0].opened();
    sockets[0].cut(4410);
    expect(source.connection).toBe('ended');
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });

  it('does not come back after the end, and keeps what it has', () => {
    source.watch();
    sockets[0].opened();
    sockets[0].frame({ ...names, end: { phase: 'stopped', reason: '' } }, [1], 0);
    sockets[0].cut(1000);
    expect(source.connection).toBe('ended');
    source.watch();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(store.tasks.rows).toBe(1);
  });
});
