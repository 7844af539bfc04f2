/** Doubles for what the front end talks to, named by how they behave. */
import { ServerConnection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { ClusterEvent } from '../../src/api/contract';
import type { IClusters } from '../../src/clusters/manager';
import { Starter } from '../../src/clusters/starter';
import { ANYTHING } from '../../src/api/mode';
import type { IPanelActions } from '../../src/panel/actions';
import { Preferences } from '../../src/ui/preferences';
import type { Connection, IClusterFeed } from '../../src/api/feed';

export interface IRequested {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

/** A server that answers what the test says, and remembers what it was asked. */
export class ScriptedServer {
  readonly requests: IRequested[] = [];
  /** The answer to the next request: a response, a promise of one, or an error to throw. */
  answer: () => Response | Promise<Response> = () => json(200, {});

  readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings({
    baseUrl: 'http://host.example/user/alice/',
    wsUrl: 'ws://host.example/user/alice/',
    fetch: async (input: RequestInfo) => {
      const request = input as Request;
      const text = await request.clone().text();
      this.requests.push({
        method: request.method,
        url: request.url,
        body: text === '' ? null : JSON.parse(text)
      });
      return this.answer();
    }
  });
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): Response {
  const empty = status === 204;
  return new Response(empty ? null : JSON.stringify(body), { status, headers });
}

/** An application without a notebook, in which nothing that is asked for happens. */
export class NoNotebook implements IPanelActions {
  readonly preferences = new Preferences();
  readonly mode = ANYTHING;
  readonly layouts = [];
  readonly notebook = null;
  readonly notebookChanged = new Signal<this, void>(this);
  async connect(): Promise<void> {}
  async openPage(): Promise<void> {}
  async openLayout(): Promise<void> {}
  async openLog(): Promise<void> {}
  async openPlot(): Promise<void> {}
  async stopAll(): Promise<void> {}
  async openNewMenu(): Promise<void> {}
  async dragConnect(): Promise<null> {
    return null;
  }
  async dragPlot(): Promise<null> {
    return null;
  }
  async dragPage(): Promise<null> {
    return null;
  }
}

/** Starts clusters in no folder and no environment in particular, and forgets what it started. */
export function forgetfulStarter(clusters: IClusters): Starter {
  return new Starter(clusters, { folder: null, environment: null }, null);
}

/** A feed whose connection and events the test makes. */
export class ManualFeed implements IClusterFeed {
  connection: Connection = 'connecting';
  isDisposed = false;
  readonly connectionChanged = new Signal<this, Connection>(this);
  readonly received = new Signal<this, ClusterEvent>(this);

  connect(connection: Connection): void {
    this.connection = connection;
    this.connectionChanged.emit(connection);
  }

  push(event: ClusterEvent): void {
    this.received.emit(event);
  }

  dispose(): void {
    this.isDisposed = true;
  }
}
