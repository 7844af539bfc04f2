/** Every plot from one run, in every theme, as pictures for people to look at. */
import { PLOT_NAMES } from '../../src/plots/names';
import { expect, test } from './fixtures';
import { openGallery, type Theme } from './gallery/serve';

const THEMES: ReadonlyArray<Theme> = ['light', 'dark', 'dark-high-contrast'];

for (const theme of THEMES) {
  test(`all plots in the theme “${theme}”`, async ({ lab, page }) => {
    await page.setViewportSize({ width: 1280, height: 3140 });
    await openGallery(page, theme, 'run=recorded');
    await expect(page.locator('.dasklab-Plot')).toHaveCount(PLOT_NAMES.length);
    await expect(page.locator('.dasklab-Plot').first().getByText('read_part')).toBeVisible();
    await lab.shot(`plots-${theme}`);
  });
}

test('a run that Python has recorded', async ({ lab, page }) => {
  await page.setViewportSize({ width: 1280, height: 3140 });
  await openGallery(page, 'light', 'run=fixture');
  await expect(page.locator('.dasklab-Plot').first().getByText('random_sample')).toBeVisible();
  await expect(page.getByRole('row', { name: /tcp:\/\/127\.0\.0\.1:40002/ })).toBeVisible();
  await lab.shot('plots-recorded');
});

test('many workers, many tasks, and none', async ({ lab, page }) => {
  await openGallery(page, 'light', 'run=wide&plot=workers-memory');
  await expect(page.getByText('80 %: paused')).toBeVisible();
  await lab.shot('plots-heat-map');
  await openGallery(page, 'dark', 'run=tiny&plot=task-stream');
  await expect(page.getByText('read_parquet')).toBeVisible();
  await lab.shot('plots-tiny-tasks-dark');
  await openGallery(page, 'light', 'run=tiny&plot=graph');
  await expect(page.getByText('Processing (ring or mark)')).toBeVisible();
  await lab.shot('plots-graph-thousands');
  await openGallery(page, 'dark', 'run=wide&plot=graph');
  await expect(page.getByText('Processing (ring or mark)')).toBeVisible();
  await lab.shot('plots-graph-groups-dark');
  await openGallery(page, 'light', 'plot=transfers');
  await page.getByRole('button', { name: 'How much was moved when' }).click();
  await expect(page.getByText('Transfers at once')).toBeVisible();
  await lab.shot('plots-transfers-time');
  await openGallery(page, 'light', 'plot=profile');
  await page.locator('canvas').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'Enter']) {
    await page.keyboard.press(key);
  }
  await expect(page.locator('.dasklab-Plot-tooltip')).toContainText('With what it calls');
  await lab.shot('plots-profile-enlarged');
  await openGallery(page, 'light', 'run=empty');
  await expect(page.locator('.dasklab-Plot')).toHaveCount(PLOT_NAMES.length);
  await lab.shot('plots-empty');
});
