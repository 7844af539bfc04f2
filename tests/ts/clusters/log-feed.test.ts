import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import type { ILogLine } from '../../../src/api/contract';
import { filterLines, LogFeed, sourcesOf } from '../../../src/clusters/log-feed';
import { ClusterManager } from '../../../src/clusters/manager';
import { cluster, EPOCH, wireCluster } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';

function line(source: string, text: string, level: string = 'INFO'): ILogLine {
  return { source, text, level, at: null };
}

let server: ScriptedServer;
let events: ManualFeed;
let manager: ClusterManager;
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
  log = new LogFeed(manager, 'c1');
  updated = EPOCH;
});

afterEach(() => {
  log.dispose();
  manager.dispose();
  vi.useRealTimers();
});

/** Let answers come in, and timers run for so many milliseconds. */
async function wait(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

async function change(): Promise<void> {
  events.push({ action: 'changed', cluster: cluster({ updated: (updated += 1) }) });
  await wait(100);
}

describe('LogFeed', () => {
  it('asks nothing while nobody looks, and nothing while nothing changes', async () => {
    await change();
    await wait(60_000);
    expect(server.requests).toEqual([]);
    log.visible = true;
    await wait(60_000);
    expect(server.requests).toHaveLength(1);
    expect(log.state().lines?.map(each => each.text)).toEqual(['up']);
  });

  it('reads after changes, at most every two seconds', async () => {
    log.visible = true;
    await wait(5_000);
    for (let index = 0; index < 10; index += 1) {
      await change();
    }
    await wait(10_000);
    expect(server.requests).toHaveLength(3);
  });

  it('does not read while it is not followed, and catches up when it is again', async () => {
    log.visible = true;
    await wait(5_000);
    log.following = false;
    await change();
    await wait(5_000);
    expect(server.requests).toHaveLength(1);
    log.following = true;
    await wait(100);
    expect(server.requests).toHaveLength(2);
  });

  it('catches up when it is looked at again', async () => {
    log.visible = true;
    await wait(5_000);
    log.visible = false;
    await change();
    expect(server.requests).toHaveLength(1);
    log.visible = true;
    await wait(100);
    expect(server.requests).toHaveLength(2);
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
