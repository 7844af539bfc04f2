import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { Connections, currentCluster } from '../../../src/clusters/connections';
import { ClusterManager } from '../../../src/clusters/manager';
import { cluster, wireCluster } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';

const one = cluster({ id: 'one' });
const two = cluster({ id: 'two' });
const ended = cluster({ id: 'ended', phase: 'stopped' });

describe('currentCluster', () => {
  it('is the one that was connected, else the only one that lives', () => {
    expect(currentCluster([one, two], 'two')).toBe(two);
    expect(currentCluster([one, ended], null)).toBe(one);
    expect(currentCluster([one, ended], 'ended')).toBe(one);
  });

  it('is none where it would be a guess', () => {
    expect(currentCluster([one, two], null)).toBeNull();
    expect(currentCluster([ended], null)).toBeNull();
    expect(currentCluster([], 'gone')).toBeNull();
  });
});

/** A kernel of which the test says what it does. */
class ScriptedKernel {
  constructor(readonly id: string) {}

  status: Kernel.Status = 'idle';
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly iopubMessage = new Signal<this, object>(this);

  get connection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }

  become(...states: Kernel.Status[]): void {
    for (const status of states) {
      this.status = status;
      this.statusChanged.emit(status);
    }
  }

  send(type: string, content: object): void {
    this.iopubMessage.emit({ header: { msg_type: type }, content });
  }

  /** Run a cell, asked for by this page or another one. */
  run(code: string): void {
    this.become('busy');
    this.send('execute_input', { code, execution_count: 1 });
    this.become('idle');
  }
}

describe('Connections', () => {
  let server: ScriptedServer;
  let feed: ManualFeed;
  let manager: ClusterManager;
  let connections: Connections;
  let kernel: ScriptedKernel;
  /** Kernels that were asked, and what they answer. */
  let asked: string[];
  let answer: string | null;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new ScriptedServer();
    server.answer = () => json(200, { clusters: [wireCluster({ id: 'one' })] });
    feed = new ManualFeed();
    manager = new ClusterManager(new ClusterApi(server.settings), feed);
    await manager.ready;
    asked = [];
    answer = null;
    connections = new Connections(manager, async ({ id }) => {
      asked.push(id);
      return answer;
    });
    kernel = new ScriptedKernel('k');
  });

  afterEach(() => {
    manager.dispose();
    vi.useRealTimers();
  });

  async function rest(): Promise<void> {
    await vi.advanceTimersByTimeAsync(1_000);
  }

  /** From now on there is a choice. */
  async function another(): Promise<void> {
    feed.push({ action: 'changed', cluster: two });
    await rest();
  }

  it('know of a kernel that computes what it wrote down, until it says something', async () => {
    server.answer = () => json(200, { cluster: 'one' });
    connections.front = kernel.connection;
    kernel.become('busy');
    await rest();
    expect(connections.current, 'there is no choice').toBeNull();
    await another();
    expect(connections.current).toBe('one');
    const requests = server.requests.length;
    await another();
    expect(server.requests, 'asked for once').toHaveLength(requests);
    expect(server.requests.at(-1)?.url).toMatch(/api\/kernels\/k$/);
    answer = '';
    kernel.become('idle');
    await rest();
    expect(asked).toEqual(['k']);
    expect(connections.current).toBeNull();
  });

  it('know what was connected from here, by kernel, until that is restarted', async () => {
    connections.connect('k', 'one');
    expect(connections.current).toBeNull();
    connections.front = kernel.connection;
    expect(connections.current).toBe('one');
    connections.front = new ScriptedKernel('other').connection;
    expect(connections.current).toBeNull();
    connections.front = kernel.connection;
    kernel.become('restarting');
    expect(connections.current).toBeNull();
  });

  it('ask a kernel that rests, once, where there is a choice', async () => {
    answer = 'two';
    connections.front = kernel.connection;
    await rest();
    expect(asked).toEqual([]);
    kernel.become('busy');
    await another();
    expect(asked).toEqual([]);
    kernel.become('idle');
    await rest();
    expect(connections.current).toBe('two');
    kernel.become('busy', 'idle');
    feed.push({ action: 'changed', cluster: cluster({ id: 'two', updated: 2e9 }) });
    await rest();
    expect(asked).toEqual(['k']);
  });

  it('ask again after what was run, and once for a whole queue of cells', async () => {
    await another();
    answer = 'one';
    connections.front = kernel.connection;
    await rest();
    expect(connections.current).toBe('one');
    answer = 'two';
    for (let cell = 0; cell < 10; cell += 1) {
      kernel.run('client = Client(address)');
    }
    await rest();
    expect(connections.current).toBe('two');
    answer = '';
    kernel.run('client.close()');
    await rest();
    expect(connections.current).toBeNull();
    expect(asked).toHaveLength(3);
  });

  it('leave a kernel without dasklab alone, and what was connected from here as it is', async () => {
    await another();
    connections.front = kernel.connection;
    connections.connect('k', 'one');
    await rest();
    kernel.run('x = 1');
    await rest();
    expect(asked).toHaveLength(1);
    expect(connections.current).toBe('one');
    answer = 'two';
    kernel.run('%load_ext dasklab');
    await rest();
    expect(connections.current).toBe('two');
  });

  it('hear what `%dask` says of itself, while the kernel goes on computing', async () => {
    await another();
    connections.front = kernel.connection;
    connections.connect('k', 'one');
    kernel.become('busy');
    kernel.send('display_data', { data: {}, metadata: { dasklab: { connected: 'two' } } });
    expect(connections.current).toBe('two');
  });

  it('take no answer for another kernel', async () => {
    await another();
    answer = 'two';
    connections.front = kernel.connection;
    await vi.advanceTimersByTimeAsync(100);
    connections.front = new ScriptedKernel('other').connection;
    await rest();
    expect(asked).toEqual(['other']);
    connections.front = null;
    kernel.run('import dask');
    await rest();
    expect(asked).toEqual(['other']);
    expect(connections.current).toBeNull();
  });
});
