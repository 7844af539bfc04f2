/** Where JupyterLab's users look for what runs: not only in the panel. */
import { wireStarting, wireCluster } from '../ts/builders';
import { expect, test } from './fixtures';

const GIB = 2 ** 30;

test('running sessions, launcher and status bar', async ({ lab, mock, page }) => {
  mock.clusters = [
    wireCluster({ id: 'a', name: 'alpha', created: 2, memory: { used: 3 * GIB, limit: 8 * GIB } })
  ];
  await lab.open();
  await expect(page.getByRole('heading', { name: 'Dask' })).toBeVisible();
  await page.getByRole('tab', { name: /^Running/ }).click();
  const section = page.getByRole('region', { name: 'Dask Clusters Section' });
  await expect(section).toContainText('alpha');
  await expect(section).toContainText('2 workers');

  // The only cluster that lives is the one to speak of.
  const status = page.locator('.dasklab-Status button');
  await expect(status).toHaveText('alpha2 workers · 3 GiB');
  mock.push(
    wireCluster({ id: 'a', name: 'alpha', created: 2, updated: 2e9, tasks: { waiting: 1200 } })
  );
  await expect(status).toContainText('1.2K tasks');
  await lab.shot('places');
  await status.click();
  const menu = page.getByRole('menu');
  await expect(menu.locator('[role^="menuitem"]')).toHaveText([
    'Show in the Panel',
    /Connect the Notebook/,
    /Open Dashboard Page…/,
    /Open Dashboard Layout/,
    /Show Log/,
    'Scale…',
    'Keep Whatever the Lease Says',
    'Restart Workers…',
    'Stop…'
  ]);
  const keep = menu.getByRole('menuitem', { name: 'Keep Whatever the Lease Says' });
  await expect(keep, 'what is not kept is not checked').toBeVisible();
  await lab.shot('status-menu');
  await menu.getByText('Show in the Panel').click();
  await expect(lab.card('alpha')).toBeFocused();
  mock.push(wireCluster({ id: 'b', name: 'beta', created: 3 }));
  await expect(status).toBeHidden();

  // Stopping from the section asks as the card does.
  await page.getByRole('tab', { name: /^Running/ }).click();
  const item = section.getByRole('treeitem').filter({ hasText: 'beta' });
  await item.hover();
  await item.getByTitle('Stop…').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await expect(section).not.toContainText('beta');
  expect(mock.calls.at(-1)).toMatchObject({ method: 'DELETE', path: 'clusters/b' });
  const toolbar = page.getByRole('toolbar', { name: 'Dask Clusters toolbar' });
  await toolbar.getByRole('button', { name: 'Stop All' }).click();
  await expect(page.getByRole('dialog')).toContainText('“alpha”: running tasks end');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

  mock.answers.set('POST clusters', [202, wireStarting({ id: 'n', name: 'one-click' })]);
  await page.locator('.jp-LauncherCard').filter({ hasText: 'New Cluster' }).click();
  await expect(lab.card('one-click')).toContainText('Starting');
});

test('the context menu of a card', async ({ lab, mock, page }) => {
  mock.clusters = [
    wireCluster({ id: 'a', name: 'alpha', created: 2 }),
    wireCluster({ id: 'b', name: 'beta', created: 1, lease: { pinned: true } })
  ];
  mock.answers.set('POST clusters/b/keep', [202, mock.clusters[1]]);
  await lab.open();
  await lab.openPanel();
  const open = (): Promise<void> =>
    lab.card('beta').click({ button: 'right', position: { x: 60, y: 12 } });
  await open();
  const menu = page.getByRole('menu');
  // What is kept is let go of in the same place.
  const keep = menu.getByRole('menuitemcheckbox', { name: 'Keep Whatever the Lease Says' });
  await expect(keep).toHaveAttribute('aria-checked', 'true');
  await expect(menu.getByText('Forget')).toBeHidden();
  await lab.shot('card-menu');
  await keep.click();
  await expect
    .poll(() => mock.calls.at(-1))
    .toMatchObject({ path: 'clusters/b/keep', body: { pinned: false } });
  await open();
  await menu.getByText('Scale…').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Scale “beta”');
  await dialog.getByRole('textbox').fill('1:6');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect
    .poll(() => mock.calls.at(-1))
    .toEqual({
      method: 'POST',
      path: 'clusters/b/scale',
      body: { workers: { minimum: 1, maximum: 6 } }
    });
});

