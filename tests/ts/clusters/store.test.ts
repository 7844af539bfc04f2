import { beforeEach, describe, expect, it } from 'vitest';
import type { ICluster } from '../../../src/api/contract';
import { readCluster } from '../../../src/api/guards';
import { ClusterStore } from '../../../src/clusters/store';
import { EPOCH, wireCluster, type Wire } from '../builders';

function cluster(changes: Wire = {}): ICluster {
  const read = readCluster(wireCluster(changes));
  if (!read) {
    throw new Error('not a cluster');
  }
  return read;
}

let store: ClusterStore;

beforeEach(() => {
  store = new ClusterStore();
});

describe('ClusterStore', () => {
  it('keeps the newest first', () => {
    store.put(cluster({ id: 'a', created: 1 }));
    store.put(cluster({ id: 'b', created: 3 }));
    store.put(cluster({ id: 'c', created: 2 }));
    expect(store.clusters.map(each => each.id)).toEqual(['b', 'c', 'a']);
    expect(store.clusters).toBe(store.clusters);
  });

  it('keeps the parts that say the same, so that what shows them need not be painted', () => {
    store.put(cluster({ can: ['stop', 'scale'] }));
    const before = store.get('c1');
    store.put(cluster({ can: ['stop', 'scale'], cpu: 3, updated: EPOCH + 1, lease: { idle: 9 } }));
    const after = store.get('c1');
    expect(after).toMatchObject({ cpu: 3, lease: { idle: 9 } });
    expect(after?.can).toBe(before?.can);
    expect(after?.workers).toBe(before?.workers);
    store.put(cluster({ can: ['stop'], updated: EPOCH + 2 }));
    expect([...(store.get('c1')?.can ?? [])]).toEqual(['stop']);
  });

  it('ignores what is older than what it knows', () => {
    store.put(cluster({ updated: EPOCH + 2, phase: 'stopping' }));
    expect(store.put(cluster({ updated: EPOCH + 1, phase: 'running' }))).toBe(false);
    expect(store.get('c1')?.phase).toBe('stopping');
  });

  it('takes the later of two of the same moment, but nothing back from an end', () => {
    store.put(cluster({ phase: 'starting' }));
    expect(store.put(cluster({ phase: 'running' }))).toBe(true);
    expect(store.put(cluster({ phase: 'lost' }))).toBe(true);
    expect(store.put(cluster({ phase: 'running' }))).toBe(false);
    expect(store.get('c1')?.phase).toBe('lost');
  });

  it('does not revive what was forgotten', () => {
    store.put(cluster());
    expect(store.apply({ action: 'forgotten', id: 'c1' })).toBe(true);
    expect(store.put(cluster({ updated: EPOCH + 9 }))).toBe(false);
    store.replace([cluster()]);
    expect(store.clusters).toEqual([]);
  });

  it('drops what a fetched list no longer has', () => {
    store.put(cluster({ id: 'a' }));
    store.expect();
    store.replace([cluster({ id: 'b' })]);
    expect(store.clusters.map(each => each.id)).toEqual(['b']);
  });

  it('keeps what came while the list was under way, and the newer of both', () => {
    store.put(cluster({ id: 'old' }));
    store.expect();
    store.put(cluster({ id: 'launched' }));
    store.put(cluster({ id: 'old', updated: EPOCH + 5, name: 'newer' }));
    store.replace([cluster({ id: 'old', updated: EPOCH + 1 })]);
    expect(store.clusters.map(each => each.id).sort()).toEqual(['launched', 'old']);
    expect(store.get('old')?.name).toBe('newer');
  });
});
