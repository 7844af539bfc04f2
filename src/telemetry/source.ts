/**
 * The websocket behind a store: open while somebody looks, closed otherwise, opened anew where it
 * broke. A new connection goes on where the last one ended, so nothing is lost in between and
 * nothing is asked for on a timer.
 */
import type { IAttention } from './attention';
import { decodeFrame, FrameError } from './decode';
import { Listeners } from './listeners';
import { PARTS } from './schema';
import type { TelemetryStore } from './store';

/** Milliseconds before a broken connection is tried again: the first time, and at the most. */
const FIRST = 500;
const LONGEST = 30_000;

/** Milliseconds to keep the connection when nobody looks any more: tabs are switched back. */
const LINGER = 3_000;

/** Seconds that come first: the window in which a plot begins. What is older comes behind them. */
const RECENT = 60;

/** Closed by the other side because all is said, and because there is nothing to say. */
const NORMAL = 1000;
const GONE = 4410;

/** How it stands with the connection. */
export type Connection = 'off' | 'connecting' | 'open' | 'broken' | 'ended';

/** As much of a WebSocket as is needed. */
export interface ISocket {
  binaryType: BinaryType;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string): void;
  close(): void;
}

export class TelemetrySource {
  /**
   * @param store - What is filled.
   * @param open - Opens a connection.
   * @param attention - In a page where nobody is the connection is closed as if nobody looked.
   */
  constructor(store: TelemetryStore, open: () => ISocket, attention: IAttention) {
    this._store = store;
    this._open = open;
    this._attention = attention;
    this._unlisten = attention.changed.add(this._update);
  }

  readonly changed = new Listeners();

  get connection(): Connection {
    return this._connection;
  }

  /** Whether it is closed because nobody has used the page for long. */
  get resting(): boolean {
    return this._connection === 'off' && this._attention.resting;
  }

  /** Look at it, until the returned function is called. */
  watch(): () => void {
    const watcher = {};
    this._watchers.add(watcher);
    this._update();
    return () => {
      if (this._watchers.delete(watcher)) {
        this._update();
      }
    };
  }

  /** Try again now, as when the network is known to be back. */
  retry(): void {
    this._delay = FIRST;
    if (this._connection === 'broken') {
      this._clear();
      this._connect();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this._unlisten();
    this._watchers.clear();
    this._disconnect('off');
    this.changed.clear();
  }

  private readonly _update = (): void => {
    const wanted = this._watchers.size > 0 && this._attention.present && !this._isDisposed;
    if (wanted && this._connection !== 'ended') {
      if (this._timer !== null && this._socket !== null) {
        this._clear();
      }
      if (this._connection === 'off') {
        this._connect();
      }
    } else if (!wanted && this._socket !== null) {
      this._later(() => this._disconnect('off'), LINGER);
    } else if (!wanted && this._connection === 'broken') {
      this._disconnect('off');
    }
  };

  private _connect(): void {
    const socket = this._open();
    socket.binaryType = 'arraybuffer';
    this._socket = socket;
    this._set('connecting');
    socket.onopen = () => {
      const since = this._store.since;
      socket.send(JSON.stringify({ hello: { tables: PARTS, since, recent: RECENT } }));
    };
    socket.onmessage = event => {
      if (this._socket === socket && event.data instanceof ArrayBuffer) {
        this._take(socket, event.data);
      }
    };
    socket.onclose = event => {
      if (this._socket === socket) {
        this._socket = null;
        const said = event.code === NORMAL && this._store.end !== null;
        this._onClosed(said || event.code === GONE);
      }
    };
  }

  private _take(socket: ISocket, data: ArrayBuffer): void {
    try {
      this._store.apply(decodeFrame(data));
    } catch (error) {
      if (!(error instanceof FrameError)) {
        throw error;
      }
      // What is here and what comes in do not fit together: from the beginning, after a while,
      // because a host that always sends such frames must not be asked without end.
      this._store.reset();
      this._disconnect('broken');
      this._again();
      return;
    }
    this._delay = FIRST;
    this._set('open');
    socket.send('{"credit": 1}');
  }

  private _onClosed(ended: boolean): void {
    this._clear();
    if (ended) {
      this._set('ended');
    } else if (this._watchers.size > 0 && this._attention.present) {
      this._set('broken');
      this._again();
    } else {
      this._set('off');
    }
  }

  private _again(): void {
    this._later(() => this._connect(), this._delay * (0.5 + Math.random()));
    this._delay = Math.min(LONGEST, this._delay * 2);
  }

  private _disconnect(connection: Connection): void {
    this._clear();
    const socket = this._socket;
    this._socket = null;
    socket?.close();
    this._set(connection);
  }

  private _later(call: () => void, milliseconds: number): void {
    this._clear();
    this._timer = setTimeout(() => {
      this._timer = null;
      call();
    }, milliseconds);
  }

  private _clear(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }

  private _set(connection: Connection): void {
    if (connection !== this._connection) {
      this._connection = connection;
      this.changed.notify();
    }
  }

  private readonly _store: TelemetryStore;
  private readonly _open: () => ISocket;
  private readonly _attention: IAttention;
  private readonly _unlisten: () => void;
  private readonly _watchers = new Set<object>();
  private _socket: ISocket | null = null;
  private _connection: Connection = 'off';
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _delay = FIRST;
  private _isDisposed = false;
}