test('what should not be missed is notified', async ({ lab, mock, page }) => {
  const soon = { deadline: Date.now() / 1_000 + 200, cause: 'idle' };
  mock.clusters = [wireCluster({ id: 'a', name: 'alpha' })];
  await lab.open();
  await expect(page.locator('.dasklab-Status')).toContainText('alpha');
  mock.push(wireCluster({ id: 'a', name: 'alpha', updated: 2e9, lease: soon }));
  const warning = page.locator('.Toastify__toast').filter({ hasText: 'within five minutes' });
  await expect(warning).toContainText('“alpha” will stop within five minutes');
  await lab.shot('notification');
  await warning.getByRole('button', { name: 'Keep' }).click();
  await expect
    .poll(() => mock.calls.at(-1))
    .toEqual({ method: 'POST', path: 'clusters/a/keep', body: { pinned: true } });
  const failed = { at: 2e9, kind: 'scale-failed', text: 'The queue does not answer.' };
  mock.push(wireCluster({ id: 'a', name: 'alpha', updated: 2e9 + 1, events: [failed] }));
  const refusal = page.locator('.Toastify__toast').filter({ hasText: 'could not be scaled' });
  await expect(refusal).toContainText('The queue does not answer.');
  await lab.shot('notification-refused');
  mock.push(wireCluster({ id: 'a', name: 'alpha', updated: 2e9 + 2, phase: 'lost' }));
  await expect(
    page.locator('.Toastify__toast').filter({ hasText: '“alpha” was lost' })
  ).toBeVisible();
});

test('the notebook’s own cluster, from its toolbar to the status bar', async ({
  api,
  lab,
  mock,
  page
}) => {
  mock.clusters = [
    wireCluster({ id: 'a', name: 'alpha', created: 2 }),
    wireCluster({ id: 'b', name: 'beta', created: 1 })
  ];
  const code = 'client = "a client"';
  mock.answers.set('GET clusters/b/code', [200, { connect: code, plain: code }]);
  const broken = 'raise OSError("nobody is there")';
  mock.answers.set('GET clusters/a/code', [200, { connect: broken, plain: broken }]);
  await api.notebook('toolbar.ipynb', 'x = 1');
  await lab.openNotebook('toolbar.ipynb');
  const status = page.locator('.dasklab-Status button');
  await expect(status).toBeHidden();
  await page.getByRole('button', { name: /Connect this notebook|^Dask$/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').selectOption('beta (running)');
  await dialog.getByRole('button', { name: 'OK' }).click();
  await expect(lab.cells).toHaveCount(2);
  await expect(status).toContainText('beta');
  await lab.shot('toolbar');
  // A cell that failed has not connected it.
  await lab.execute('dasklab:connect-notebook', { cluster: 'a' });
  await expect(lab.cells.filter({ hasText: 'OSError: nobody is there' })).toBeVisible();
  await expect(status).toContainText('beta');
  // Another notebook has another kernel, of which nothing is known.
  await api.notebook('other.ipynb', 'x = 1');
  await lab.execute('docmanager:open', { path: 'other.ipynb' });
  await expect(status).toBeHidden();
});

test('settings are followed', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  await lab.open();
  await lab.openPanel();
  const tab = page.getByRole('tab', { name: 'Dask clusters' });
  await lab.execute('settingeditor:open', { query: 'Dask' });
  const hide = page.getByRole('checkbox', { name: 'Hide the panel' });
  await hide.check();
  await expect(tab).toHaveCount(0);
  await lab.shot('settings');
  await lab.execute('dasklab:open-panel');
  await expect(lab.panel).toBeVisible();
  // The setting is the server's user's, so the next test's too.
  await hide.uncheck();
  await expect(tab).toBeVisible();
});

test('what the server does not allow is said in its own words', async ({ lab, mock, page }) => {
  const refused = {
    code: 'refused',
    message: 'Clusters cannot be launched on this server.',
    hint: 'Ask its administrator.',
    details: {}
  };
  mock.answers.set('POST clusters', [403, { error: refused }]);
  await lab.open();
  await lab.execute('dasklab:start-cluster');
  const toast = page.locator('.Toastify__toast');
  await expect(toast).toContainText('Clusters cannot be launched on this server.');
  await expect(toast).toContainText('Ask its administrator.');
});
