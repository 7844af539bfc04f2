/** The pictures of the documentation. Left out unless asked for: they are kept in the repository. */
import type { Page } from '@playwright/test';
import path from 'node:path';
import { PLOT_NAMES } from '../../src/plots/names';
import { expect, test } from './fixtures';
import { openGallery } from './gallery/serve';
import { root } from './server';

for (const theme of ['light', 'dark'] as const) {
  test(`pictures in the theme “${theme}” @docs`, async ({ page }) => {
    await page.setViewportSize({ width: 560, height: 320 });
    for (const name of PLOT_NAMES) {
      await openGallery(page, theme, `run=recorded&plot=${name}`);
      await expect(page.locator('.dasklab-Plot')).toHaveCount(1);
      // Profile and graph have been asked for, and are drawn at the next frame.
      await page.evaluate(
        () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
      );
      await page.screenshot({ path: path.join(root, 'docs', 'plots', `${name}-${theme}.png`) });
    }
  });
}

const LAUNCHING = `%load_ext dasklab
%dask start local -n 2 --name weather`;

const COMPUTING = `%%dask
import dask.array as da

field = da.random.random((6_000, 6_000), chunks=1_000)
anomaly = field - field.mean(axis=0)
float((anomaly @ anomaly.T[:, :1_000]).std().compute())`;

test('the picture of the README @docs', async ({ api, lab, page }) => {
  test.setTimeout(300_000);
  await page.setViewportSize({ width: 1440, height: 810 });
  await api.notebook('weather.ipynb', LAUNCHING, COMPUTING);
  await lab.openNotebook('weather.ipynb');
  await lab.openPanel();
  await lab.execute('notebook:run-cell-and-select-next');
  const card = lab.card('weather');
  await expect(card).toContainText('2 of 2', { timeout: 60_000 });
  // The plots beside the notebook, one above the other, as they are when dragged there.
  await card.getByRole('button', { name: 'Live plots of “weather”' }).click();
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await move(page, 'split-right');
  await card.getByRole('button', { name: 'CPU, Network and Disk' }).click();
  await move(page, 'split-bottom');
  await card.getByRole('button', { name: 'Live plots of “weather”' }).click();
  await lab.tab('weather.ipynb').click();
  await lab.execute('notebook:run-cell');
  await expect(lab.cells.nth(1).getByRole('button', { name: 'Explore' })).toBeVisible();
  await lab.cells.first().scrollIntoViewIfNeeded();
  await page.screenshot({ path: path.join(root, 'docs', 'screenshot.png') });
});

/** Move the pane in front to a place of its own in the main area. */
async function move(page: Page, mode: string): Promise<void> {
  await page.evaluate(mode => {
    const app: unknown = Reflect.get(window, 'jupyterapp');
    const { shell } = app as {
      shell: { currentWidget: unknown; add(widget: unknown, area: string, how: object): void };
    };
    shell.add(shell.currentWidget, 'main', { mode });
  }, mode);
}
