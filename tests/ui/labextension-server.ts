/**
 * Servers that have dask-labextension as well. It is installed into a folder that only they look
 * into: what it needs beyond itself is in the environment, and no other test must find it.
 */
import { expect, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bin, environment, freePort, home } from './server';

const VERSION = '7.0.0';
const TOKEN = 't';

export interface IModel {
  readonly id: string;
  readonly name: string;
  readonly workers: number;
  readonly scheduler_address: string;
}

export class LabextensionServer {
  /** Its home is below that of the tests' common server, so that what is left of it is found. */
  static async start(
    config: Record<string, unknown>,
    dask: string = ''
  ): Promise<LabextensionServer> {
    const folder = mkdtempSync(path.join(home, 'labextension-'));
    for (const name of ['config', 'data', 'runtime', 'ipython', 'dask', 'work']) {
      mkdirSync(path.join(folder, name));
    }
    const python = path.join(bin, 'python');
    const target = path.join(folder, 'package');
    execFileSync(
      python,
      // prettier-ignore
      ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, `dask-labextension==${VERSION}`],
      { stdio: ['ignore', 'ignore', 'inherit'] }
    );
    writeFileSync(path.join(folder, 'dask/mine.yaml'), dask);
    const port = freePort();
    writeFileSync(
      path.join(folder, 'config/jupyter_server_config.json'),
      JSON.stringify({
        IdentityProvider: { token: TOKEN },
        LabApp: { expose_app_in_browser: true },
        ServerApp: {
          allow_root: true,
          base_url: '/user/bob/',
          ip: '127.0.0.1',
          jpserver_extensions: { dasklab: true, dask_labextension: true },
          open_browser: false,
          port: Number(port),
          port_retries: 0,
          root_dir: path.join(folder, 'work')
        },
        DasklabServer: config
      })
    );
    const settings = path.join(folder, 'config/lab/settings');
    const news = path.join(settings, '@jupyterlab/apputils-extension');
    mkdirSync(news, { recursive: true });
    writeFileSync(
      path.join(news, 'notification.jupyterlab-settings'),
      JSON.stringify({ checkForUpdates: false, fetchNews: 'false' })
    );
    const server = new LabextensionServer(folder, `http://127.0.0.1:${port}/user/bob/`, {
      ...process.env,
      ...environment,
      DASKLAB_HOME: path.join(folder, 'clusters'),
      DASK_CONFIG: path.join(folder, 'dask'),
      DASK_DASKLAB__STANDBY__ENABLED: 'false',
      IPYTHONDIR: path.join(folder, 'ipython'),
      JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
      JUPYTER_DATA_DIR: path.join(folder, 'data'),
      JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'),
      JUPYTER_PATH: path.join(target, 'share/jupyter'),
      JUPYTERLAB_SETTINGS_DIR: settings,
      JUPYTERLAB_WORKSPACES_DIR: path.join(folder, 'config/lab/workspaces'),
      PYTHONPATH: target
    });
    await server.run();
    return server;
  }

  /** Begin, for the first time or again. */
  async run(): Promise<void> {
    this._process = spawn(path.join(bin, 'jupyter'), ['lab'], {
      env: this._environment,
      stdio: 'ignore'
    });
    await expect
      .poll(async () => (await this.ask('GET', 'api').catch(() => null))?.status, {
        timeout: 60_000
      })
      .toBe(200);
  }

  /** End the server; its clusters live on. */
  async end(): Promise<void> {
    const process = this._process;
    if (process !== null && process.exitCode === null) {
      const ended = new Promise(resolve => process.once('exit', resolve));
      process.kill('SIGTERM');
      await ended;
    }
    this._process = null;
  }

  async close(): Promise<void> {
    for (const { id } of await this.clusters()) {
      await this.ask('DELETE', `dasklab/api/clusters/${id}`);
    }
    await expect.poll(() => this.clusters(), { timeout: 30_000 }).toEqual([]);
    await this.end();
    rmSync(this._folder, { recursive: true, force: true });
  }

  async ask(method: string, where: string): Promise<Response> {
    const headers = { Authorization: `token ${TOKEN}` };
    return fetch(`${this.baseUrl}${where}`, { method, headers });
  }

  /** Dasklab's own list of what lives. */
  async clusters(): Promise<{ id: string; name: string; phase: string }[]> {
    const answer = await this.ask('GET', 'dasklab/api/clusters');
    const { clusters } = (await answer.json()) as {
      clusters: { id: string; name: string; phase: string }[];
    };
    return clusters.filter(({ phase }) => !['stopped', 'failed', 'lost'].includes(phase));
  }

  /** What dasklab's list says is wrong. */
  async problems(): Promise<unknown[]> {
    const answer = await this.ask('GET', 'dasklab/api/clusters');
    return ((await answer.json()) as { problems: unknown[] }).problems;
  }

  /** The list of dask-labextension's own REST API. */
  async models(): Promise<IModel[]> {
    return (await (await this.ask('GET', 'dask/clusters')).json()) as IModel[];
  }

  /** Keep a setting of dask-labextension's. */
  setting(name: string, value: unknown): void {
    const folder = path.join(this._folder, 'config/lab/settings/dask-labextension');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path.join(folder, 'plugin.jupyterlab-settings'),
      JSON.stringify({ [name]: value })
    );
  }

  async open(page: Page): Promise<void> {
    await page.goto(`${this.baseUrl}lab?token=${TOKEN}`);
    await expect(page.locator('#jupyterlab-splash')).toHaveCount(0, { timeout: 40_000 });
    await expect(page.locator('#jp-main-dock-panel').getByRole('tab').first()).toBeVisible();
  }

  private constructor(
    private readonly _folder: string,
    readonly baseUrl: string,
    private readonly _environment: NodeJS.ProcessEnv
  ) {}

  private _process: ChildProcess | null = null;
}
