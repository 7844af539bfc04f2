/** Beside dask-labextension 7.0.0: in its place by default, and beneath its own panel. */
import { test, expect, type Locator, type Page } from '@playwright/test';
import path from 'node:path';
import { LabextensionServer } from './labextension-server';
import { root } from './server';

const SHOTS = path.join(root, 'test-results', 'shots');

/** What the browser's console says is wrong. */
function troubles(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', error => found.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') {
      found.push(message.text());
    }
  });
  return found;
}

function sidebar(page: Page): Locator {
  return page.locator('.jp-SideBar.jp-mod-left').getByRole('tab');
}

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), animations: 'disabled' });
}

/** JupyterLab may have it open already, from the last time. */
async function openOwnPanel(page: Page): Promise<void> {
  if (!(await page.locator('#dask-dashboard-launcher').isVisible())) {
    await page.locator('.jp-SideBar [data-id="dask-dashboard-launcher"]').click();
  }
}

async function execute(page: Page, command: string): Promise<void> {
  await page.evaluate(async id => {
    const app: unknown = Reflect.get(window, 'jupyterapp');
    await (app as { commands: { execute(id: string): Promise<unknown> } }).commands.execute(id);
  }, command);
}

test('by default there is one Dask panel, and no error', async ({ page }) => {
  const server = await LabextensionServer.start(
    {},
    'labextension: {initial: [{name: wrong, workers: -3}]}\n'
  );
  try {
    server.setting('defaultLayout', {
      'individual-progress': { mode: 'split-bottom', ref: 'individual-cpu' },
      'individual-cpu': { mode: 'split-right' }
    });
    await expect.poll(() => server.problems(), { timeout: 30_000 }).toHaveLength(1);
    const found = troubles(page);
    await server.open(page);
    await expect(sidebar(page).and(page.locator('[title*="Dask"], [data-id*="dask"]'))).toHaveCount(
      1
    );
    await expect(page.locator('#dask-dashboard-launcher')).toHaveCount(0);
    await page.getByRole('tab', { name: 'Dask clusters' }).click();
    await expect(page.locator('#dasklab-panel')).toContainText(
      "An initial cluster 'wrong' was not started: The number of workers is -3"
    );
    expect((await server.ask('GET', 'dask/clusters')).status).toBe(404);

    // Its default layout is the one that opens.
    await server.ask('POST', 'dasklab/api/clusters');
    await expect
      .poll(async () => (await server.clusters())[0]?.phase, { timeout: 30_000 })
      .toBe('running');
    await execute(page, 'dask:populate-and-launch-layout');
    const tabs = page.locator('#jp-main-dock-panel').getByRole('tab');
    await expect(tabs.filter({ hasText: 'local-1: CPU' })).toBeVisible();
    await expect(tabs.filter({ hasText: 'local-1: Progress' })).toBeVisible();
    await expect(tabs.filter({ hasText: 'local-1' })).toHaveCount(2);
    await shot(page, 'labextension-superseded');
    expect(found).toEqual([]);
  } finally {
    await server.close();
  }
});

test('its own panel works on hosts, and finds them again after the server was away', async ({
  page
}) => {
  test.setTimeout(180_000);
  const server = await LabextensionServer.start(
    { labextension: true },
    'labextension: {default: {workers: 1}}\n'
  );
  try {
    const found = troubles(page);
    await server.open(page);
    await openOwnPanel(page);
    const panel = page.locator('#dask-dashboard-launcher');
    await panel.getByRole('button', { name: 'NEW' }).click();
    const item = panel.locator('.dask-ClusterListingItem');
    await expect(item).toContainText('Number of Workers: 1', { timeout: 60_000 });
    await expect(panel.getByRole('button', { name: 'Task Stream' })).toBeVisible({
      timeout: 30_000
    });
    expect(await server.clusters()).toMatchObject([{ name: 'local-1', phase: 'running' }]);

    // A plot, in a sandbox that is tighter than the one it asks for.
    await panel.getByRole('button', { name: 'Task Stream' }).click();
    const frame = page.locator('.dask-DaskDashboard-widget iframe');
    await expect(frame.contentFrame().locator('canvas').first()).toBeVisible({ timeout: 30_000 });
    const origin = await frame
      .contentFrame()
      .locator('body')
      .evaluate(() => window.origin);
    expect(origin).toBe('null');
    await shot(page, 'labextension-own-panel');

    await item.getByRole('button', { name: 'SCALE' }).click();
    const dialog = page.locator('.jp-Dialog');
    await dialog.locator('input[type=number]').first().fill('2');
    await dialog.getByRole('button', { name: 'SCALE' }).click();
    await expect(item).toContainText('Number of Workers: 2', { timeout: 30_000 });

    // What it refuses it says in a sentence.
    await item.getByRole('button', { name: 'SCALE' }).click();
    await dialog.locator('input[type=number]').first().fill('-3');
    await dialog.getByRole('button', { name: 'SCALE' }).click();
    await expect(dialog).toContainText('there cannot be fewer than 0 workers');
    await shot(page, 'labextension-refused');
    await dialog.getByRole('button').first().click();
    await expect(item).toContainText('Number of Workers: 2');
    // It throws what it has just shown in a dialog.
    const thrown = found.splice(0);
    expect(thrown.every(text => /400|Object/.test(text))).toBe(true);

    // The same cluster in dasklab's panel.
    await page.getByRole('tab', { name: 'Dask clusters' }).click();
    const card = page.locator('#dasklab-panel').getByRole('listitem', { name: 'local-1' });
    await expect(card).toContainText('2 of 2');

    // A card's layout is its own cluster's: the command of the other front end would ignore it.
    await card.click({ button: 'right', position: { x: 60, y: 12 } });
    await page.getByRole('menu').getByText('Open Dashboard Layout', { exact: true }).click();
    const tabs = page.locator('#jp-main-dock-panel').getByRole('tab');
    await expect(tabs.filter({ hasText: 'local-1: Task Stream' })).toBeVisible({ timeout: 30_000 });
    await expect(tabs.filter({ hasText: 'local-1: Progress' })).toBeVisible();
    await shot(page, 'labextension-layout');
    await page.locator('.dasklab-Status button').click();
    await expect(page.getByRole('menu').getByText('Open Dashboard Layout')).toBeVisible();
    await page.keyboard.press('Escape');

    const [before] = await server.models();
    await page.goto('about:blank');
    await server.end();
    await server.run();
    expect(await server.models()).toEqual([before]);
    await server.open(page);
    await openOwnPanel(page);
    await expect(item).toContainText('Number of Workers: 2', { timeout: 30_000 });
    await item.getByRole('button', { name: 'SHUTDOWN' }).click();
    await expect(item).toHaveCount(0, { timeout: 30_000 });
    expect(await server.clusters()).toEqual([]);
  } finally {
    await server.close();
  }
});
