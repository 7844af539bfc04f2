/**
 * What a user should hear of even when the panel is not in sight: a cluster that failed or was
 * lost, something asked of it that failed later, a lease that ends soon or has ended. Each once. No
 * polling: one timer, set to the moment at which the next lease comes near its end.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import { hasEnded, type ICluster, type IHistoryLine } from '../api/contract';
import { secondsLeft } from './lease';
import type { IClusters } from './manager';

/** Seconds before the end of a lease: time to finish a thought and to press Keep. */
const WARNING = 300;

/** What `setTimeout` can wait at most; it fires at once beyond. */
const LONGEST = 2_000_000_000;

export interface IAlert {
  /**
   * `ended`: its lease has. `settled`: a warning has become pointless, the lease was prolonged or
   * the cluster is gone. `refused`: what the host had accepted could not be done.
   */
  readonly kind: 'failed' | 'lost' | 'ending' | 'ended' | 'settled' | 'refused';
  readonly cluster: ICluster;
  /** What could not be done, and why. */
  readonly event?: IHistoryLine;
}

export class Alerts implements IDisposable {
  constructor(clusters: IClusters) {
    this._clusters = clusters;
    clusters.changed.connect(this._update, this);
  }

  get raised(): ISignal<this, IAlert> {
    return this._raised;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._clusters.changed.disconnect(this._update, this);
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private _update(): void {
    const now = Date.now() + this._clusters.api.clockSkew;
    let next = Infinity;
    for (const cluster of this._clusters.state.clusters) {
      const { id, lease, phase, reason } = cluster;
      this._hear(cluster);
      if (!hasEnded(phase)) {
        this._alive.add(id);
      } else if (this._alive.delete(id)) {
        // What had ended before this page saw it is history.
        if (phase === 'failed' || phase === 'lost') {
          this._raised.emit({ kind: phase, cluster });
        } else if (reason?.code.startsWith('lease.')) {
          this._raised.emit({ kind: 'ended', cluster });
        }
      }
      const left = hasEnded(phase) || phase === 'stopping' ? null : secondsLeft(lease, now);
      const due = left === null ? Infinity : left - WARNING;
      if (due > 0) {
        // It will be warned of anew when its end is near again.
        next = Math.min(next, due);
        if (this._warned.delete(id)) {
          this._raised.emit({ kind: 'settled', cluster });
        }
      } else if (!this._warned.has(id)) {
        this._warned.add(id);
        this._raised.emit({ kind: 'ending', cluster });
      }
    }
    clearTimeout(this._timer);
    if (next < Infinity) {
      this._timer = setTimeout(() => this._update(), Math.min(next * 1_000 + 50, LONGEST));
    }
  }

  /** Tell of what failed since the last look; what is there at the first one is history. */
  private _hear(cluster: ICluster): void {
    const heard = this._heard.get(cluster.id) ?? Infinity;
    for (const event of cluster.events) {
      if (event.at > heard && event.kind.endsWith('-failed')) {
        this._raised.emit({ kind: 'refused', cluster, event });
      }
    }
    this._heard.set(cluster.id, Math.max(0, ...cluster.events.map(({ at }) => at)));
  }

  private readonly _clusters: IClusters;
  private readonly _raised = new Signal<this, IAlert>(this);
  private readonly _alive = new Set<string>();
  /** Ids of those whose warning stands. */
  private readonly _warned = new Set<string>();
  /** When the newest event that was looked at happened, by the cluster's id. */
  private readonly _heard = new Map<string, number>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
