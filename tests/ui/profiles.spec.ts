/** Profiles and fixed options, against the real server and its real configuration. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures';
import { home } from './server';

const FOLDER = path.join(home, 'dask');

/** A file of Dask's configuration as an administrator writes it. */
function configure(text: string): void {
  writeFileSync(path.join(FOLDER, '00-admin.yaml'), text);
}

test.afterEach(() => {
  rmSync(path.join(FOLDER, '00-admin.yaml'), { force: true });
  rmSync(path.join(FOLDER, 'dasklab-profiles.yaml'), { force: true });
});

test('a profile saved in the form is started by a kernel that runs already', async ({
  api,
  lab,
  page
}) => {
  await api.notebook('profile.ipynb', '%load_ext dasklab\n%dask list', '%dask start slim');
  await lab.openNotebook('profile.ipynb');
  await lab.execute('notebook:run-cell-and-select-next');
  await expect(lab.cells.first().locator('.jp-OutputArea')).toContainText('No cluster runs', {
    timeout: 30_000
  });
  await lab.openPanel();
  const form = await lab.openForm();
  await expect(form.getByLabel('Environment', { exact: true })).toContainText('The notebook’s');
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('1');
  await form.getByLabel('Threads per worker').fill('2');
  await form.getByRole('button', { name: 'Worker processes' }).click();
  await form.getByRole('textbox', { name: 'Environment variables' }).fill('MINE=x');
  await form.getByRole('button', { name: 'Save as profile…' }).click();
  const name = form.getByLabel('Name of the profile');
  await expect(name).toBeFocused();
  await name.fill('local');
  await name.press('Enter');
  await expect(form.getByRole('alert')).toContainText('is a deployment and cannot be the name');
  await name.fill('slim');
  await lab.shot('real-profile-save');
  await name.press('Enter');
  await expect(form.getByRole('status')).toHaveText('Saved. In a notebook: %dask start slim');
  await expect(form.getByLabel('Profile')).toHaveValue('slim');
  await lab.shot('real-profile-saved');
  await expect(form.getByRole('button', { name: 'Save as profile…' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(form).toHaveCount(0);

  await lab.cells.nth(1).click();
  await lab.execute('notebook:run-cell-and-select-next');
  const card = lab.card('local-1');
  await expect(card).toContainText('1 of 1', { timeout: 30_000 });
  await expect(card).toContainText('slim');
  const [cluster] = await api.list();
  expect(cluster).toMatchObject({
    profile: 'slim',
    options: { threads_per_worker: 2, environ: { MINE: 'x' } }
  });

  // The menu has it, with the defaults and the form.
  await lab.panel.getByRole('button', { name: 'Profiles and options' }).click();
  await expect(page.locator('.dasklab-NewMenu').getByRole('menuitem')).toHaveText([
    'Default Settings',
    'slim',
    'With Options…'
  ]);
  await lab.shot('real-profile-menu');
  await page.getByRole('menuitem', { name: 'slim' }).click();
  await expect(lab.card('local-2')).toContainText('slim');
  // And from now on it is what one click launches.
  await expect(lab.panel.getByRole('button', { name: 'New', exact: true })).toHaveAttribute(
    'title',
    'Start a new cluster: profile slim'
  );
  await lab.panel.getByRole('button', { name: 'New', exact: true }).click();
  await expect(lab.card('local-3')).toContainText('slim');
});

test('what was launched last is launched again after a reload', async ({ api, lab, page }) => {
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('1');
  await form.getByLabel('Threads per worker').fill('3');
  // JupyterLab writes its state a moment later.
  const kept = page.waitForResponse(
    response => response.request().postData()?.includes('dasklab:last-launch') ?? false
  );
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(lab.card('local-1')).toBeVisible();
  await kept;
  await page.reload();
  await lab.ready();
  await lab.openPanel();
  const button = lab.panel.getByRole('button', { name: 'New', exact: true });
  await expect(button).toHaveAttribute('title', 'Start a new cluster: local, 1 worker, 1 option');
  await button.click();
  await expect(lab.card('local-2')).toBeVisible();
  const clusters = await api.list();
  expect(clusters.map(cluster => Reflect.get(cluster, 'options') as unknown)).toEqual([
    { threads_per_worker: 3 },
    { threads_per_worker: 3 }
  ]);
});

test('an administrator’s profile is shown, used, and not changed', async ({ lab, page }) => {
  configure('dasklab: {profiles: {big: {workers: 2, options: {threads_per_worker: 1}}}}');
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  await form.getByLabel('Profile').selectOption('big');
  await expect(form).toContainText(/Defined in .*00-admin\.yaml; it cannot be changed here\./);
  await expect(form.getByRole('textbox', { name: 'Number of workers' })).toHaveValue('2');
  await expect(form.getByLabel('Threads per worker')).toHaveValue('1');
  await form.getByLabel('Threads per worker').fill('2');
  await form.getByRole('button', { name: 'Save as profile…' }).click();
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert')).toContainText('which dasklab does not change');
  await lab.shot('real-profile-fixed');
  const name = form.getByLabel('Name of the profile');
  await name.fill('mine');
  await name.press('Enter');
  await expect(form.getByRole('status')).toContainText('%dask start mine');
  await form.getByRole('button', { name: 'Remove this profile' }).click();
  await expect(form.getByLabel('Profile')).toContainText('big');
  await expect(form.getByLabel('Profile')).not.toContainText('mine');
});

test('a fixed option is shown as fixed, and what it amounts to is previewed', async ({
  api,
  lab
}) => {
  configure('dasklab: {locked: {local: {memory_limit: 1GiB, processes: true}}}');
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  const memory = form.getByLabel('Memory per worker');
  await expect(memory).toBeDisabled();
  await expect(memory).toHaveValue('1GiB');
  await expect(memory).toHaveAccessibleDescription(/An administrator has fixed this option\./);
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('1');
  await form.getByRole('button', { name: 'Worker processes' }).click();
  await expect(form.getByRole('checkbox', { name: 'Processes' })).toBeDisabled();
  await form.getByRole('button', { name: 'Preview' }).click();
  await expect(form.getByRole('region', { name: 'What would run' })).toContainText(
    "memory_limit='1GiB'"
  );
  await lab.setWidth(240);
  await lab.shot('real-locked-preview-240');
  await memory.scrollIntoViewIfNeeded();
  await lab.shot('real-locked-240');
  await lab.setTheme('JupyterLab Dark');
  await lab.shot('real-locked-240-dark');
  await lab.setTheme('JupyterLab Light');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(lab.card('local-1')).toContainText('1 of 1', { timeout: 30_000 });
  const [cluster] = await api.list();
  expect(cluster).toMatchObject({ options: { memory_limit: '1GiB', processes: true } });
});

test('a launch with one click shows its steps and can be cancelled', async ({ api, lab }) => {
  await lab.open();
  await lab.openPanel();
  await lab.panel.getByRole('button', { name: 'Start a cluster' }).click();
  const card = lab.card('local-1');
  await expect(card).toBeVisible();
  const cancel = card.getByRole('button', { name: 'Cancel' });
  const stop = card.getByRole('button', { name: 'Stop “local-1”' });
  // With a standby at hand it may be up before a hand is on the button.
  await cancel.or(stop).first().click();
  const dialog = lab.page.getByRole('dialog');
  await expect(dialog.or(lab.panel.getByRole('button', { name: /^Ended/ })).first()).toBeVisible();
  if (await dialog.isVisible()) {
    await dialog.getByRole('button', { name: 'Stop' }).click();
  }
  await expect
    .poll(async () => (await api.list()).map(cluster => cluster.phase), { timeout: 30_000 })
    .toEqual(['stopped']);
});
