/** A notebook and its cluster, also while its kernel computes. */
import { expect, test } from './fixtures';

/** A cell that runs until a file appears. */
const COMPUTING = `import pathlib, time
while not pathlib.Path('go').exists(): time.sleep(0.05)`;

test('all of a card answers while a cell runs, and the notebook is connected after it', async ({
  api,
  lab,
  page
}) => {
  const { id } = await api.running('patient', 1);
  await api.running('brief', 0);
  await api.removeFile('go');
  await api.notebook('busy.ipynb', COMPUTING);
  await lab.openNotebook('busy.ipynb');
  await lab.begin('notebook:run-all-cells');
  await expect(page.getByText('| Busy')).toBeVisible();
  await lab.openPanel();
  const card = lab.card('patient');
  await api.scale(id, 2);
  await expect(card).toContainText('2 of 2');
  await card.getByRole('button', { name: /^Keep/ }).click();
  await expect(card).toContainText('Kept until stopped');
  await card.getByRole('button', { name: /^Scale/ }).click();
  await card.getByRole('textbox', { name: 'Number of workers' }).fill('1');
  await card.getByRole('button', { name: 'Apply' }).click();
  await expect(card).toContainText('1 of 1');
  await card.getByRole('button', { name: /^Dashboard pages/ }).click();
  await expect(card.getByText('Task Stream')).toBeVisible();
  await card.getByRole('button', { name: /^Live plots/ }).click();
  await expect(card.getByRole('group', { name: 'Plots' })).toBeVisible();
  await card.getByRole('button', { name: /^Log of/ }).click();
  await expect(page.locator('.dasklab-Log-lines')).toContainText(/\w/);
  await lab.execute('application:close');
  await card.getByRole('button', { name: /^Restart/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
  await expect
    .poll(async () => JSON.stringify(await api.get(id)), { timeout: 30_000 })
    .toContain('All workers restart');
  await lab.card('brief').getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await expect(lab.card('brief')).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByText('| Busy')).toBeVisible();
  const before = Date.now();
  await card.getByRole('button', { name: /^Connect/ }).click();
  // Above the cell that is in front, waiting for its turn.
  const connecting = lab.cells.filter({ hasText: 'Client(' });
  await expect(connecting.locator('.jp-InputPrompt')).toHaveText('[*]:');
  // The kernel, which cannot answer, was not asked.
  expect(Date.now() - before).toBeLessThan(5_000);
  await expect(page.getByText('| Busy')).toBeVisible();
  await lab.shot('real-busy');
  await api.file('go', '');
  await expect(connecting.locator('.jp-OutputArea')).toContainText('Client', { timeout: 30_000 });
});

test('the code that connects is inserted, or dropped where it is wanted, and not run', async ({
  api,
  lab,
  page
}) => {
  await api.running('handy', 1);
  await api.notebook('insert.ipynb', 'x = 1', 'y = 2');
  await lab.openNotebook('insert.ipynb');
  await lab.openPanel();
  const card = lab.card('handy');
  await card.click({ button: 'right', position: { x: 60, y: 12 } });
  await page.getByRole('menu').getByText('Insert a Cell That Connects').click();
  await expect(lab.cells).toHaveCount(3);
  await expect(lab.cells.first()).toContainText('dasklab.connect(');
  await expect(lab.cells.first().locator('.jp-InputPrompt')).toHaveText('[ ]:');

  await card.getByRole('button', { name: /^Connect/ }).hover();
  await page.mouse.down();
  const target = await lab.cells.filter({ hasText: 'y = 2' }).boundingBox();
  const { x = 0, y = 0 } = target ?? {};
  await page.mouse.move(x + 10, y - 100, { steps: 4 });
  await expect(page.locator('.lm-mod-drag-image')).toHaveText('Connect to “handy”');
  await page.mouse.move(x + 200, y + 8, { steps: 8 });
  await lab.shot('dragging-cell');
  await page.mouse.up();
  await expect(lab.cells).toHaveCount(4);
  const dropped = lab.cells.nth(2);
  await expect(dropped).toContainText("dasklab.connect('handy')");
  await expect(dropped.locator('.jp-InputPrompt')).toHaveText('[ ]:');
  // It is a cell as any other.
  await dropped.click();
  await lab.execute('notebook:run-cell');
  await expect(dropped.locator('.jp-OutputArea')).toContainText('Client', { timeout: 30_000 });
});
