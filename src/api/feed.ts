/**
 * The pushed changes, from Jupyter's event bus, and word of every (re)connection.
 *
 * Events have no replay, so the state must be fetched *after* the socket is open, the first time
 * and every time. The application's own `serviceManager.events` reconnects without telling
 * anybody; hence a second `EventManager` of the same public class on the same endpoint, with a
 * WebSocket that says when it opens and closes. It costs the server one more listener per page.
 */
import { EventManager, type Event, type ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ClusterEvent } from './contract';
import { readEvent } from './guards';

export const CLUSTER_SCHEMA = 'https://dasklab.dev/events/cluster/v1';

/** Before the first attempt has ended, while changes arrive, and while they do not. */
export type Connection = 'connecting' | 'open' | 'closed';

/** Where changes come from. */
export interface IClusterFeed extends IDisposable {
  readonly connection: Connection;
  readonly connectionChanged: ISignal<IClusterFeed, Connection>;
  readonly received: ISignal<IClusterFeed, ClusterEvent>;
}

export class EventFeed implements IClusterFeed {
  constructor(settings: ServerConnection.ISettings) {
    const onChange = (connection: Connection): void => this._setConnection(connection);
    class WatchedSocket extends settings.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener('open', () => onChange('open'));
        this.addEventListener('close', () => onChange('closed'));
      }
    }
    this._events = new EventManager({
      serverSettings: { ...settings, WebSocket: WatchedSocket }
    });
    this._events.stream.connect(this._onEvent, this);
  }

  get connection(): Connection {
    return this._connection;
  }

  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  get received(): ISignal<this, ClusterEvent> {
    return this._received;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._events.stream.disconnect(this._onEvent, this);
    this._events.dispose();
    Signal.clearData(this);
  }

  private _onEvent(_: Event.IManager, emission: Event.Emission): void {
    if (emission.schema_id === CLUSTER_SCHEMA) {
      const event = readEvent(emission);
      if (event) {
        this._received.emit(event);
      }
    }
  }

  private _setConnection(connection: Connection): void {
    if (!this._isDisposed && connection !== this._connection) {
      this._connection = connection;
      this._connectionChanged.emit(connection);
    }
  }

  private readonly _events: EventManager;
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly _received = new Signal<this, ClusterEvent>(this);
  private _connection: Connection = 'connecting';
  private _isDisposed = false;
}
