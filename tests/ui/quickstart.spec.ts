/** The demo as a new user runs it: the notebook in JupyterLab, the panel beside it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures';
import { home, root } from './server';

const binder = path.join(root, 'binder');

test.beforeAll(() => {
  const data = path.join(binder, 'data');
  if (!existsSync(data)) {
    const python = path.resolve(root, process.env.VENV ?? '.venv', 'bin/python');
    execFileSync(python, [path.join(binder, 'make_data.py')], { stdio: 'ignore' });
  }
  const work = path.join(home, 'work');
  for (const name of ['quickstart.ipynb', 'make_data.py']) {
    cpSync(path.join(binder, name), path.join(work, name));
  }
  symlinkSync(data, path.join(work, 'data'));
});

test('the quickstart runs from top to bottom beside the panel', async ({ api, lab, page }) => {
  test.setTimeout(240_000);
  await lab.openNotebook('quickstart.ipynb');
  await lab.openPanel();
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click();

  // While cells run, the panel shows the notebook's cluster, and answers.
  const card = lab.card('weather');
  await expect(card).toContainText('2 of 2', { timeout: 60_000 });
  await expect(card).toContainText('3 of 3', { timeout: 90_000 });

  const ended = lab.panel.getByRole('button', { name: /^Ended/ });
  await expect(ended).toHaveText(/1/, { timeout: 120_000 });
  await expect(page.getByText('| Idle')).toBeVisible();
  const notebook = page.locator('.jp-Notebook');
  await expect(notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).toHaveCount(
    0
  );
  // JupyterLab draws only the cells near the ones in sight.
  const outputs = notebook.locator('.jp-OutputArea-output');
  const shown = async (heading: string, text: RegExp, picture: string): Promise<void> => {
    await lab.seek(`## ${heading}`, outputs.filter({ hasText: text, visible: true }).first());
    await lab.shot(picture);
  };
  await shown('Launch', /weather/, 'quickstart-launch');
  // What progress showed last stays in the notebook.
  await shown('A dataframe', /tasks · .*done in/, 'quickstart-dataframe');
  await shown('An array', /widest yearly range: [\d.]+ °C/, 'quickstart-array');
  expect((await api.list()).filter(cluster => cluster.phase === 'running')).toEqual([]);
});
