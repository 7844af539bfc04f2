/** What a visitor of the Binder sees first: the layout that `binder/postBuild` puts in place. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures';
import { baseUrl, command, environment, home, root, token } from './server';

const binder = path.join(root, 'binder');
const [jupyter = '', lab = ''] = command.split(' ');
const folder = path.join(home, 'work', 'binder');

test.beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const name of ['quickstart.ipynb', 'tour.ipynb', 'clusters.ipynb']) {
    cpSync(path.join(binder, name), path.join(folder, name));
  }
  execFileSync(jupyter, [lab, 'workspaces', 'import', path.join(binder, 'workspace.json')], {
    env: { ...process.env, ...environment }
  });
});

test.afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(environment.JUPYTERLAB_WORKSPACES_DIR ?? '', { recursive: true, force: true });
});

test('a Binder opens with the panel, the quickstart and the tour', async ({ api, lab, page }) => {
  expect(await api.list()).toEqual([]);
  // No address made by hand: JupyterLab as it comes.
  await page.goto(`${baseUrl}lab?token=${token}`);
  await lab.ready();
  await expect(lab.panel).toBeVisible();
  await expect(lab.panel).toContainText('No cluster is running.');
  await expect(lab.tab('tour.ipynb')).toBeVisible();
  await expect(lab.tab('quickstart.ipynb')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('heading', { name: 'dasklab in five minutes' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await lab.shot('binder');
});
