/** The oldest JupyterLab that is supported: one round through all parts, over a real cluster. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { environmentWith, oldestLab } from './another-lab';
import { AnotherServer } from './another-server';
import { expect, Lab, test } from './fixtures';

// An environment is made first.
test.describe.configure({ timeout: 240_000 });

let programs = '';
let server: AnotherServer | undefined;

test.beforeAll(async () => {
  programs = environmentWith(oldestLab());
  server = await AnotherServer.run(path.join(programs, 'jupyter-lab'));
});

test.afterAll(() => server?.stop());

test('the oldest JupyterLab lists the extension as one that fits', () => {
  const listed = spawnSync(path.join(programs, 'jupyter-labextension'), ['list'], {
    encoding: 'utf8'
  });
  expect(listed.stderr).toContain(`JupyterLab v${oldestLab()}`);
  expect(listed.stderr).toMatch(/dasklab v\S+ .*enabled.* .*OK/);
});

test('panel, notebook, plots, pages and settings in it', async ({ api, page }) => {
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(error.message));
  // What is shared is said to be of a version that we do not take.
  page.on('console', message => {
    if (/satisf(ied|ying) version/.test(message.text())) {
      errors.push(message.text());
    }
  });
  await api.notebook('old.ipynb', '%load_ext dasklab\n%dask use old\n%dask plot memory');
  const lab = new Lab(page, server?.baseUrl);
  await lab.openNotebook('old.ipynb');
  await lab.openPanel();
  const form = await lab.openForm();
  await form.getByLabel('Name', { exact: true }).fill('old');
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('2');
  await form.getByRole('button', { name: 'Start' }).click();
  const card = lab.card('old');
  await expect(card).toContainText('2 of 2', { timeout: 60_000 });

  // The notebook connects, its output is drawn by the extension, its cluster is named below.
  await lab.execute('notebook:run-all-cells');
  const plot = lab.cells.first().locator('.dasklab-Output canvas');
  await expect(plot).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('.dasklab-Status button')).toContainText('old');
  await page.getByRole('button', { name: /Connect this notebook|^Dask$/ }).click();
  await expect(lab.cells).toHaveCount(2);
  await lab.shot('oldest-notebook');

  await card.getByRole('button', { name: /^Live plots/ }).click();
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await expect(page.getByRole('region', { name: 'Task Stream', exact: true })).toBeVisible();
  await card.getByRole('button', { name: /^Dashboard pages/ }).click();
  await card.getByRole('button', { name: 'Progress', exact: true }).click();
  const dashboard = page.frameLocator('iframe[title*="Progress"]');
  await expect(dashboard.locator('canvas').first()).toBeVisible({ timeout: 60_000 });
  await lab.shot('oldest-panes');

  await lab.execute('settingeditor:open', { query: 'Dask' });
  await expect(page.getByRole('checkbox', { name: 'Hide the panel' })).toBeVisible();
  await page.getByRole('tab', { name: /^Running/ }).click();
  await expect(page.getByRole('region', { name: 'Dask Clusters Section' })).toContainText('old');
  await lab.shot('oldest-places');
  await lab.openPanel();
  await card.getByRole('button', { name: 'Stop “old”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await expect(lab.panel).toContainText('No cluster is running.', { timeout: 60_000 });
  expect(errors).toEqual([]);
});
