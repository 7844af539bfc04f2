/** A notebook and the panel beside it. */
import { expect, test } from './fixtures';

/** A cell that runs until a file appears, and then lets go of its cluster. */
const COMPUTING = `import pathlib, time
while not pathlib.Path('go').exists(): time.sleep(0.05)
client.close()`;

test('the notebook in front is connected with a click, or goes elsewhere by itself', async ({
  api,
  lab,
  page
}) => {
  await api.running('workhorse', 1);
  await api.launch('elsewhere', 0);
  await api.notebook('connect.ipynb', '%load_ext dasklab\n%dask use elsewhere');
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
  const status = page.locator('.dasklab-Status button');
  await expect(status).toContainText('workhorse');

  await lab.cells.last().click();
  await lab.execute('notebook:run-cell');
  await expect(status).toContainText('elsewhere', { timeout: 30_000 });
  // The card's button opens pages of the cluster that it is of.
  await lab.cells.last().getByRole('button', { name: 'in panes' }).click();
  await expect(lab.tab('elsewhere: Task Stream')).toBeVisible();
  await lab.shot('real-elsewhere');
  // When the page has forgotten, the server knows what the kernel has written down.
  await api.removeFile('go');
  await lab.cells.last().click();
  await lab.execute('notebook:insert-cell-below');
  await page.keyboard.press('Enter');
  await page.keyboard.insertText(COMPUTING);
  await lab.begin('notebook:run-cell');
  await expect(page.getByText('| Busy')).toBeVisible();
  await page.reload();
  await lab.ready();
  await expect(status).toContainText('elsewhere', { timeout: 30_000 });
  // And once it rests the kernel itself says that it is back at the one before.
  await api.file('go', '');
  await expect(status).toContainText('workhorse', { timeout: 30_000 });
});

test('what %dask open shows leads to a pane', async ({ api, lab, page }) => {
  await api.running('linked', 1);
  await api.notebook(
    'link.ipynb',
    '%load_ext dasklab\n%dask use linked\n%dask open individual-task-stream'
  );
  await lab.openNotebook('link.ipynb');
  await lab.execute('notebook:run-all-cells');
  const output = page.locator('.jp-OutputArea');
  const embedded = output.frameLocator('iframe[title="Task Stream of linked"]');
  await expect(embedded.locator('canvas').first()).toBeVisible({ timeout: 30_000 });
  await output.getByRole('button', { name: 'in a pane' }).click();
  await expect(lab.tab('linked: Task Stream')).toBeVisible();
  const frame = page.frameLocator('.jp-MainAreaWidget iframe[title*="Task Stream"]').first();
  await expect(frame.locator('canvas').first()).toBeVisible({ timeout: 30_000 });
  // Beside the notebook, so that both are seen.
  await expect(output.getByRole('button', { name: 'in a pane' })).toBeVisible();
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
