/** The real server over REST: what happens elsewhere while the panel is open. */
import { expect, type APIRequestContext, type PlaywrightWorkerArgs } from '@playwright/test';
import { baseUrl, token } from './server';

export interface IWireCluster {
  readonly id: string;
  readonly name: string;
  readonly phase: string;
  readonly workers: { readonly running: number; readonly wanted: number };
}

const ENDED = ['stopped', 'failed', 'lost'];

export class LabApi {
  static async open(playwright: PlaywrightWorkerArgs['playwright']): Promise<LabApi> {
    const context = await playwright.request.newContext({
      baseURL: baseUrl,
      extraHTTPHeaders: { Authorization: `token ${token}` }
    });
    return new LabApi(context);
  }

  async launch(name: string, workers: number = 1, how: object = {}): Promise<IWireCluster> {
    const data = { deployment: 'local', name, workers, ...how };
    const response = await this._context.post('dasklab/api/clusters', { data });
    expect(response.status(), await response.text()).toBe(202);
    return (await response.json()) as IWireCluster;
  }

  /** Launch, and wait until its workers run. */
  async running(name: string, workers: number = 1): Promise<IWireCluster> {
    const { id } = await this.launch(name, workers);
    await expect
      .poll(async () => (await this.get(id)).workers.running, { timeout: 30_000 })
      .toBe(workers);
    return this.get(id);
  }

  async get(id: string): Promise<IWireCluster> {
    const response = await this._context.get(`dasklab/api/clusters/${id}`);
    return (await response.json()) as IWireCluster;
  }

  async scale(id: string, workers: number): Promise<void> {
    const data = { workers };
    const response = await this._context.post(`dasklab/api/clusters/${id}/scale`, { data });
    expect(response.status()).toBe(202);
  }

  /** Stop a cluster, or forget an ended one. */
  async remove(id: string): Promise<void> {
    await this._context.delete(`dasklab/api/clusters/${id}`);
  }

  async list(): Promise<IWireCluster[]> {
    const response = await this._context.get('dasklab/api/clusters');
    return ((await response.json()) as { clusters: IWireCluster[] }).clusters;
  }

  /** Shut all kernels down, then stop and forget all clusters. */
  async clear(): Promise<void> {
    await this.setStrips(false);
    const sessions = await this._context.get('api/sessions');
    for (const { id } of (await sessions.json()) as { id: string }[]) {
      await this._context.delete(`api/sessions/${id}`);
    }
    for (const cluster of await this.list()) {
      if (!ENDED.includes(cluster.phase)) {
        await this.remove(cluster.id);
      }
    }
    await expect
      .poll(async () => (await this.list()).filter(each => !ENDED.includes(each.phase)), {
        timeout: 30_000
      })
      .toEqual([]);
    // Again where it was too early: a host may be writing its last words.
    await expect
      .poll(
        async () => {
          for (const cluster of await this.list()) {
            await this.remove(cluster.id);
          }
          return this.list();
        },
        { timeout: 30_000 }
      )
      .toEqual([]);
  }

  /** Put a notebook into the server's folder; its cells are code. */
  async notebook(name: string, ...cells: string[]): Promise<void> {
    const content = {
      cells: cells.map((source, index) => ({
        id: `cell-${index}`,
        cell_type: 'code',
        source,
        metadata: {},
        outputs: [],
        execution_count: null
      })),
      metadata: {
        kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' }
      },
      nbformat: 4,
      nbformat_minor: 5
    };
    const response = await this._context.put(`api/contents/${name}`, {
      data: { type: 'notebook', content }
    });
    expect(response.ok()).toBe(true);
  }

  /** Copy a notebook as if it had come from somebody else: it is not trusted. */
  async copyUntrusted(from: string, to: string): Promise<void> {
    const found = await this._context.get(`api/contents/${from}`);
    type Cell = { source: string; metadata: { trusted?: boolean } };
    const { content } = (await found.json()) as { content: { cells: Cell[] } };
    for (const cell of content.cells) {
      delete cell.metadata.trusted;
    }
    content.cells[0].source += '\n# from elsewhere';
    const response = await this._context.put(`api/contents/${to}`, {
      data: { type: 'notebook', content }
    });
    expect(response.ok()).toBe(true);
  }

  async file(name: string, content: string): Promise<void> {
    const data = { type: 'file', format: 'text', content };
    const response = await this._context.put(`api/contents/${name}`, { data });
    expect(response.ok()).toBe(true);
  }

  async removeFile(name: string): Promise<void> {
    await this._context.delete(`api/contents/${name}`);
  }

  /** Whether kernels are to show strips, as the server keeps it. */
  async setStrips(strips: boolean): Promise<void> {
    await this._context.put('dasklab/api/shared', { data: { strips } });
  }

  /** The saved layout of a workspace, as text. */
  async workspace(name: string): Promise<string> {
    return (await this._context.get(`lab/api/workspaces/${name}`)).text();
  }

  async close(): Promise<void> {
    await this._context.dispose();
  }

  private constructor(private readonly _context: APIRequestContext) {}
}
