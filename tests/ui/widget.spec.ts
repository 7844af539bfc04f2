/** Where no server has dasklab: plots by way of the kernel, also while it is busy. No doubles. */
import type { Page } from '@playwright/test';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { colours, expect, Lab, test } from './fixtures';
import { bin, home, token } from './server';

const WORK = `import os, time
def load(x):
    time.sleep(0.02)
    return bytes(100_000)
futures = client.map(load, range(200), pure=False)
`;
const CELL = `%load_ext dasklab
%dask start local -n 2
%dask plot task-stream memory --last 5m
${WORK}while not os.path.exists('on'): pass`;

/** A folder of JupyterLab's extensions in which ours is missing. */
function others(): string {
  const from = path.resolve(bin, '../share/jupyter/labextensions');
  const to = path.join(home, 'others');
  mkdirSync(path.join(to, '@jupyter-widgets'), { recursive: true });
  for (const name of ['anywidget', '@jupyter-widgets/jupyterlab-manager']) {
    symlinkSync(path.join(from, name), path.join(to, name));
  }
  return to;
}

async function tasks(page: Page): Promise<string> {
  const stream = page.getByRole('region', { name: 'Task Stream', exact: true });
  const toggle = stream.getByRole('button', { name: 'Table' });
  // The output may be drawn anew at any moment, and shows the picture then.
  const shown = async (): Promise<boolean> =>
    (await toggle.getAttribute('aria-expanded')) === 'true';
  if (!(await shown())) {
    await toggle.click();
  }
  const load = stream.getByRole('row', { name: /^load/ });
  await load
    .first()
    .waitFor({ timeout: 2_000 })
    .catch(() => undefined);
  const rows = await load.allInnerTexts();
  if (await shown()) {
    await toggle.click();
  }
  return rows.map(each => each.split('\t')[1]).join(' + ');
}

test('plots come by way of a busy kernel, and go on when it rests', async ({
  another,
  api,
  page
}) => {
  await api.removeFile('on');
  await api.notebook(
    'alone.ipynb',
    CELL,
    'client.gather(client.map(load, range(100), pure=False))[:0]'
  );
  const { baseUrl } = await another(
    'lab',
    "--ServerApp.jpserver_extensions={'dasklab': False}",
    `--LabApp.labextensions_path=${others()}`
  );
  await page.goto(`${baseUrl}lab/tree/alone.ipynb?token=${token}`);
  const lab = new Lab(page, baseUrl);
  await lab.kernelIdle();
  await lab.begin('notebook:run-cell');

  const live = lab.cells.first().locator('.dasklab-Widget');
  await expect(live.locator('canvas')).toHaveCount(2, { timeout: 60_000 });
  const stream = live.getByRole('region', { name: 'Task Stream', exact: true });
  await expect(stream.getByRole('button', { name: 'load' })).toBeVisible({ timeout: 30_000 });
  await expect(lab.cells.first().locator('.jp-InputPrompt')).toContainText('[*]');
  await expect.poll(() => tasks(page)).toBe('200');
  await expect.poll(() => colours(stream)).toBeGreaterThan(4);
  await lab.shot('widget-busy');
  await api.file('on', '');

  await lab.kernelIdle();
  await lab.cells.nth(1).locator('.cm-content').click();
  await lab.begin('notebook:run-cell');
  await expect.poll(() => tasks(page), { timeout: 30_000 }).toBe('200 + 100');

  // A key, which only the host knows.
  const tooltip = stream.locator('.dasklab-Plot-tooltip');
  await expect(async () => {
    await stream.locator('canvas').scrollIntoViewIfNeeded();
    const canvas = await stream.locator('canvas').boundingBox();
    const x = (canvas?.x ?? 0) + (canvas?.width ?? 0) * (0.1 + 0.5 * Math.random());
    await page.mouse.move(x, (canvas?.y ?? 0) + 40);
    await expect(tooltip).toContainText(/load-[0-9a-f]{8}/, { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  await lab.shot('widget-rests');
});
