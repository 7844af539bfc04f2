/**
 * A double of dasklab's REST and events inside the page, for states that a real server reaches
 * rarely or slowly. Jupyter itself stays the real one.
 */
import type { Page, Route, WebSocketRoute } from '@playwright/test';
import { wireDeployment, type Wire } from '../ts/builders';
import { TelemetryDouble } from './telemetry-double';

export interface ICall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** The answer to one call: a status and a body. */
export type Answer = readonly [status: number, body?: unknown];

export class MockServer {
  readonly calls: ICall[] = [];
  readonly telemetry = new TelemetryDouble();
  clusters: Wire[] = [];
  problems: Wire[] = [];
  pages: Wire[] = [
    { name: 'status', title: 'Status' },
    { name: 'individual-task-stream', title: 'Task Stream' },
    { name: 'individual-progress', title: 'Progress' },
    { name: 'individual-workers-memory', title: 'Workers Memory' }
  ];
  environments: Wire[] = [
    { name: 'python3', title: 'Python 3 (ipykernel)', python: '/opt/python' },
    { name: 'geo', title: 'Geo (conda)', python: '/opt/geo' }
  ];
  deployments: Wire[] = [wireDeployment()];
  profiles: Wire[] = [];
  /** Answers by `METHOD path`, before the usual ones; for failures. */
  readonly answers = new Map<string, Answer | (() => Answer)>();

  async install(page: Page): Promise<void> {
    await this.telemetry.install(page);
    await page.route('**/dasklab/api/**', route => this._answer(route));
    await page.route('**/dasklab/view/**', route =>
      route.fulfill({ contentType: 'text/html', body: '<h1>A page of the scheduler</h1>' })
    );
    await page.routeWebSocket(/\/api\/events\/subscribe/, socket => {
      this._sockets.push(socket);
    });
  }

  /** Change a cluster and push it, as the server does. */
  push(cluster: Wire): void {
    this.clusters = [cluster, ...this.clusters.filter(each => each.id !== cluster.id)];
    this.emit({ action: 'changed', cluster });
  }

  emit(event: Wire): void {
    const message = JSON.stringify({
      schema_id: 'https://dasklab.dev/events/cluster/v1',
      schema_version: '1',
      sequence: (this._sequence += 1),
      ...event
    });
    for (const socket of this._sockets) {
      socket.send(message);
    }
  }

  /** Break the connection of the events; the page will open another one. */
  async disconnect(): Promise<void> {
    await Promise.all(this._sockets.splice(0).map(socket => socket.close()));
  }

  private async _answer(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.replace(/^.*\/dasklab\/api\//, '');
    const method = request.method();
    if (path === 'standby') {
      // Asked for whenever the panel opens, and no part of what is done in it.
      await route.fulfill({ status: 202, json: { started: false } });
      return;
    }
    this.calls.push({ method, path, body: request.postDataJSON() });
    const special = this.answers.get(`${method} ${path}`);
    const [status, body] =
      (typeof special === 'function' ? special() : special) ??
      this._usual(method, path, request.url());
    await route.fulfill(body === undefined ? { status } : { status, json: body });
  }

  private _usual(method: string, path: string, url: string): Answer {
    if (method === 'GET' && path === 'clusters') {
      return [200, { clusters: this.clusters, problems: this.problems }];
    }
    if (method === 'GET' && path === 'environments') {
      return [200, { environments: this.environments }];
    }
    if (method === 'GET' && path === 'deployments') {
      return [200, { deployments: this.deployments, limits: { workers: 100 } }];
    }
    if (method === 'GET' && path === 'profiles') {
      return [200, { profiles: this.profiles, problems: [] }];
    }
    if (method === 'POST' && path === 'preview') {
      return [200, { text: 'cluster = LocalCluster()', advice: [] }];
    }
    const [, id, what] = path.split('/');
    const cluster = this.clusters.find(each => each.id === id);
    if (!cluster) {
      const message = 'There is no such cluster.';
      return [404, { error: { code: 'cluster.unknown', message, hint: '', details: {} } }];
    }
    if (method === 'GET' && what === 'pages') {
      return [200, { pages: this.pages }];
    }
    if (method === 'GET' && what === 'telemetry') {
      const from = new URL(url).searchParams.get('from');
      return [200, { keys: [`('read_parquet-1f2e', ${from})`], cursor: 0 }];
    }
    if (method === 'POST' && what === 'view') {
      this._views += 1;
      const [, prefix] = /^(.*)\/dasklab\/api/.exec(new URL(url).pathname) ?? [];
      return [200, { url: `${prefix}/dasklab/view/cap${this._views}/page`, expires: 2e9 }];
    }
    if (method === 'DELETE') {
      this.clusters = this.clusters.filter(each => each.id !== id);
      return [204];
    }
    return [method === 'GET' ? 200 : 202, cluster];
  }

  private readonly _sockets: WebSocketRoute[] = [];
  private _sequence = 0;
  private _views = 0;
}
