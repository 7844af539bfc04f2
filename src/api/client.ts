/**
 * The REST contract: URLs, methods and status codes. Nothing above it sees a `fetch`.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type {
  ICluster,
  IConnectCode,
  ICatalogue,
  IDiscovery,
  IEnvironment,
  ILaunch,
  IListing,
  ILogLine,
  IPage,
  IPreview,
  IProfile,
  IProfiles,
  ISettings,
  IView,
  LogSource,
  IGroupedScaling,
  Scaling
} from './contract';
import { readDiscovery } from './discovery-guards';
import { ApiError, errorFromBody, LOCAL_CODES } from './errors';
import {
  readCluster,
  readCode,
  readKeys,
  readCatalogue,
  readEnvironments,
  readListing,
  readLogs,
  readPages,
  readView
} from './guards';
import { readPreview, readProfile, readProfiles } from './profile-guards';
import { fields, text } from './read';

/**
 * Milliseconds after which an answer is given up: more than the minute that the server gives a host
 * (`client/asynchronous.py`), so that of one that hangs the server can say so.
 */
const DEADLINE = 75_000;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export class ClusterApi {
  constructor(settings: ServerConnection.ISettings) {
    this._settings = settings;
    this._root = URLExt.join(settings.baseUrl, 'dasklab', 'api');
  }

  /**
   * Milliseconds by which the server's clock is ahead of this one, to the second. Deadlines are
   * of the server's clock, and a laptop's may be minutes off.
   */
  get clockSkew(): number {
    return this._clockSkew;
  }

  async list(): Promise<IListing> {
    return readListing(await this._request('GET', ['clusters']));
  }

  async launch(launch: ILaunch): Promise<ICluster> {
    return this._cluster(await this._request('POST', ['clusters'], { ...launch }));
  }

  async scale(id: string, workers: Scaling | IGroupedScaling): Promise<ICluster> {
    return this._cluster(await this._request('POST', ['clusters', id, 'scale'], { workers }));
  }

  async restart(id: string): Promise<ICluster> {
    return this._cluster(await this._request('POST', ['clusters', id, 'restart'], {}));
  }

  async keep(id: string, pinned: boolean): Promise<ICluster> {
    return this._cluster(await this._request('POST', ['clusters', id, 'keep'], { pinned }));
  }

  /** Let go of a cluster that was found running; it goes on. */
  async detach(id: string): Promise<ICluster> {
    return this._cluster(await this._request('POST', ['clusters', id, 'detach'], {}));
  }

  /** Stop a cluster; of an ended one, forget the record, which answers null. */
  async remove(id: string): Promise<ICluster | null> {
    const body = await this._request('DELETE', ['clusters', id]);
    return body === null ? null : this._cluster(body);
  }

  async logs(id: string, source: LogSource, lines: number): Promise<ILogLine[]> {
    const query = { source, lines: `${lines}` };
    return readLogs(await this._request('GET', ['clusters', id, 'logs'], undefined, query));
  }

  async pages(id: string): Promise<IPage[]> {
    return readPages(await this._request('GET', ['clusters', id, 'pages']));
  }

  async view(id: string, page: string): Promise<IView> {
    const body = await this._request('POST', ['clusters', id, 'view'], { page });
    // The base URL may be a bare path in a page that is served under a proxy.
    const base = new URL(this._settings.baseUrl, window.location.href).href;
    return readView(body, base) ?? unreadable();
  }

  async code(id: string): Promise<IConnectCode> {
    return readCode(await this._request('GET', ['clusters', id, 'code']));
  }

  async deployments(environment: string | null): Promise<ICatalogue> {
    const query = environment === null ? undefined : { environment };
    return readCatalogue(await this._request('GET', ['deployments'], undefined, query));
  }

  /** What runs already and is in no list; asking takes some seconds. */
  async discovered(environment: string | null, cwd: string | null): Promise<IDiscovery> {
    const query = { environment: environment ?? '', cwd: cwd ?? '' };
    return readDiscovery(await this._request('GET', ['discovered'], undefined, query));
  }

  async environments(): Promise<IEnvironment[]> {
    return readEnvironments(await this._request('GET', ['environments']));
  }

  /** Exactly what a launch would run. */
  async preview(launch: ILaunch): Promise<IPreview> {
    return readPreview(await this._request('POST', ['preview'], { ...launch }));
  }

  /** Have a standby warm up that such a launch would find. */
  async warm(launch: ILaunch): Promise<void> {
    await this._request('POST', ['standby'], { ...launch });
  }

  async profiles(): Promise<IProfiles> {
    return readProfiles(await this._request('GET', ['profiles']));
  }

  /** Save a profile in place of one of that name. */
  async saveProfile(name: string, settings: ISettings): Promise<IProfile> {
    const body = await this._request('PUT', ['profiles', name], { ...settings });
    return readProfile(body) ?? unreadable();
  }

  async removeProfile(name: string): Promise<void> {
    await this._request('DELETE', ['profiles', name]);
  }

  /** Have kernels show strips beneath cells, or no longer. */
  async setStrips(strips: boolean): Promise<void> {
    await this._request('PUT', ['shared'], { strips });
  }

  /** The cluster that a kernel has written down it computes on; empty if it has not. */
  async kernelCluster(id: string): Promise<string> {
    return text(fields(await this._request('GET', ['kernels', id])).cluster);
  }

  /** The stream of a cluster's telemetry; what it says is for `src/telemetry` to read. */
  telemetry(id: string): WebSocket {
    const { appendToken, token, WebSocket: Socket, wsUrl } = this._settings;
    const url = URLExt.join(
      wsUrl,
      'dasklab',
      'api',
      'clusters',
      encodeURIComponent(id),
      'telemetry'
    );
    return new Socket(appendToken && token ? `${url}?token=${encodeURIComponent(token)}` : url);
  }

  /** The keys of tasks, by the numbers of their rows of telemetry. */
  async taskKeys(id: string, from: number, rows: number): Promise<string[]> {
    const query = { from: `${from}`, rows: `${rows}` };
    const path = ['clusters', id, 'telemetry', 'tasks'];
    return readKeys(await this._request('GET', path, undefined, query));
  }

  /** Dask's profile of a time in epoch seconds, null for no end; read by `src/telemetry`. */
  profile(id: string, since: number | null, until: number | null): Promise<unknown> {
    const query = {
      ...(since === null ? {} : { since: `${since}` }),
      ...(until === null ? {} : { until: `${until}` })
    };
    return this._request('GET', ['clusters', id, 'telemetry', 'profile'], undefined, query);
  }

  /** The task graph; of the one that is known only the states. Read by `src/telemetry`. */
  taskGraph(id: string, known: string | null): Promise<unknown> {
    const query = known === null ? undefined : { known };
    return this._request('GET', ['clusters', id, 'telemetry', 'graph'], undefined, query);
  }

  /** Where a browser tab of its own opens a dashboard page: mints its view when asked. */
  dashboardUrl(id: string, page: string): string {
    return URLExt.join(
      this._settings.baseUrl,
      'dasklab',
      'dashboard',
      ...[id, page].map(encodeURIComponent)
    );
  }

  private _cluster(body: unknown): ICluster {
    return readCluster(body) ?? unreadable();
  }

  /** The JSON of a good answer (null of an empty one), or an ApiError. */
  private async _request(
    method: Method,
    path: string[],
    body?: Readonly<Record<string, unknown>>,
    query?: Readonly<Record<string, string>>
  ): Promise<unknown> {
    const url =
      URLExt.join(this._root, ...path.map(encodeURIComponent)) +
      (query ? URLExt.objectToQueryString(query) : '');
    const init: RequestInit = {
      method,
      // Never from the browser's cache; JupyterLab's own default adds a time to every URL instead.
      cache: 'no-cache',
      signal: AbortSignal.timeout(DEADLINE),
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    };
    let response: Response;
    let answer: string;
    try {
      response = await ServerConnection.makeRequest(url, init, this._settings);
      answer = await response.text();
    } catch {
      throw new ApiError({ code: LOCAL_CODES.unreachable });
    }
    this._readClock(response);
    let data: unknown = null;
    try {
      data = answer === '' ? null : JSON.parse(answer);
    } catch {
      if (response.ok) {
        unreadable();
      }
    }
    if (!response.ok) {
      throw errorFromBody(data, response.status);
    }
    return data;
  }

  private _readClock(response: Response): void {
    const date = Date.parse(response.headers.get('Date') ?? '');
    // The header counts whole seconds, so less than two says nothing.
    if (!Number.isNaN(date)) {
      const skew = date - Date.now();
      this._clockSkew = Math.abs(skew) < 2_000 ? 0 : skew;
    }
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _root: string;
  private _clockSkew = 0;
}

function unreadable(): never {
  throw new ApiError({ code: LOCAL_CODES.unreadable });
}
