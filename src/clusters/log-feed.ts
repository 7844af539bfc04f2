/**
 * The log of one cluster as a pane follows it. Nobody tells that a line was written, so while it is
 * followed and looked at by somebody, and the cluster lives, it is read every two seconds; else when
 * asked for.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import { hasEnded, type ILogLine, type LogSource } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import type { IAttention } from '../telemetry/attention';
import type { IClusters } from './manager';

/** Lines of one log that are asked for. */
const LINES = 1_000;

/** Lines that are asked for of all workers together: more nobody scrolls through. */
const MOST = 2_000;

/** Milliseconds between two readings: the log of the workers is asked of each of them. */
const PAUSE = 2_000;

export interface ILogState {
  readonly source: LogSource;
  readonly following: boolean;
  /** Whether it is not read on because nobody has used the page for long. */
  readonly resting: boolean;
  /** Oldest first; null until they are read. */
  readonly lines: ReadonlyArray<ILogLine> | null;
  readonly failure: ApiError | null;
}

export class LogFeed implements IDisposable {
  constructor(clusters: IClusters, cluster: string, attention: IAttention) {
    this._clusters = clusters;
    this._attention = attention;
    this._id = cluster;
    this._lives = this._living;
    clusters.changed.connect(this._onChanged, this);
    this._unlisten = attention.changed.add(() => this._resume());
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

  /** Whether it can be seen in the page; what was missed meanwhile is read then. */
  set visible(visible: boolean) {
    if (visible !== this._visible) {
      this._visible = visible;
      this._resume();
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
      this._resume();
    }
  }

  async read(): Promise<void> {
    // Of overlapping readings the last one speaks: the source may be another one by now.
    const turn = ++this._turn;
    clearTimeout(this._timer);
    const { source, lines: known } = this._state;
    const workers = source === 'workers' ? this._clusters.get(this._id)?.workers.running : 1;
    const count = Math.max(1, Math.min(LINES, Math.floor(MOST / (workers || 1))));
    let lines = known;
    let failure: ApiError | null = null;
    try {
      lines = settle(known ?? [], await this._clusters.api.logs(this._id, source, count));
    } catch (error) {
      failure = toApiError(error);
    }
    if (turn === this._turn && !this._isDisposed) {
      if (lines !== known || failure !== this._state.failure) {
        this._set({ lines, failure });
      }
      if (this._looked && this._state.following && this._living) {
        this._timer = setTimeout(() => void this.read(), PAUSE);
      }
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._unlisten();
      this._clusters.changed.disconnect(this._onChanged, this);
      Signal.clearData(this);
    }
  }

  private get _looked(): boolean {
    return this._visible && this._attention.present;
  }

  private get _living(): boolean {
    const cluster = this._clusters.get(this._id);
    return cluster !== null && !hasEnded(cluster.phase);
  }

  private _onChanged(): void {
    const lives = this._living;
    if (lives !== this._lives) {
      this._lives = lives;
      clearTimeout(this._timer);
      // What it wrote last. Of a forgotten cluster there is nothing to read: what is shown stays.
      if (this._clusters.get(this._id) !== null) {
        this._resume();
      }
    }
  }

  /** Read now, if anybody looks, and go on while it is followed. */
  private _resume(): void {
    clearTimeout(this._timer);
    const resting = this._attention.resting && this._state.following && this._living;
    if (resting !== this._state.resting) {
      this._set({ resting });
    }
    if (this._looked && (this._state.lines === null || this._state.following)) {
      void this.read();
    }
  }

  private _set(part: Partial<ILogState>): void {
    this._state = { ...this._state, ...part };
    this._changed.emit();
  }

  private readonly _clusters: IClusters;
  private readonly _id: string;
  private readonly _attention: IAttention;
  private readonly _unlisten: () => void;
  private readonly _changed = new Signal<this, void>(this);
  private _state: ILogState = {
    source: 'host',
    following: true,
    resting: false,
    lines: null,
    failure: null
  };
  private _lives: boolean;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _visible = false;
  private _turn = 0;
  private _isDisposed = false;
}

/**
 * The known lines where the new ones say the same, the known list if all do: what was read again
 * is not drawn again.
 */
function settle(
  known: ReadonlyArray<ILogLine>,
  next: ReadonlyArray<ILogLine>
): ReadonlyArray<ILogLine> {
  const same = new Map<string, ILogLine[]>();
  for (const line of known) {
    const text = JSON.stringify(line);
    const alike = same.get(text) ?? [];
    alike.push(line);
    same.set(text, alike);
  }
  // From the end: of lines that are alike the oldest are those that are gone.
  const lines = [...next];
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    lines[index] = same.get(JSON.stringify(lines[index]))?.pop() ?? lines[index];
  }
  const unchanged = lines.length === known.length && lines.every((line, at) => line === known[at]);
  return unchanged ? known : lines;
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
