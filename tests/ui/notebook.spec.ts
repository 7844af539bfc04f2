/** A notebook and the panel beside it. */
import { expect, test } from './fixtures';

test('the notebook in front is connected with a click', async ({ api, lab }) => {
  await api.running('workhorse', 1);
  await api.notebook('connect.ipynb', 'x = 1');
  await lab.openNotebook('connect.ipynb');
  await lab.openPanel();
  const connect = lab.card('workhorse').getByRole('button', { name: /^Connect/ });
  await expect(connect).toHaveAccessibleName('Connect connect.ipynb to “workhorse”');
  await connect.click();
  await expect(lab.cells).toHaveCount(2);
  await expect(lab.cells.first()).toContainText('workhorse');
  await expect(lab.cells.first().locator('.jp-OutputArea')).toContainText('Client', {
    timeout: 30_000
  });
  await lab.shot('real-connected');
});

test('a button in an output opens a dashboard page', async ({ api, lab, page }) => {
  const { id } = await api.running('linked', 1);
  const args = JSON.stringify({ cluster: id, page: 'individual-task-stream' });
  await api.notebook(
    'link.ipynb',
    `from IPython.display import HTML
HTML("""<button data-commandlinker-command="dasklab:open-dashboard-page"
 data-commandlinker-args='${args}'>Task Stream</button>""")`
  );
  await lab.openNotebook('link.ipynb');
  await lab.execute('notebook:run-all-cells');
  await page.getByRole('button', { name: 'Task Stream' }).click();
  await expect(lab.tab('linked: Task Stream')).toBeVisible();
  const frame = page.frameLocator('iframe[title*="Task Stream"]');
  await expect(frame.locator('canvas').first()).toBeVisible({ timeout: 30_000 });
  // Beside the notebook, so that both are seen.
  await expect(page.getByRole('button', { name: 'Task Stream' })).toBeVisible();
  await lab.shot('real-link');
});

test('a cluster of plain Dask code in a notebook appears and goes by itself', async ({
  lab,
  api
}) => {
  await api.notebook(
    'plain.ipynb',
    `%load_ext dasklab
from distributed import LocalCluster
cluster = LocalCluster(n_workers=1, threads_per_worker=1)`
  );
  await lab.openNotebook('plain.ipynb');
  await lab.openPanel();
  await lab.execute('notebook:run-all-cells');
  const card = lab.panel.getByRole('listitem').filter({ hasText: 'from a notebook' });
  await expect(card).toContainText('1 of 1', { timeout: 30_000 });
  await lab.shot('real-published');
  await lab.execute('kernelmenu:shutdown');
  await expect(card.filter({ hasText: 'Running' })).toHaveCount(0, { timeout: 30_000 });
});
