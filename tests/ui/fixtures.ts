/** What every browser test starts from: JupyterLab, open, with the Dask panel in front. */
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LabApi } from './lab-api';
import { AnotherServer } from './another-server';
import { MockServer } from './mock-server';
import { baseUrl, environment, root, token } from './server';

export { expect };

const SETTINGS = path.join(
  environment.JUPYTERLAB_SETTINGS_DIR,
  'dasklab/panel.jupyterlab-settings'
);

const SHOTS = path.join(root, 'test-results', 'shots');

/** How many colours there are in the canvas of a plot: more than its ground if it is painted. */
export async function colours(plot: Locator): Promise<number> {
  return plot.locator('canvas').evaluate(node => {
    const canvas = node as HTMLCanvasElement;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(pixels?.data.buffer ?? new ArrayBuffer(0))).size;
  });
}

export class Lab {
  /**
   * @param _baseUrl - Of another server than the suite's.
   */
  constructor(
    readonly page: Page,
    private readonly _baseUrl: string = baseUrl
  ) {}

  readonly workspace = `t${Date.now().toString(36)}`;

  /** Whether another theme than the usual one is set. */
  themed = false;

  /** Open JupyterLab in a workspace of its own, so that no layout leaks between tests. */
  async open(where: string = ''): Promise<void> {
    await this.page.goto(`${this._baseUrl}lab/workspaces/${this.workspace}${where}?token=${token}`);
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.locator('#jupyterlab-splash')).toHaveCount(0, { timeout: 40_000 });
    // The launcher or a document: what opens last takes the focus.
    await expect(this.page.locator('#jp-main-dock-panel').getByRole('tab').first()).toBeVisible();
    // A theme may allow less than JupyterLab's own 250 pixels, and ours must fit then too.
    await this.page.addStyleTag({
      content: 'body { --jp-sidebar-min-width: 240px !important; }'
    });
  }

  get panel(): Locator {
    return this.page.locator('#dasklab-panel');
  }

  async openPanel(): Promise<void> {
    if (!(await this.panel.isVisible())) {
      await this.page.getByRole('tab', { name: 'Dask clusters' }).click();
    }
    await expect(this.panel).toBeVisible();
  }

  /** The tab of a pane in the main area. */
  tab(name: string): Locator {
    return this.page.locator('#jp-main-dock-panel').getByRole('tab', { name, exact: true });
  }

  /** The cells of the notebook in front. */
  get cells(): Locator {
    return this.page.locator('.jp-Notebook:visible .jp-Cell');
  }

  /** Open a notebook with a running kernel; before it is idle it loses what it is asked to run. */
  async openNotebook(name: string): Promise<void> {
    await this.open(`/tree/${name}`);
    await this.kernelIdle();
  }

  /**
   * Wait until the notebook in front has a kernel that says of itself that it is idle.
   *
   * What is shown says so a moment before there is one (always, in Notebook 7).
   */
  async kernelIdle(): Promise<void> {
    const status = (): unknown => {
      const path = ['jupyterapp', 'shell', 'currentWidget', 'sessionContext', 'session', 'kernel'];
      return [...path, 'status'].reduce<unknown>(
        (found, name) => (found instanceof Object ? Reflect.get(found, name) : undefined),
        window
      );
    };
    await expect.poll(() => this.page.evaluate(status), { timeout: 60_000 }).toBe('idle');
  }

  /** Open the form for a new cluster, by the menu beside “New”. */
  async openForm(): Promise<Locator> {
    await this.panel.getByRole('button', { name: 'Profiles and options' }).click();
    await this.page.getByRole('menuitem', { name: 'With Options…' }).click();
    const form = this.panel.getByRole('form', { name: 'New cluster' });
    await expect(form).toBeVisible();
    return form;
  }

  card(name: string): Locator {
    return this.panel.getByRole('listitem', { name, exact: true });
  }

  /** Drag the border of the sidebar until it is that wide. */
  async setWidth(width: number): Promise<void> {
    const box = await this.panel.boundingBox();
    const handle = this.page.locator('#jp-main-split-panel > .lm-SplitPanel-handle').first();
    await handle.hover();
    await this.page.mouse.down();
    await this.page.mouse.move((box?.x ?? 0) + width + 1, 400, { steps: 5 });
    await this.page.mouse.up();
    await expect
      .poll(async () => (await this.panel.boundingBox())?.width ?? 0)
      .toBeCloseTo(width, -0.5);
  }

  async setTheme(theme: string): Promise<void> {
    this.themed = theme !== 'JupyterLab Light';
    await this.execute('apputils:change-theme', { theme });
    const name = theme.toLowerCase().includes('dark') ? 'false' : 'true';
    await expect(this.page.locator('body')).toHaveAttribute('data-jp-theme-light', name);
    // JupyterLab covers a change with its splash and takes that away 200 ms later. It stumbles in
    // doing so (an error of its own) where the next change comes before.
    await expect(this.page.locator('#jupyterlab-splash')).toHaveCount(0);
  }

  /** Run a command of JupyterLab's own, where its menus are not what is tested. */
  async execute(command: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, values]) => {
        const app: unknown = Reflect.get(window, 'jupyterapp');
        await (
          app as { commands: { execute(id: unknown, args: unknown): Promise<unknown> } }
        ).commands.execute(id, values);
      },
      [command, args] as const
    );
  }

  /** Begin what ends only later, such as a cell that computes. */
  async begin(command: string): Promise<void> {
    await this.page.evaluate(id => {
      const app: unknown = Reflect.get(window, 'jupyterapp');
      void (app as { commands: { execute(id: string): Promise<unknown> } }).commands.execute(id);
    }, command);
  }

  /** Whether an output of a cell of the notebook in front has a recording of ours in it. */
  async recorded(cell: number): Promise<boolean> {
    return this.page.evaluate(index => {
      const app: unknown = Reflect.get(window, 'jupyterapp');
      type Notebook = { content: { model: { toJSON(): unknown } } };
      const { shell } = app as { shell: { currentWidget: Notebook } };
      const { cells } = shell.currentWidget.content.model.toJSON() as {
        cells: { outputs: { data?: Record<string, { recording?: unknown }> }[] }[];
      };
      return cells[index].outputs.some(
        ({ data }) => !!data?.['application/vnd.dasklab.plots+json']?.recording
      );
    }, cell);
  }

  /**
   * Go to a cell of the notebook in front until something is seen there.
   *
   * JupyterLab 4.4 has nothing else in the document, and guesses how long it is.
   */
  async seek(source: string, found: Locator): Promise<void> {
    await expect(async () => {
      await this.page.evaluate(async text => {
        const app: unknown = Reflect.get(window, 'jupyterapp');
        type Notebook = {
          widgets: { model: { sharedModel: { source: string } } }[];
          scrollToItem(index: number, align: string): Promise<void>;
        };
        const { shell } = app as { shell: { currentWidget: { content: Notebook } } };
        const { content } = shell.currentWidget;
        const sources = content.widgets.map(cell => cell.model.sharedModel.source);
        await content.scrollToItem(
          sources.findIndex(each => each.includes(text)),
          'start'
        );
      }, source);
      await expect(found).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
  }

  /** How far the notebook in front is scrolled. */
  async scrolled(): Promise<number> {
    return this.page
      .locator('.jp-WindowedPanel-outer:visible')
      .evaluate(node => Math.round(node.scrollTop));
  }

  async isEnabled(command: string): Promise<boolean> {
    return this.page.evaluate(id => {
      const app: unknown = Reflect.get(window, 'jupyterapp');
      return (app as { commands: { isEnabled(id: string): boolean } }).commands.isEnabled(id);
    }, command);
  }

  /** The settings of the user, as the settings editor saves them; gone after the test. */
  set settings(values: Record<string, unknown>) {
    mkdirSync(path.dirname(SETTINGS), { recursive: true });
    writeFileSync(SETTINGS, JSON.stringify(values));
  }

  /**
   * What is painted in the panel meanwhile: the ids of the cards, or the class of what is none.
   */
  async mutations(during: () => Promise<void>): Promise<string[]> {
    const painted = await this.panel.evaluateHandle(node => {
      const found: string[] = [];
      new MutationObserver(records => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          const card = element?.closest<HTMLElement>('[data-cluster]');
          found.push(card?.dataset.cluster ?? element?.className ?? '');
        }
      }).observe(node, { attributes: true, characterData: true, childList: true, subtree: true });
      return found;
    });
    await during();
    return painted.jsonValue();
  }

  /** Keep a picture of the page, for people to look at. */
  async shot(name: string, target: Locator | Page = this.page): Promise<void> {
    await target.screenshot({ path: path.join(SHOTS, `${name}.png`), animations: 'disabled' });
  }
}

