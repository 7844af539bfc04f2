/**
 * Which cluster a notebook works with, as far as this page can know without asking its kernel,
 * which may be busy: the one it was connected to from here, else the only one that lives.
 */
import { Signal, type ISignal } from '@lumino/signaling';
import { hasEnded, type ICluster } from '../api/contract';

export interface IConnections {
  /** Id of the cluster that the notebook in front was connected to from this page. */
  readonly current: string | null;
  readonly changed: ISignal<IConnections, void>;
}

export class Connections implements IConnections {
  get current(): string | null {
    return this._front === null ? null : (this._clusters.get(this._front) ?? null);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Say which kernel is that of the notebook in front. */
  set front(kernel: string | null) {
    this._front = kernel;
    this._changed.emit();
  }

  connect(kernel: string, cluster: string): void {
    this._clusters.set(kernel, cluster);
    this._changed.emit();
  }

  /** The kernel has lost its client: it was restarted or is gone. */
  forget(kernel: string): void {
    if (this._clusters.delete(kernel)) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _clusters = new Map<string, string>();
  private _front: string | null = null;
}

/** The cluster to speak of beside the notebook in front; null where that would be guessing. */
export function currentCluster(
  clusters: ReadonlyArray<ICluster>,
  connected: string | null
): ICluster | null {
  const living = clusters.filter(cluster => !hasEnded(cluster.phase));
  return (
    living.find(cluster => cluster.id === connected) ?? (living.length === 1 ? living[0] : null)
  );
}
