/**
 * The known clusters, brought into order: pure state, without timers, sockets or signals.
 *
 * Pushed events and answers to requests travel on different sockets and overtake each other.
 * What decides is the cluster's own `updated`, never the order of arrival.
 */
import { hasEnded, type ClusterEvent, type ICluster } from '../api/contract';

/** Ids of forgotten clusters that are remembered, so that a late event does not revive one. */
const GRAVES = 1_000;

export class ClusterStore {
  /** Newest first; the same array until something changed. */
  get clusters(): ReadonlyArray<ICluster> {
    this._sorted ??= [...this._clusters.values()].sort(newestFirst);
    return this._sorted;
  }

  get(id: string): ICluster | null {
    return this._clusters.get(id) ?? null;
  }

  /** Take one cluster in; whether anything changed. */
  put(cluster: ICluster): boolean {
    const known = this._clusters.get(cluster.id);
    if (this._graves.has(cluster.id) || (known && !supersedes(cluster, known))) {
      return false;
    }
    this._clusters.set(cluster.id, known ? settle(known, cluster) : cluster);
    this._touched.add(cluster.id);
    this._sorted = null;
    return true;
  }

  /** Drop one cluster for good; whether it was known. */
  forget(id: string): boolean {
    this._graves.add(id);
    if (this._graves.size > GRAVES) {
      // A set keeps the order of insertion: the first is the oldest.
      const [oldest] = this._graves;
      this._graves.delete(oldest);
    }
    this._sorted = null;
    return this._clusters.delete(id);
  }

  apply(event: ClusterEvent): boolean {
    return event.action === 'changed' ? this.put(event.cluster) : this.forget(event.id);
  }

  /** Call before the state is fetched; what arrives until `replace` outlives the answer. */
  expect(): void {
    this._touched.clear();
  }

  /** Take in the whole list as the server answered it. */
  replace(clusters: ReadonlyArray<ICluster>): void {
    const listed = new Set(clusters.map(cluster => cluster.id));
    for (const id of [...this._clusters.keys()]) {
      if (!listed.has(id) && !this._touched.has(id)) {
        this._clusters.delete(id);
      }
    }
    for (const cluster of clusters) {
      this.put(cluster);
    }
    this._touched.clear();
    this._sorted = null;
  }

  private readonly _clusters = new Map<string, ICluster>();
  private readonly _graves = new Set<string>();
  private readonly _touched = new Set<string>();
  private _sorted: ReadonlyArray<ICluster> | null = null;
}

/** What says the same stays the same object, so that what shows it is not painted anew. */
function settle<T extends object>(known: T, next: T): T {
  const settled = { ...next };
  for (const name of Object.keys(next) as (keyof T)[]) {
    if (says(known[name]) === says(next[name])) {
      settled[name] = known[name];
    }
  }
  return settled;
}

function says(value: unknown): string {
  return JSON.stringify(value instanceof Set ? [...value] : value);
}

function supersedes(next: ICluster, known: ICluster): boolean {
  if (next.updated !== known.updated) {
    return next.updated > known.updated;
  }
  // Readers declare a cluster lost whose host died without another word, so with the same
  // `updated`; nothing comes back from an end.
  return hasEnded(next.phase) || !hasEnded(known.phase);
}

function newestFirst(a: ICluster, b: ICluster): number {
  return b.created - a.created || (a.id < b.id ? -1 : 1);
}
