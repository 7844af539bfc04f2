/**
 * What the panel shows beyond the clusters themselves: whether it is looked at, whether the form
 * is open, and which ended clusters still stand among the living.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import { hasEnded, type ICluster, type IDiscovery, type IFound } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { mayLaunch } from '../api/mode';
import type { IClusters, IClustersState } from '../clusters/manager';
import { DEFAULT_CHOICE, type IChoice } from '../clusters/settings';
import type { IStarter } from '../clusters/starter';
import { Clock } from '../ui/clock';
import type { IPanelActions } from './actions';

/** Milliseconds for which a standby is asked for once: it waits ten minutes for its launch. */
const WARM_AGAIN = 300_000;

/** What stands where; the clusters themselves are the cards' own business. */
export interface IPanelState extends Omit<IClustersState, 'clusters'> {
  /** Ids, newest first: the living, and those that failed or were lost before the user's eyes. */
  readonly current: ReadonlyArray<string>;
  readonly ended: ReadonlyArray<string>;
  readonly formOpen: boolean;
  /** Which form: another one for each launch of one click that failed. */
  readonly form: number;
  /** Whether a launch of one click has not been answered yet. */
  readonly launching: boolean;
  /** What one click launches. */
  readonly next: IChoice;
}

/** What the form starts from. */
export interface ISeed {
  readonly choice: IChoice;
  /** Why the launch failed that led to the form. */
  readonly failure: ApiError | null;
}

export class PanelModel implements IDisposable {
  constructor(
    clusters: IClusters,
    starter: IStarter,
    actions: IPanelActions,
    trans: TranslationBundle
  ) {
    this.clusters = clusters;
    this.starter = starter;
    this.actions = actions;
    this.trans = trans;
    this.clock = new Clock(() => clusters.api.clockSkew);
    clusters.changed.connect(this._onClustersChanged, this);
    starter.changed.connect(this._update, this);
    this._onClustersChanged();
  }

  readonly clusters: IClusters;
  readonly starter: IStarter;
  readonly actions: IPanelActions;
  readonly trans: TranslationBundle;
  readonly clock: Clock;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * The same object until cards come, go or move: what changes within a cluster repaints its card
   * and nothing else. While the panel is hidden it stands still.
   */
  readonly state = (): IPanelState => {
    if (this._stale || this._state === null) {
      this._stale = false;
      this._state = settle(this._state, this._read());
    }
    return this._state;
  };

  /** For React: be called at every change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this._changed.connect(listener);
    return () => {
      this._changed.disconnect(listener);
    };
  };

  get visible(): boolean {
    return this._visible;
  }

  set visible(visible: boolean) {
    if (visible !== this._visible) {
      this._visible = visible;
      this._update();
      if (visible) {
        this._warm();
      }
    }
  }

  get formOpen(): boolean {
    return this._formOpen;
  }

  set formOpen(open: boolean) {
    if (open !== this._formOpen && (!open || mayLaunch(this.actions.mode))) {
      this._formOpen = open;
      if (!open) {
        this._seed = null;
      }
      this._update();
    }
  }

  /** What the form starts from: what was launched last, or what could not be launched just now. */
  get seed(): ISeed {
    return this._seed ?? { choice: this.starter.last, failure: null };
  }

  /** Launch as the last time; what is wrong is said at the form, where it can be mended. */
  async startLast(): Promise<void> {
    if (this._launching || !mayLaunch(this.actions.mode)) {
      return;
    }
    this._launching = true;
    this._update();
    await this.starter.ready;
    const choice = this.starter.last;
    try {
      await this.starter.start(choice);
    } catch (error) {
      this._seed = { choice, failure: toApiError(error) };
      this._form += 1;
      this._formOpen = true;
    }
    this._launching = false;
    this._update();
  }

  /** Stop a cluster, or forget an ended one; however it ends now, it ends on purpose. */
  async remove(id: string): Promise<void> {
    await this.clusters.remove(id);
    this._removed.add(id);
  }

  /** What runs already and is in no list, as the environment and folder in front see it. */
  async discover(): Promise<IDiscovery> {
    const { environment, cwd } = await this.starter.request(DEFAULT_CHOICE);
    return this.clusters.api.discovered(environment, cwd);
  }

  /** Attach to a cluster that was found. What one click launches stays what it was. */
  async attach(found: IFound): Promise<void> {
    const { deployment, label, options } = found;
    const choice = { ...DEFAULT_CHOICE, deployment, options };
    await this.clusters.launch(await this.starter.request(choice, label));
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.clusters.changed.disconnect(this._onClustersChanged, this);
      this.starter.changed.disconnect(this._update, this);
      Signal.clearData(this);
    }
  }

  private _read(): IPanelState {
    const { clusters, ...rest } = this.clusters.state;
    const current: string[] = [];
    const ended: string[] = [];
    for (const cluster of clusters) {
      (this._isPut(cluster) ? ended : current).push(cluster.id);
    }
    const { _form: form, _formOpen: formOpen, _launching: launching } = this;
    return { ...rest, current, ended, form, formOpen, launching, next: this.starter.last };
  }

  /** Whether a cluster belongs among the ended ones, folded away. */
  private _isPut(cluster: ICluster): boolean {
    // A failure that the user has seen coming stays in sight until it is dismissed; those found
    // at the start are history.
    const wanted = cluster.phase === 'stopped' || this._removed.has(cluster.id);
    return hasEnded(cluster.phase) && (wanted || !this._seen.has(cluster.id));
  }

  private _onClustersChanged(): void {
    for (const cluster of this.clusters.state.clusters) {
      if (!hasEnded(cluster.phase)) {
        this._seen.add(cluster.id);
      }
    }
    if (this._visible) {
      this._update();
    }
  }

  /** Who opens the panel may click New: by then what takes two seconds has been done. */
  private _warm(): void {
    const now = Date.now();
    if (mayLaunch(this.actions.mode) && now - this._warmed > WARM_AGAIN) {
      this._warmed = now;
      void this.starter.warm();
    }
  }

  private _update(): void {
    this._stale = true;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  /** Ids of the clusters that were alive under this page. */
  private readonly _seen = new Set<string>();
  /** Ids of those that were stopped from here. */
  private readonly _removed = new Set<string>();
  private _state: IPanelState | null = null;
  private _stale = false;
  private _visible = false;
  /** When a standby was asked for (milliseconds of the epoch). */
  private _warmed = 0;
  private _form = 0;
  private _formOpen = false;
  private _launching = false;
  private _seed: ISeed | null = null;
  private _isDisposed = false;
}

/** The known state if the new one says the same, and its lists where those do. */
function settle(known: IPanelState | null, next: IPanelState): IPanelState {
  if (known === null) {
    return next;
  }
  const current = sameIds(known.current, next.current) ? known.current : next.current;
  const ended = sameIds(known.ended, next.ended) ? known.ended : next.ended;
  const unchanged =
    current === known.current &&
    ended === known.ended &&
    known.formOpen === next.formOpen &&
    known.form === next.form &&
    known.launching === next.launching &&
    known.next === next.next &&
    known.loaded === next.loaded &&
    known.connection === next.connection &&
    known.error === next.error &&
    known.problems === next.problems;
  return unchanged ? known : { ...next, current, ended };
}

function sameIds(a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
