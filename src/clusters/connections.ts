/**
 * Which cluster a notebook works with: the one that its kernel computes on, whatever connected it.
 * Only the kernel knows that. It says so in the output of `%dask`, and is asked when it rests and
 * may have changed its mind, where there is more than one cluster to speak of. What it wrote down
 * before it began to compute the server knows, and is asked for once. Nothing polls.
 */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import { hasEnded, type ICluster } from '../api/contract';
import { fields, text } from '../api/read';
import type { IClusters } from './manager';

/** Milliseconds of rest before a kernel is asked: between two cells of a queue it has fewer. */
const REST = 200;

export interface IConnections {
  /** Id of the cluster that the notebook in front works with, as far as that is known. */
  readonly current: string | null;
  readonly changed: ISignal<IConnections, void>;
}

export class Connections implements IConnections {
  /**
   * @param ask - Asks an idle kernel for the id of its cluster: empty if it has none, null if it
   *   does not say, as one without dasklab.
   */
  constructor(
    clusters: IClusters,
    ask: (kernel: Kernel.IKernelConnection) => Promise<string | null>
  ) {
    this._clusters = clusters;
    this._question = ask;
    clusters.changed.connect(this._consider, this);
  }

  get current(): string | null {
    return this._known.get(this._front?.id ?? '') || null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The kernel of the notebook in front. */
  set front(kernel: Kernel.IKernelConnection | null) {
    if (kernel !== this._front) {
      this._front?.statusChanged.disconnect(this._onStatus, this);
      this._front?.iopubMessage.disconnect(this._onMessage, this);
      this._front = kernel;
      // What it did meanwhile nobody has heard.
      this._stale = true;
      this._loaded = false;
      kernel?.statusChanged.connect(this._onStatus, this);
      kernel?.iopubMessage.connect(this._onMessage, this);
      this._changed.emit();
      this._consider();
    }
  }

  /** The kernel works with that cluster from now on; with none that is known if it is empty. */
  connect(kernel: string, cluster: string): void {
    this._known.set(kernel, cluster);
    this._changed.emit();
  }

  private _onStatus({ id }: Kernel.IKernelConnection, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      // It has lost its client, and dasklab.
      this._loaded = this._stale = false;
      this.connect(id, '');
    }
    this._consider();
  }

  private _onMessage(
    { id }: Kernel.IKernelConnection,
    { content, header }: KernelMessage.IIOPubMessage
  ): void {
    if (header.msg_type === 'execute_input') {
      // Whoever ran it. A kernel without dasklab loads it with a word of it.
      this._stale ||= this._loaded || /dask/i.test(JSON.stringify(content));
    }
    const said = text(fields(fields(fields(content).metadata).dasklab).connected);
    if (said !== '') {
      this._loaded = true;
      this.connect(id, said);
    }
  }

  /** Ask the kernel in front once it rests, if it may say something new that matters. */
  private _consider(): void {
    const living = this._clusters.state.clusters.filter(({ phase }) => !hasEnded(phase));
    const { id } = this._front ?? {};
    if (id !== undefined && !this._known.has(id) && living.length > 1) {
      this._known.set(id, '');
      void this._lookUp(id);
    }
    if (!this._stale || this._front?.status !== 'idle' || living.length < 2) {
      clearTimeout(this._timer);
      this._timer = undefined;
    } else {
      this._timer ??= setTimeout(() => void this._ask(), REST);
    }
  }

  /** What a kernel has written down, unless it has said something itself meanwhile. */
  private async _lookUp(id: string): Promise<void> {
    const noted = await this._clusters.api.kernelCluster(id).catch(() => '');
    if (noted !== '' && !this._loaded && this._known.get(id) === '') {
      this.connect(id, noted);
    }
  }

  private async _ask(): Promise<void> {
    this._timer = undefined;
    this._stale = false;
    const kernel = this._front;
    const id = kernel && (await this._question(kernel));
    if (kernel && id !== null && kernel === this._front) {
      this._loaded = true;
      this.connect(kernel.id, id);
    }
  }

  private readonly _clusters: IClusters;
  private readonly _question: (kernel: Kernel.IKernelConnection) => Promise<string | null>;
  private readonly _changed = new Signal<this, void>(this);
  /** Clusters by the kernels that work with them. */
  private readonly _known = new Map<string, string>();
  private _front: Kernel.IKernelConnection | null = null;
  /** Whether the kernel in front has dasklab loaded, as far as it has said. */
  private _loaded = false;
  /** Whether it may have changed its mind since it was asked. */
  private _stale = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
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
