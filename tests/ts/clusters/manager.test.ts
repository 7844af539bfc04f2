import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { ApiError } from '../../../src/api/errors';
import { readEvent } from '../../../src/api/guards';
import { ClusterManager } from '../../../src/clusters/manager';
import { EPOCH, wireCluster, wireStarting, type Wire } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';

let server: ScriptedServer;
let feed: ManualFeed;
let manager: ClusterManager;
let listed: Wire[];
let changes: number;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  listed = [wireCluster()];
  server.answer = () => json(200, { clusters: listed, problems: [] });
  feed = new ManualFeed();
  manager = new ClusterManager(new ClusterApi(server.settings), feed);
  await manager.ready;
  // Longer than the pause between two changes.
  vi.advanceTimersByTime(1_000);
  changes = 0;
  manager.changed.connect(() => {
    changes += 1;
  });
});

afterEach(() => {
  manager.dispose();
  vi.useRealTimers();
});

function push(event: Wire): void {
  const read = readEvent(event);
  if (!read) {
    throw new Error('not an event');
  }
  feed.push(read);
}

function names(): string[] {
  return manager.state.clusters.map(cluster => cluster.name);
}

describe('ClusterManager', () => {
  it('fetches once and then follows', () => {
    expect(server.requests).toHaveLength(1);
    push({ action: 'changed', cluster: wireCluster({ id: 'c2', name: 'second', created: 2e9 }) });
    push({ action: 'forgotten', id: 'c1' });
    expect(names()).toEqual(['second']);
    vi.advanceTimersByTime(3_600_000);
    expect(server.requests).toHaveLength(1);
  });

  it('announces a burst as two changes: the first at once, the last after a pause', () => {
    for (let i = 1; i <= 200; i += 1) {
      push({ action: 'changed', cluster: wireCluster({ updated: EPOCH + i, cores: i }) });
    }
    expect(changes).toBe(1);
    vi.runAllTimers();
    expect(changes).toBe(2);
    expect(manager.state.clusters[0].cores).toBe(200);
  });

  it('says nothing of events that change nothing', () => {
    push({ action: 'changed', cluster: wireCluster({ updated: EPOCH - 1 }) });
    push({ action: 'forgotten', id: 'nobody' });
    vi.runAllTimers();
    expect(changes).toBe(0);
  });

  it('keeps the objects of clusters that did not change', () => {
    push({ action: 'changed', cluster: wireCluster({ id: 'c2' }) });
    const before = manager.find('c1');
    push({ action: 'changed', cluster: wireCluster({ id: 'c2', updated: EPOCH + 1 }) });
    vi.runAllTimers();
    expect(manager.find('c1')).toBe(before);
    expect(manager.state).toBe(manager.state);
  });

  it('fetches anew when the events are back, and says so', async () => {
    let returns = 0;
    manager.reconnected.connect(() => {
      returns += 1;
    });
    feed.connect('open');
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    expect(returns).toBe(0);
    feed.connect('closed');
    expect(manager.state.connection).toBe('closed');
    listed = [wireCluster({ name: 'while-away', updated: EPOCH + 1 })];
    feed.connect('open');
    await vi.waitFor(() => expect(names()).toEqual(['while-away']));
    expect(returns).toBe(1);
  });

  it('shows what was known last while the server is away', async () => {
    server.answer = () => Promise.reject(new TypeError('down'));
    await manager.refresh();
    vi.runAllTimers();
    expect(manager.state).toMatchObject({ loaded: true, error: { code: 'server.unreachable' } });
    expect(names()).toEqual(['local-1']);
  });

  it('lets only the last of two fetches speak', async () => {
    const answers: ((response: Response) => void)[] = [];
    server.answer = () => new Promise(resolve => answers.push(resolve));
    const [first, second] = [manager.refresh(), manager.refresh()];
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1](json(200, { clusters: [wireCluster({ id: 'new', name: 'new' })] }));
    await second;
    answers[0](json(200, { clusters: [wireCluster({ id: 'stale', name: 'stale' })] }));
    await first;
    expect(names()).toEqual(['new']);
  });

  it('shows a launch with its answer, before any event', async () => {
    server.answer = () => json(202, wireStarting({ id: 'c9', name: 'fresh', created: 2e9 }));
    await manager.launch({
      id: 'c9',
      deployment: 'local',
      profile: null,
      options: {},
      name: null,
      workers: 2,
      environment: null,
      cwd: null
    });
    expect(names()).toEqual(['fresh', 'local-1']);
  });

  it('forgets at once what the server has forgotten, and throws what it refuses', async () => {
    server.answer = () => json(204, null);
    await manager.remove('c1');
    expect(names()).toEqual([]);
    server.answer = () => json(409, { error: { code: 'cluster.unsupported', message: 'No.' } });
    await expect(manager.restart('c1')).rejects.toBeInstanceOf(ApiError);
  });

  it('finds by id and by name, a living one first', () => {
    push({ action: 'changed', cluster: wireCluster({ id: 'x', name: 'twin', phase: 'stopped' }) });
    push({ action: 'changed', cluster: wireCluster({ id: 'y', name: 'twin', created: 1 }) });
    expect(manager.find('twin')?.id).toBe('y');
    expect(manager.find('x')?.phase).toBe('stopped');
    expect(manager.find('nobody')).toBeNull();
  });
});