interface IFixtures {
  /** Start another server, which ends with the test. */
  another: (app: 'lab' | 'notebook', ...options: string[]) => Promise<AnotherServer>;
  /** The real server, by REST, as somebody else would use it; empty at the start and the end. */
  api: LabApi;
  lab: Lab;
  mock: MockServer;
}

export const test = base.extend<IFixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from it.
  another: async ({}, use) => {
    const servers: AnotherServer[] = [];
    await use(async (app, ...options) => {
      const server = await AnotherServer.start(app, ...options);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map(server => server.stop()));
  },
  api: async ({ playwright }, use) => {
    const api = await LabApi.open(playwright);
    await api.clear();
    await use(api);
    await api.clear();
    await api.close();
  },
  lab: async ({ page }, use) => {
    const errors: string[] = [];
    page.on('pageerror', error => errors.push(error.message));
    const lab = new Lab(page);
    await use(lab);
    rmSync(SETTINGS, { force: true });
    if (lab.themed) {
      // The theme is a setting of the server's user, so of the next test too.
      await lab.setTheme('JupyterLab Light');
    }
    expect(errors, 'uncaught errors in the page').toEqual([]);
  },
  /** JupyterLab over a double of dasklab's server; fill it, then `lab.open()`. */
  mock: async ({ page }, use) => {
    const mock = new MockServer();
    await mock.install(page);
    await use(mock);
  }
});
