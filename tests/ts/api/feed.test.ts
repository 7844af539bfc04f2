import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterEvent } from '../../../src/api/contract';
import { CLUSTER_SCHEMA, EventFeed, type Connection } from '../../../src/api/feed';
import { wireCluster } from '../builders';
import { ScriptedServer } from '../doubles';

/** A websocket that does what the test says. */
class ManualSocket extends EventTarget {
  static made: ManualSocket[] = [];
  onclose: (() => void) | null = null;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(readonly url: string) {
    super();
    ManualSocket.made.push(this);
  }

  open(): void {
    this.dispatchEvent(new Event('open'));
  }

  drop(): void {
    this.dispatchEvent(new Event('close'));
    this.onclose?.();
  }

  send(data: unknown): void {
    this.onmessage?.({ data: JSON.stringify(data) });
  }

  close(): void {}
}

let feed: EventFeed;
let events: ClusterEvent[];
let connections: Connection[];

beforeEach(() => {
  vi.useFakeTimers();
  ManualSocket.made = [];
  const { settings } = new ScriptedServer();
  feed = new EventFeed({ ...settings, WebSocket: ManualSocket as unknown as typeof WebSocket });
  events = [];
  connections = [];
  feed.received.connect((_, event) => events.push(event));
  feed.connectionChanged.connect((_, connection) => connections.push(connection));
});

afterEach(() => {
  feed.dispose();
  vi.useRealTimers();
});

async function nextSocket(count: number): Promise<ManualSocket> {
  await vi.waitUntil(() => ManualSocket.made.length >= count, { timeout: 5_000 });
  return ManualSocket.made[count - 1];
}

describe('EventFeed', () => {
  it('passes on the events of our schema, and only those that can be read', async () => {
    const socket = await nextSocket(1);
    expect(socket.url).toMatch(/^ws:\/\/host\.example\/user\/alice\/api\/events\/subscribe/);
    socket.open();
    socket.send({ schema_id: 'other', action: 'forgotten', id: 'a' });
    socket.send({ schema_id: CLUSTER_SCHEMA, action: 'nonsense' });
    socket.send({ schema_id: CLUSTER_SCHEMA, action: 'changed', cluster: wireCluster() });
    expect(events.map(event => event.action)).toEqual(['changed']);
  });

  it('tells of every loss and every return of the connection', async () => {
    expect(feed.connection).toBe('connecting');
    (await nextSocket(1)).open();
    expect(feed.connection).toBe('open');
    ManualSocket.made[0].drop();
    expect(feed.connection).toBe('closed');
    (await nextSocket(2)).open();
    expect(connections).toEqual(['open', 'closed', 'open']);
  });

  it('falls silent when disposed', async () => {
    const socket = await nextSocket(1);
    feed.dispose();
    socket.open();
    socket.send({ schema_id: CLUSTER_SCHEMA, action: 'forgotten', id: 'a' });
    expect([...connections, ...events]).toEqual([]);
  });
});
