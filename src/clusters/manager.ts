/**
 * The clusters of this server: fetched once, then followed by pushed events. Nothing polls.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ClusterApi } from '../api/client';
import {
  hasEnded,
  type ClusterEvent,
  type ICluster,
  type ILaunch,
  type IProblem,
  type IGroupedScaling,
  type Scaling
} from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import type { Connection, IClusterFeed } from '../api/feed';
import { Coalescer } from './coalescer';
import { History, type Samples } from './history';
import { ClusterStore } from './store';

/** Milliseconds between two repaints: twenty a second are as fluent as a list needs to be. */
const PAUSE = 50;

/** All that is known at one moment; immutable, the same object until something changed. */
export interface IClustersState {
  /** Whether the list has been fetched, at least once. */
  readonly loaded: boolean;
  /** Whether changes arrive; without, the list is what was known last. */
  readonly connection: Connection;
  /** Why the list could not be fetched the last time. */
  readonly error: ApiError | null;
  readonly clusters: ReadonlyArray<ICluster>;
  /** Records that cannot be read. */
  readonly problems: ReadonlyArray<IProblem>;
}

/** The Dask clusters and what can be done to them; failures are thrown as `ApiError`. */
export interface IClusters extends IDisposable {
  readonly state: IClustersState;
  readonly changed: ISignal<IClusters, void>;
  /** Emitted when the server is back: whatever hung on its sockets is dead. */
  readonly reconnected: ISignal<IClusters, void>;
  /** Resolves when the list has been fetched, or could not be. */
  readonly ready: Promise<void>;
  /** The questions that need no model: logs, pages, views, code, environments. */
  readonly api: ClusterApi;
  /** A cluster by id or by name, a living one first. */
  find(idOrName: string): ICluster | null;
  /** The cluster with that id; the same object until it changed. */
  get(id: string): ICluster | null;
  /** What that cluster did lately. */
  history(id: string): Samples;
  refresh(): Promise<void>;
  launch(launch: ILaunch): Promise<ICluster>;
  scale(id: string, workers: Scaling | IGroupedScaling): Promise<void>;
  restart(id: string): Promise<void>;
  keep(id: string, pinned: boolean): Promise<void>;
  /** Let go of a cluster that was found running; it goes on. */
  detach(id: string): Promise<void>;
  /** Stop a cluster, or forget an ended one. */
  remove(id: string): Promise<void>;
}

export class ClusterManager implements IClusters {
  constructor(api: ClusterApi, feed: IClusterFeed) {
    this.api = api;
    this._feed = feed;
    this._announce = new Coalescer(() => {
      this._state = null;
      this._changed.emit();
    }, PAUSE);
    feed.received.connect(this._onReceived, this);
    feed.connectionChanged.connect(this._onConnectionChanged, this);
    // Not waiting for the socket: where websockets are blocked the list is still shown.
    this.ready = this.refresh();
  }

  readonly api: ClusterApi;
  readonly ready: Promise<void>;

  get state(): IClustersState {
    this._state ??= {
      loaded: this._loaded,
      connection: this._feed.connection,
      error: this._error,
      clusters: this._store.clusters,
      problems: this._problems
    };
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get reconnected(): ISignal<this, void> {
    return this._reconnected;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._announce.dispose();
    this._feed.dispose();
    Signal.clearData(this);
  }

  find(idOrName: string): ICluster | null {
    const named = this._store.clusters.filter(cluster => cluster.name === idOrName);
    return (
      this._store.get(idOrName) ??
      named.find(cluster => !hasEnded(cluster.phase)) ??
      named[0] ??
      null
    );
  }

  get(id: string): ICluster | null {
    return this._store.get(id);
  }

  history(id: string): Samples {
    return this._history.get(id);
  }

  async refresh(): Promise<void> {
    // Of overlapping fetches only the last one may speak: the others may have been answered by
    // a server that is gone since.
    const turn = ++this._turn;
    this._store.expect();
    try {
      const listing = await this.api.list();
      if (turn === this._turn) {
        this._store.replace(listing.clusters);
        this._history.replace(this._store.clusters);
        this._problems = listing.problems;
        this._error = null;
        this._loaded = true;
      }
    } catch (error) {
      if (turn === this._turn) {
        this._error = toApiError(error);
      }
    }
    this._announce.request();
  }

  async launch(launch: ILaunch): Promise<ICluster> {
    const cluster = await this.api.launch(launch);
    this._put(cluster);
    return cluster;
  }

  async scale(id: string, workers: Scaling | IGroupedScaling): Promise<void> {
    this._put(await this.api.scale(id, workers));
  }

  async restart(id: string): Promise<void> {
    this._put(await this.api.restart(id));
  }

  async keep(id: string, pinned: boolean): Promise<void> {
    this._put(await this.api.keep(id, pinned));
  }

  async detach(id: string): Promise<void> {
    this._put(await this.api.detach(id));
  }

  async remove(id: string): Promise<void> {
    const cluster = await this.api.remove(id);
    if (cluster) {
      this._put(cluster);
    } else {
      this._take({ action: 'forgotten', id });
    }
  }

  private _put(cluster: ICluster): void {
    this._take({ action: 'changed', cluster });
  }

  private _onReceived(_: IClusterFeed, event: ClusterEvent): void {
    this._take(event);
  }

  private _take(event: ClusterEvent): void {
    if (!this._store.apply(event)) {
      return;
    }
    if (event.action === 'changed') {
      this._history.add(event.cluster);
    } else {
      this._history.forget(event.id);
    }
    this._announce.request();
  }

  private _onConnectionChanged(_: IClusterFeed, connection: Connection): void {
    this._announce.request();
    if (connection === 'open') {
      // What happened before the socket was open was not pushed to it.
      void this.refresh();
      if (this._wasConnected) {
        this._reconnected.emit();
      }
      this._wasConnected = true;
    }
  }

  private readonly _feed: IClusterFeed;
  private readonly _store = new ClusterStore();
  private readonly _history = new History();
  private readonly _announce: Coalescer;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _reconnected = new Signal<this, void>(this);
  private _state: IClustersState | null = null;
  private _problems: ReadonlyArray<IProblem> = [];
  private _error: ApiError | null = null;
  private _loaded = false;
  private _wasConnected = false;
  private _turn = 0;
  private _isDisposed = false;
}
