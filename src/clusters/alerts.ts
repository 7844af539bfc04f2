/**
 * What a user should hear of even when the panel is not in sight: a cluster that failed or was
 * lost, and a lease that ends soon. Each once for a cluster. No polling: one timer, set to the
 * moment at which the next lease comes near its end.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import { hasEnded, type ICluster } from '../api/contract';
import { secondsLeft } from './lease';
import type { IClusters } from './manager';

/** Seconds before the end of a lease: time to finish a thought and to press Keep. */
const WARNING = 300;

/** What `setTimeout` can wait at most; it fires at once beyond. */
const LONGEST = 2_000_000_000;

export interface IAlert {
  /** `settled`: a warning has become pointless, the lease was prolonged or the cluster is gone. */
  readonly kind: 'failed' | 'lost' | 'ending' | 'settled';
  readonly cluster: ICluster;
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
      const { id, lease, phase } = cluster;
      if (!hasEnded(phase)) {
        this._alive.add(id);
      } else if (this._alive.delete(id) && (phase === 'failed' || phase === 'lost')) {
        // What had ended before this page saw it is history.
        this._raised.emit({ kind: phase, cluster });
      }
      const left = hasEnded(phase) || phase === 'stopping' ? null : secondsLeft(lease, now);
      const due = left === null ? Infinity : left - WARNING;
      if (due > 0) {
        this._settle(cluster);
        next = this._warned.has(id) ? next : Math.min(next, due);
      } else if (!this._warned.has(id)) {
        this._warned.add(id);
        this._open.add(id);
        this._raised.emit({ kind: 'ending', cluster });
      }
    }
    clearTimeout(this._timer);
    if (next < Infinity) {
      this._timer = setTimeout(() => this._update(), Math.min(next * 1_000 + 50, LONGEST));
    }
  }

  private _settle(cluster: ICluster): void {
    if (this._open.delete(cluster.id)) {
      this._raised.emit({ kind: 'settled', cluster });
    }
  }

  private readonly _clusters: IClusters;
  private readonly _raised = new Signal<this, IAlert>(this);
  private readonly _alive = new Set<string>();
  private readonly _warned = new Set<string>();
  /** Ids of those whose warning still stands. */
  private readonly _open = new Set<string>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
