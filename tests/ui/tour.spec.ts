/** The tour as a new user sees it: live, and when the kernel and the cluster are gone. */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures';
import { home, root } from './server';

test.beforeAll(() => {
  cpSync(path.join(root, 'binder', 'tour.ipynb'), path.join(home, 'work', 'tour.ipynb'));
});

test('the tour shows where time goes, live and when all is over', async ({ api, lab, page }) => {
  test.setTimeout(480_000);
  await lab.openNotebook('tour.ipynb');
  await lab.begin('notebook:run-all-cells');
  const notebook = page.locator('.jp-Notebook');
  const headings = notebook.getByRole('heading');
  const stream = notebook.getByRole('region', { name: 'Task Stream', exact: true });

  // Live, while the cells below it compute.
  const plots = notebook.locator('.dasklab-Output').filter({ hasText: 'tour: the last 5 min' });
  await expect(plots).toBeAttached({ timeout: 90_000 });
  await lab.seek('%dask plot', plots);
  await expect(plots.locator('canvas')).toHaveCount(2, { timeout: 90_000 });
  await expect(stream.getByRole('button', { name: 'random_sample' })).toBeVisible({
    timeout: 90_000
  });
  await lab.shot('tour-live');
  await expect(page.getByText('| Idle')).toBeVisible({ timeout: 360_000 });
  await expect(notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).toHaveCount(
    0
  );
  expect((await api.list()).map(each => each.phase)).toEqual(['stopped']);
  await expect.poll(() => lab.recorded(5)).toBe(true);
  await lab.execute('docmanager:save');
  await lab.execute('kernelmenu:shutdown');
  await api.clear();

  await page.reload();
  await lab.ready();
  await expect(headings.first()).toBeVisible();
  for (const [heading, words, picture] of [
    ['A well-balanced job', /compute \d+%/, 'tour-balanced'],
    ['Chunks that are too small', /idle \d+%/, 'tour-small'],
    ['More data than memory', /spilled/, 'tour-memory'],
    ['One task that all wait for', /23 tasks|12 tasks/, 'tour-uneven']
  ] as const) {
    const strips = notebook.locator('.dasklab-Output').filter({ hasText: words, visible: true });
    const strip = strips.first();
    await lab.seek(heading, strip);
    await strip.scrollIntoViewIfNeeded();
    await expect(strip.locator('img').first()).toBeVisible();
    await lab.shot(picture);
  }
  const strip = notebook.locator('.dasklab-Output').filter({ hasText: /12 tasks/ });
  await strip.getByRole('button', { name: 'Explore' }).click();
  await expect(strip.getByRole('button', { name: 'simulate' }).first()).toBeVisible();
  await strip.scrollIntoViewIfNeeded();
  await lab.shot('tour-explored');
});
