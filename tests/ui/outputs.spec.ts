/** Plots in a notebook: live while the kernel is busy, and what is left of them. No doubles. */
import type { Locator } from '@playwright/test';
import { colours, expect, test, type Lab } from './fixtures';

const WORK = `import os, time
def load(x):
    time.sleep(0.02)
    return bytes(100_000)
def clean(x):
    time.sleep(0.01)
    return len(x)
futures = client.map(clean, client.map(load, range(60)), pure=False)
`;

const CELLS = [
  '%load_ext dasklab\n%dask use stays',
  // The loop leaves the kernel's other threads hardly any time.
  `%dask plot task-stream memory progress --last 5m\n${WORK}while not os.path.exists('go'): pass`,
  `%%dask\n${WORK}print(sum(client.gather(futures)))`
];

function plot(output: Locator, name: string): Locator {
  return output.getByRole('region', { name, exact: true });
}

async function rowsOf(where: Locator, prefix: string): Promise<string> {
  await where.getByRole('button', { name: 'Table' }).click();
  const row = where.getByRole('row', { name: new RegExp(`^${prefix}`) }).first();
  await expect(row).toBeVisible();
  const text = await row.innerText();
  await where.getByRole('button', { name: 'Table' }).click();
  return text;
}

async function shotInBothThemes(lab: Lab, name: string, target: Locator): Promise<void> {
  for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
    await lab.setTheme(theme);
    await target.scrollIntoViewIfNeeded();
    await lab.shot(`${name}-${theme.endsWith('Dark') ? 'dark' : 'light'}`, target);
  }
}

test('plots of cells are live, and are drawn anew with no kernel and no cluster', async ({
  api,
  lab,
  page
}) => {
  const cluster = await api.running('stays', 2);
  await api.removeFile('go');
  await api.notebook('stays.ipynb', ...CELLS);
  await lab.openNotebook('stays.ipynb');
  await lab.begin('notebook:run-all-cells');

  // Live, while the kernel is in a loop of pure Python.
  const live = lab.cells.nth(1).locator('.dasklab-Output');
  const stream = plot(live, 'Task Stream');
  await expect(stream.getByRole('button', { name: 'clean' })).toBeVisible({ timeout: 60_000 });
  await expect(lab.cells.nth(1).locator('.jp-InputPrompt')).toContainText('[*]');
  await expect(live.locator('canvas')).toHaveCount(3);
  await expect(live.locator('img:visible')).toHaveCount(0);
  await expect.poll(() => rowsOf(stream, 'load')).toContain('60');
  expect(await colours(stream)).toBeGreaterThan(4);
  await live.getByRole('button', { name: 'Full Plots' }).scrollIntoViewIfNeeded();
  await lab.shot('output-live');
  await api.file('go', '');

  // A strip ends as a picture, with more behind it.
  const strip = lab.cells.nth(2).locator('.dasklab-Output');
  await expect(lab.cells.nth(2).locator('.jp-OutputArea')).toContainText('6000000', {
    timeout: 60_000
  });
  await expect(strip).toContainText('120 tasks');
  await expect(strip.locator('canvas')).toHaveCount(0);
  await lab.shot('output-strip-picture', lab.cells.nth(2));
  await strip.getByRole('button', { name: 'Explore' }).click();
  await expect(strip.locator('canvas')).toHaveCount(4);
  expect(await rowsOf(plot(strip, 'Task Stream'), 'clean')).toContain('60');
  await strip.getByRole('button', { name: 'Picture', exact: true }).click();
  await expect(strip.locator('canvas')).toHaveCount(0);
  await expect(strip.locator('img').first()).toBeVisible();

  // Saved when the plots stand still: then the recording is in it.
  await expect.poll(() => lab.recorded(1), { timeout: 30_000 }).toBe(true);
  await lab.execute('docmanager:save');
  await lab.execute('kernelmenu:shutdown');
  await api.remove(cluster.id);
  await expect.poll(async () => (await api.list()).map(each => each.phase)).toEqual(['stopped']);
  await api.remove(cluster.id);
  await expect.poll(() => api.list()).toEqual([]);

  await page.reload();
  await lab.ready();
  await expect(live.locator('canvas')).toHaveCount(3, { timeout: 30_000 });
  await expect(live).toContainText('Recorded');
  expect(await rowsOf(stream, 'load')).toContain('60');
  await expect.poll(() => colours(stream)).toBeGreaterThan(4);
  await shotInBothThemes(lab, 'output-recorded', live);

  // The keyboard does all of it: to the strip, its button, its plots.
  const explore = strip.getByRole('button', { name: 'Explore' });
  await explore.focus();
  await page.keyboard.press('Enter');
  await expect(strip.locator('canvas')).toHaveCount(4);
  await shotInBothThemes(lab, 'output-strip', strip);

  // The wheel scrolls the notebook until somebody has clicked a plot.
  const canvas = stream.locator('canvas');
  await canvas.scrollIntoViewIfNeeded();
  await canvas.hover();
  const before = await lab.scrolled();
  await page.mouse.wheel(0, 60);
  await expect.poll(() => lab.scrolled()).not.toBe(before);

  // From somebody else it is a picture, until it is trusted.
  await api.copyUntrusted('stays.ipynb', 'foreign.ipynb');
  await lab.open('/tree/foreign.ipynb');
  await expect(lab.cells.nth(1).locator('img').first()).toBeVisible({ timeout: 30_000 });
  await expect(lab.cells.nth(2).locator('img').first()).toBeVisible();
  await expect(lab.cells.locator('.dasklab-Output')).toHaveCount(0);
  await lab.shot('output-untrusted');
});

test('a setting puts the strip beneath every cell that uses Dask', async ({ api, lab }) => {
  lab.settings = { strips: true };
  await api.running('striped', 1);
  await api.notebook(
    'striped.ipynb',
    '%load_ext dasklab\n%dask use striped',
    'print(client.submit(sum, [40, 2]).result())',
    'print(6 * 7)'
  );
  await lab.openNotebook('striped.ipynb');
  await lab.execute('notebook:run-all-cells');
  await expect(lab.cells.nth(1).locator('.dasklab-Output')).toContainText('1 task ', {
    timeout: 30_000
  });
  await expect(lab.cells.nth(2).locator('.jp-OutputArea')).toContainText('42');
  await expect(lab.cells.nth(2).locator('.jp-OutputArea-output')).toHaveCount(1);
});
