import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import type { ILogLine } from '../../../src/api/contract';
import { filterLines, LogFeed, sourcesOf } from '../../../src/clusters/log-feed';
import { ClusterManager } from '../../../src/clusters/manager';
import { Attention } from '../../../src/telemetry/attention';
import { cluster, EPOCH, wireCluster, type Wire } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';
import { PageDouble } from '../telemetry/page';

function line(source: string, text: string, level: string = 'INFO'): ILogLine {
  return { source, text, level, at: null };
}

let server: ScriptedServer;
let events: ManualFeed;
let manager: ClusterManager;
let page: PageDouble;
let attention: Attention;
let log: LogFeed;
let updated: number;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  server.answer = () => json(200, { clusters: [wireCluster()] });
  events = new ManualFeed();
  manager = new ClusterManager(new ClusterApi(server.settings), events);
  await manager.ready;
  server.requests.length = 0;
  server.answer = () => json(200, { lines: [line('host', 'up')] });
  page = new PageDouble();
  attention = new Attention(page.document);
  log = new LogFeed(manager, 'c1', attention);
  updated = EPOCH;
});

afterEach(() => {
  log.dispose();
  attention.dispose();
  manager.dispose();
  vi.useRealTimers();
});

/** Let answers come in, and timers run for so many milliseconds. */
async function wait(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

async function change(changes: Wire = {}): Promise<void> {
  events.push({ action: 'changed', cluster: cluster({ updated: (updated += 1), ...changes }) });
  await wait(100);
}

describe('LogFeed', () => {
  it('reads every two seconds while somebody looks, though nothing else changes', async () => {
    await wait(60_000);
    expect(server.requests).toEqual([]);
    log.visible = true;
    await wait(100);
    expect(log.state().lines?.map(each => each.text)).toEqual(['up']);
    server.answer = () => json(200, { lines: [line('host', 'up'), line('host', 'tick')] });
    await wait(2_000);
    expect(log.state().lines?.map(each => each.text)).toEqual(['up', 'tick']);
    await wait(6_000);
    expect(server.requests).toHaveLength(5);
    log.visible = false;
    await wait(60_000);
    expect(server.requests).toHaveLength(5);
    log.visible = true;
    await wait(100);
    expect(server.requests).toHaveLength(6);
  });

  it('does not read in a page that is hidden, or that nobody uses, and says the latter', async () => {
    attention.patience = 600_000;
    log.visible = true;
    await wait(100);
    page.hide(true);
    await wait(60_000);
    expect(server.requests).toHaveLength(1);
    page.hide(false);
    await wait(600_000);
    const known = server.requests.length;
    expect(known).toBeGreaterThan(200);
    expect(log.state().resting).toBe(true);
    await wait(3_600_000);
    expect(server.requests).toHaveLength(known);
    page.press();
    await wait(2_100);
    expect(log.state().resting).toBe(false);
    expect(server.requests).toHaveLength(known + 2);
  });

  it('has no reason to rest when it is not followed, or has all of it', async () => {
    attention.patience = 600_000;
    log.visible = true;
    await wait(600_000);
    expect(log.state().resting).toBe(true);
    await change({ phase: 'stopped' });
    expect(log.state().resting).toBe(false);
    const known = server.requests.length;
    page.press();
    await wait(60_000);
    expect(server.requests).toHaveLength(known + 1);
  });

  it('waits for an answer before it asks again', async () => {
    let answer: (response: Response) => void = () => undefined;
    server.answer = () =>
      new Promise<Response>(resolve => {
        answer = resolve;
      });
    log.visible = true;
    await wait(30_000);
    expect(server.requests).toHaveLength(1);
    answer(json(200, { lines: [] }));
    await wait(2_100);
    expect(server.requests).toHaveLength(2);
  });

  it('does not read while it is not followed, and catches up when it is again', async () => {
    log.visible = true;
    await wait(100);
    log.following = false;
    await change();
    await wait(60_000);
    expect(server.requests).toHaveLength(1);
    log.following = true;
    await wait(100);
    expect(server.requests).toHaveLength(2);
  });

  it('reads what was written last when the cluster ends, and then no more', async () => {
    log.visible = true;
    await wait(100);
    await change({ phase: 'stopped' });
    await wait(60_000);
    expect(server.requests).toHaveLength(2);
  });

  it('keeps lines and list as they are where they say the same', async () => {
    const said = (...texts: string[]): void => {
      server.answer = () => json(200, { lines: texts.map(text => line('host', text)) });
    };
    let told = 0;
    log.changed.connect(() => (told += 1));
    said('a', 'b', 'a');
    log.visible = true;
    await wait(100);
    const [, second, third] = log.state().lines ?? [];
    await wait(4_000);
    expect(told).toBe(1);
    said('b', 'a', 'c');
    await wait(2_000);
    const lines = log.state().lines ?? [];
    expect(lines.map(each => each.text)).toEqual(['b', 'a', 'c']);
    expect(lines[0]).toBe(second);
    expect(lines[1]).toBe(third);
  });

  it('asks each of many workers for fewer lines', async () => {
    log.source = 'workers';
    await change({ workers: { wanted: 100, running: 100 } });
    await log.read();
    expect(server.requests.map(each => new URL(each.url).searchParams.get('lines'))).toEqual([
      '1000',
      '20'
    ]);
  });

  it('reads another source at once, and keeps what it has when the cluster is forgotten', async () => {
    log.visible = true;
    await wait(100);
    log.source = 'workers';
    expect(log.state().lines).toBeNull();
    await wait(100);
    expect(server.requests[1].url).toContain('source=workers');
    events.push({ action: 'forgotten', id: 'c1' });
    await wait(10_000);
    expect(server.requests).toHaveLength(2);
    expect(log.state().lines).toHaveLength(1);
  });

  it('says why it could not be read', async () => {
    server.answer = () => json(502, { error: { code: 'host.unreachable', message: 'Gone.' } });
    log.visible = true;
    await wait(100);
    expect(log.state().failure?.code).toBe('host.unreachable');
  });
});

describe('the lines', () => {
  const lines = [line('w1', 'Start worker'), line('w2', 'x', 'ERROR'), line('w1', 'Close worker')];

  it('come from workers, each named once', () => {
    expect(sourcesOf(lines)).toEqual(['w1', 'w2']);
  });

  it('are filtered by worker and by words in any case', () => {
    expect(filterLines(lines, 'w1', '')).toHaveLength(2);
    expect(filterLines(lines, '', 'WORKER close')).toEqual([lines[2]]);
    expect(filterLines(lines, '', 'error')).toEqual([lines[1]]);
    expect(filterLines(lines, 'w2', 'start')).toEqual([]);
  });
});
