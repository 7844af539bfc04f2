/** Jupyter Notebook 7: one document at a time, the same extension. A real server of it. */
import type { Page } from '@playwright/test';
import { expect, Lab, test } from './fixtures';
import { token } from './server';

/** Notebook's tree page throws this without any extension: its shortcuts meet settings unloaded. */
const ITS_OWN = "Cannot read properties of undefined (reading 'schema')";

/** What the page complains of. */
function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', error => {
    if (error.message !== ITS_OWN) {
      found.push(error.stack ?? error.message);
    }
  });
  page.on('console', message => {
    if (message.type() === 'error') {
      found.push(`${message.text()} ${message.location().url}`);
    }
  });
  return found;
}

test('magics, toolbar, palette and panel in Notebook', async ({ another, api, context, page }) => {
  await api.running('sevens', 1);
  await api.notebook(
    'seven.ipynb',
    '%load_ext dasklab\n%dask use sevens\n%dask open individual-progress\n%dask plot memory'
  );
  const { baseUrl } = await another('notebook', '--JupyterNotebookApp.expose_app_in_browser=True');
  const errors = complaints(page);
  await page.goto(`${baseUrl}notebooks/seven.ipynb?token=${token}`);
  const lab = new Lab(page, baseUrl);
  await expect(page.locator('.jp-Notebook .jp-Cell')).toHaveCount(1, { timeout: 40_000 });
  await lab.kernelIdle();

  // The magic's links lead to a browser tab, for there are no panes.
  await lab.execute('notebook:run-all-cells');
  const output = page.locator('.jp-OutputArea');
  await expect(
    output.frameLocator('iframe[title="Progress of sevens"]').locator('canvas').first()
  ).toBeVisible({ timeout: 30_000 });
  // Plots are live here too, by the same engine.
  await output.locator('.dasklab-Output').scrollIntoViewIfNeeded();
  await expect(output.locator('.dasklab-Output canvas')).toBeVisible();
  const opened = context.waitForEvent('page');
  await output.getByRole('button', { name: 'in a pane' }).click();
  const dashboard = await opened;
  await expect(dashboard.locator('canvas').first()).toBeVisible({ timeout: 30_000 });
  expect(dashboard.url()).not.toContain(token);
  await dashboard.close();
  const whole = context.waitForEvent('page');
  await output.getByRole('button', { name: 'in panes' }).click();
  await (await whole).close();

  // The toolbar's button connects.
  await page.getByRole('button', { name: /Connect this notebook|^Dask$/ }).click();
  await expect(page.locator('.jp-Notebook .jp-Cell')).toHaveCount(2);
  await expect(page.locator('.jp-Notebook')).toContainText("dasklab.connect('sevens')");
  await lab.shot('notebook7');

  // The palette has the commands that have a place here, and not the layouts.
  await lab.execute('apputils:activate-command-palette');
  const palette = page.locator('#modal-command-palette');
  await palette.getByRole('textbox').or(palette.locator('input')).first().fill('dask');
  await expect(palette).toContainText('Stop a Dask Cluster…');
  await expect(palette).not.toContainText('Layout');
  await lab.shot('notebook7-palette');
  await page.keyboard.press('Escape');

  // The panel opens at the left.
  await lab.execute('dasklab:open-panel');
  const card = lab.card('sevens');
  await expect(card).toContainText('1 of 1');
  await card.getByRole('button', { name: /^Dashboard/ }).click();
  const next = context.waitForEvent('page');
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await (await next).close();
  await lab.shot('notebook7-panel');
  await card.getByRole('button', { name: /^Log of/ }).click();
  await expect(page.locator('.dasklab-Log-line').last()).toBeInViewport();
  await lab.shot('notebook7-log');
  expect(errors).toEqual([]);
});

test('the tree page of Notebook takes the extension without a complaint', async ({
  another,
  page
}) => {
  const { baseUrl } = await another('notebook', '--JupyterNotebookApp.expose_app_in_browser=True');
  const errors = complaints(page);
  await page.goto(`${baseUrl}tree?token=${token}`);
  await expect(page.locator('.jp-FileBrowser')).toBeVisible({ timeout: 40_000 });
  await page.getByRole('tab', { name: 'Running' }).click();
  await expect(page.getByText('Dask Clusters', { exact: true })).toBeVisible();
  await new Lab(page, baseUrl).shot('notebook7-tree');
  expect(errors).toEqual([]);
});
