/** Servers that do not allow everything: real ones, and a real cluster that another one started. */
import { expect, Lab, test } from './fixtures';

test('on a server that only looks, nothing can be changed and the panel says so', async ({
  another,
  api,
  page
}) => {
  const { id } = await api.running('watched', 1);
  const { baseUrl } = await another('lab', '--DasklabServer.read_only=True');
  const lab = new Lab(page, baseUrl);
  await lab.open();
  await expect(page.locator('.jp-LauncherCard').first()).toBeVisible();
  await expect(page.locator('.jp-LauncherCard').filter({ hasText: 'New Cluster' })).toHaveCount(0);
  await lab.openPanel();
  const card = lab.card('watched');
  await expect(card).toContainText('1 of 1');
  await expect(lab.panel).toContainText(
    'Clusters can only be looked at on this server, not changed.'
  );
  const add = lab.panel.getByRole('button', { name: 'New' });
  await expect(add).toBeDisabled();
  await expect(add).toHaveAttribute(
    'title',
    'Clusters can only be looked at on this server, not changed.'
  );
  await add.press('Enter');
  await expect(lab.panel.getByRole('form')).toHaveCount(0);
  // What looks and what connects is there, what changes is not.
  await expect(card.getByRole('button')).toHaveCount(4);
  for (const name of [/^Connect/, /^Dashboard pages/, /^Live plots/, /^Log of/]) {
    await expect(card.getByRole('button', { name })).toBeVisible();
  }
  await card.click({ button: 'right', position: { x: 60, y: 12 } });
  const menu = page.getByRole('menu');
  await expect(menu.getByText('Show Log')).toBeVisible();
  for (const text of ['Scale…', 'Stop…', 'Restart Workers…', 'Keep Whatever the Lease Says']) {
    await expect(menu.getByText(text)).toBeHidden();
  }
  await lab.shot('read-only');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  for (const command of ['start', 'scale', 'restart', 'keep', 'stop', 'forget'].map(
    each => `dasklab:${each}-cluster`
  )) {
    expect(await lab.isEnabled(command), command).toBe(false);
  }
  expect(await lab.isEnabled('dasklab:stop-all-clusters')).toBe(false);
  // Whoever runs one all the same reads the server's own words.
  await lab.execute('dasklab:scale-cluster', { cluster: id, workers: 2 });
  await expect(page.locator('.Toastify__toast')).toContainText(
    'looked at on this server, not changed.'
  );
  expect((await api.get(id)).workers.wanted).toBe(1);

  await page.getByRole('tab', { name: /^Running/ }).click();
  const item = page.getByRole('treeitem').filter({ hasText: 'watched' });
  await item.hover();
  await expect(item).toBeVisible();
  await expect(item.getByTitle('Stop…')).toHaveCount(0);
  // Before 4.6 JupyterLab tells nobody of its sections: the button is there, and asks in vain.
  const version = await page.evaluate(() =>
    Reflect.get(Reflect.get(window, 'jupyterapp'), 'version')
  );
  if (!/^4\.[45]\./.test(String(version))) {
    await expect(page.getByRole('button', { name: 'Stop All' })).toBeHidden();
  }

  await lab.execute('dasklab:open-dashboard-page', { cluster: id, page: 'individual-progress' });
  await expect(
    page.frameLocator('iframe[title*="Progress"]').locator('canvas').first()
  ).toBeVisible({ timeout: 30_000 });
});

test('on a server that hides it, nothing is to be seen of it', async ({ another, api, page }) => {
  await api.running('watched', 1);
  await api.notebook('hidden.ipynb', 'x = 1');
  const { baseUrl } = await another('lab', '--DasklabServer.hide=True');
  const lab = new Lab(page, baseUrl);
  await lab.open();
  await expect(page.locator('.jp-LauncherCard').first()).toBeVisible();
  await expect(page.locator('.jp-LauncherCard').filter({ hasText: 'New Cluster' })).toHaveCount(0);
  await expect(page.getByRole('tab', { name: 'Dask clusters' })).toHaveCount(0);
  await page.getByRole('tab', { name: /^Running/ }).click();
  await expect(page.getByRole('region', { name: 'Kernels Section' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Dask Clusters Section' })).toHaveCount(0);
  await lab.execute('apputils:activate-command-palette');
  const palette = page.locator('#modal-command-palette');
  await expect(palette).toContainText('Open from Path…');
  await palette.getByRole('textbox').or(palette.locator('input')).first().fill('dask');
  await expect(palette).not.toContainText('Open from Path…');
  await expect(palette).not.toContainText('Dask');
  await lab.shot('hidden-palette');
  await page.keyboard.press('Escape');
  await lab.execute('docmanager:open', { path: 'hidden.ipynb' });
  const toolbar = page.locator('.jp-NotebookPanel-toolbar');
  await expect(toolbar.getByRole('combobox', { name: 'Cell type' })).toBeVisible();
  await expect(toolbar.getByText('Dask')).toHaveCount(0);
  await expect(page.locator('.dasklab-Status')).toHaveCount(0);
  await lab.shot('hidden');
  expect(await lab.isEnabled('dasklab:open-dashboard-page')).toBe(true);
});

test('on a server that launches nothing, what runs elsewhere can still be used', async ({
  another,
  api,
  page
}) => {
  const { baseUrl } = await another('lab', '--DasklabServer.allow_launch=False');
  const lab = new Lab(page, baseUrl);
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel).toContainText('Launching is turned off on this server.');
  await expect(lab.panel).toContainText('One that runs in a notebook');
  await expect(lab.panel.getByRole('button', { name: 'Start a cluster' })).toHaveCount(0);
  await expect(lab.panel.getByRole('button', { name: 'New' })).toBeDisabled();
  await lab.shot('no-launch-empty', lab.panel);
  expect(await lab.isEnabled('dasklab:new-cluster')).toBe(false);
  expect(await lab.isEnabled('dasklab:start-cluster')).toBe(false);
  await lab.execute('dasklab:start-cluster');
  await expect(page.locator('.Toastify__toast')).toContainText(
    'Launching is turned off on this server.'
  );

  const { id } = await api.running('given', 1);
  const card = lab.card('given');
  await expect(card).toContainText('1 of 1');
  await lab.shot('no-launch', lab.panel);
  await card.getByRole('button', { name: 'Stop “given”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await expect.poll(async () => (await api.get(id)).phase, { timeout: 30_000 }).toBe('stopped');
});
