/**
 * The log of one cluster as a pane follows it. It is read when asked for, and, while followed and
 * looked at, after a change of the cluster; there is no timer that asks on its own.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ICluster, ILogLine, LogSource } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { Coalescer } from './coalescer';
import type { IClusters } from './manager';

/** Lines that are asked for. */
const LINES = 1_000;

/** Milliseconds between two readings: the log of the workers is asked of each of them. */
const PAUSE = 2_000;

export interface ILogState {
  readonly source: LogSource;
  readonly following: boolean;
  /** Oldest first; null until they are read. */
  readonly lines: ReadonlyArray<ILogLine> | null;
  readonly failure: ApiError | null;
}

export class LogFeed implements IDisposable {
  constructor(clusters: IClusters, cluster: string) {
    this._clusters = clusters;
    this._id = cluster;
    this._known = clusters.get(cluster);
    this._reading = new Coalescer(() => void this.read(), PAUSE);
    clusters.changed.connect(this._onChanged, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The same object until something changed. */
  readonly state = (): ILogState => this._state;

  /** For React: be called at every change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this._changed.connect(listener);
    return () => {
      this._changed.disconnect(listener);
    };
  };

  /** Whether somebody looks; what was missed meanwhile is read then. */
  set visible(visible: boolean) {
    this._visible = visible;
    if (visible && (this._state.lines === null || this._state.following)) {
      this._request();
    }
  }

  set source(source: LogSource) {
    if (source !== this._state.source) {
      this._set({ source, lines: null, failure: null });
      void this.read();
    }
  }

  set following(following: boolean) {
    if (following !== this._state.following) {
      this._set({ following });
      this._request();
    }
  }

  async read(): Promise<void> {
    // Of overlapping readings the last one speaks: the source may be another one by now.
    const turn = ++this._turn;
    this._stale = false;
    const take = (found: Partial<ILogState>): void => {
      if (turn === this._turn && !this._isDisposed) {
        this._set(found);
      }
    };
    try {
      const lines = await this._clusters.api.logs(this._id, this._state.source, LINES);
      take({ lines, failure: null });
    } catch (error) {
      take({ failure: toApiError(error) });
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._reading.dispose();
      this._clusters.changed.disconnect(this._onChanged, this);
      Signal.clearData(this);
    }
  }

  private _onChanged(): void {
    const cluster = this._clusters.get(this._id);
    if (cluster !== this._known) {
      this._known = cluster;
      // Of a forgotten cluster there is nothing to read any more: what is shown stays.
      this._stale = cluster !== null;
      this._request();
    }
  }

  private _request(): void {
    if (this._visible && (this._state.lines === null || (this._state.following && this._stale))) {
      this._reading.request();
    }
  }

  private _set(part: Partial<ILogState>): void {
    this._state = { ...this._state, ...part };
    this._changed.emit();
  }

  private readonly _clusters: IClusters;
  private readonly _id: string;
  private readonly _reading: Coalescer;
  private readonly _changed = new Signal<this, void>(this);
  private _state: ILogState = { source: 'host', following: true, lines: null, failure: null };
  private _known: ICluster | null;
  private _stale = false;
  private _visible = false;
  private _turn = 0;
  private _isDisposed = false;
}

/** The names that lines come from, in order: of the workers' logs, the workers. */
export function sourcesOf(lines: ReadonlyArray<ILogLine>): string[] {
  return [...new Set(lines.map(line => line.source))].filter(Boolean).sort();
}

/** The lines of one source (of all if empty) that have all words in them, in any case. */
export function filterLines(
  lines: ReadonlyArray<ILogLine>,
  source: string,
  filter: string
): ReadonlyArray<ILogLine> {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter(line => {
    const text = `${line.level} ${line.source} ${line.text}`.toLowerCase();
    return (source === '' || line.source === source) && words.every(word => text.includes(word));
  });
}
