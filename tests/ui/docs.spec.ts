/** The pictures of docs/plots.md. Left out unless asked for: they are kept in the repository. */
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
