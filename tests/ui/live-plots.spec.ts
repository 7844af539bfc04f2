/** Live plots of a real cluster, from its scheduler to the pane: nothing here is a double. */
import type { Locator } from '@playwright/test';
import { expect, test, type Lab } from './fixtures';

const CONNECTING = `%load_ext dasklab
%dask use drawn`;

const COMPUTING = `import dask.bag, time
def load(x):
    time.sleep(0.02)
    return bytes(100_000)
def clean(x):
    time.sleep(0.01)
    return len(x)
futures = client.map(clean, client.map(load, range(60)))
print(sum(client.gather(futures)))
added = dask.bag.from_sequence(range(4), npartitions=4).map(abs).persist()`;

/** Look along a picture for a bar whose cell is known, and click on it. */
async function clickBar(lab: Lab, canvas: Locator): Promise<void> {
  const { x = 0, y = 0, width = 0, height = 0 } = (await canvas.boundingBox()) ?? {};
  const tooltip = lab.page.locator('.dasklab-Plot-tooltip:visible');
  for (let share = 0.15; share < 0.98; share += 0.01) {
    await lab.page.mouse.move(x + width * share, y + height * 0.15);
    if ((await tooltip.filter({ hasText: 'click to go there' }).count()) > 0) {
      await expect(tooltip).toContainText('drawn.ipynb, cell [2]');
      await lab.shot('real-tooltip');
      await lab.page.mouse.down();
      await lab.page.mouse.up();
      return;
    }
  }
  throw new Error('No bar names its cell.');
}

test('what a cluster does is drawn while it does it, and stays when it is gone', async ({
  api,
  lab,
  page
}) => {
  await api.running('drawn', 2);
  await api.notebook('drawn.ipynb', CONNECTING, COMPUTING);
  await lab.openNotebook('drawn.ipynb');
  await lab.openPanel();
  const card = lab.card('drawn');
  await card.getByRole('button', { name: 'Live plots of “drawn”' }).click();
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await card.getByRole('button', { name: 'Progress' }).click();
  await lab.tab('drawn.ipynb').click();
  await lab.execute('notebook:run-all-cells');
  await expect(lab.cells.nth(1).locator('.jp-OutputArea')).toContainText('6000000');
  await lab.tab('Task Stream · drawn').click();
  const stream = page.getByRole('region', { name: 'Task Stream', exact: true });
  await expect(stream.getByRole('button', { name: 'load' })).toBeVisible();
  await expect(stream.getByRole('button', { name: 'clean' })).toBeVisible();
  await lab.shot('real-task-stream');
  await lab.tab('Progress · drawn').click();
  const progress = page.getByRole('region', { name: 'Progress', exact: true });
  await progress.getByRole('button', { name: 'Table' }).click();
  await expect(progress.getByRole('row', { name: /^clean/ })).toContainText('60');
  await progress.getByRole('button', { name: 'A bar for each group' }).click();
  await expect(progress.getByRole('row', { name: /^abs-[0-9a-f]{32} 4 4/ })).toBeVisible();
  await progress.getByRole('button', { name: 'Table' }).click();
  await lab.shot('real-progress');

  // A table stands behind each plot: what it says can be read.
  await lab.tab('Task Stream · drawn').click();
  await stream.getByRole('button', { name: 'Table' }).click();
  await expect(stream.getByRole('row', { name: /^load/ })).toContainText('60');
  await lab.shot('real-task-stream-table');

  // From the tasks to the cell that made them: by the table, and by a click on a bar.
  const current = /jp-mod-current/;
  const notebook = lab.tab('drawn.ipynb');
  await stream.getByRole('button', { name: 'Show all time' }).click();
  await expect(notebook).not.toHaveClass(current);
  await stream.getByRole('button', { name: 'drawn.ipynb, cell [2]' }).first().click();
  await expect(notebook).toHaveClass(current);
  await lab.tab('Task Stream · drawn').click();
  await stream.getByRole('button', { name: 'Table' }).click();
  await stream.getByRole('button', { name: 'Pause' }).click();
  await expect(notebook).not.toHaveClass(current);
  await clickBar(lab, stream.locator('canvas'));
  await expect(notebook).toHaveClass(current);
  await expect(lab.cells.nth(1)).toHaveClass(/jp-mod-active/);

  // Pulled into the notebook, a plot is a cell that draws it there.
  await lab.openPanel();
  const box = await lab.cells.first().boundingBox();
  await card.getByRole('button', { name: 'Memory', exact: true }).hover();
  await page.mouse.down();
  const { x = 0, y = 0 } = box ?? {};
  await page.mouse.move(x + 10, y + 60, { steps: 4 });
  await expect(page.locator('.lm-mod-drag-image')).toHaveText('drawn: Memory');
  await page.mouse.move(x + 200, y + 8, { steps: 8 });
  await page.mouse.up();
  const dropped = lab.cells.filter({ hasText: '%dask plot memory' });
  await expect(dropped).toContainText('%dask use drawn');
  // The notebook has the magics already.
  await expect(dropped).not.toContainText('%load_ext');
  await dropped.click();
  await lab.execute('notebook:run-cell');
  await expect(dropped.locator('.jp-OutputArea canvas').first()).toBeVisible();
  await lab.shot('real-dropped-plot');
  await lab.tab('Task Stream · drawn').click();

  // What the scheduler tells when it is asked: the graph that is held, and where the time went.
  await card.getByRole('button', { name: 'Task Graph' }).click();
  const graph = page.getByRole('region', { name: 'Task Graph', exact: true });
  await graph.getByRole('button', { name: 'Table' }).click();
  await expect(graph.getByRole('row', { name: /abs-[0-9a-f]{32}.* In memory/ })).toHaveCount(4);
  await graph.getByRole('button', { name: 'Table' }).click();
  await lab.shot('real-task-graph');
  await card.getByRole('button', { name: 'Profile' }).click();
  const profile = page.getByRole('region', { name: 'Profile', exact: true });
  await profile.getByRole('button', { name: 'Table' }).click();
  await expect(profile.getByRole('row', { name: /^load / })).toBeVisible();
  await profile.getByRole('button', { name: 'Table' }).click();
  await lab.shot('real-profile');
  await lab.tab('Task Stream · drawn').click();

  await card.getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(stream).toContainText(/stopped|gone|ended/i);
  await expect(stream.getByRole('button', { name: 'load' })).toBeVisible();
  await lab.shot('real-task-stream-ended');

  // A page that has never seen it reads what its host has kept.
  await page.reload();
  await lab.ready();
  await lab.openPanel();
  await lab.panel.getByRole('button', { name: /^Ended/ }).click();
  await card.getByRole('button', { name: 'Plots of “drawn”' }).click();
  await card.getByRole('button', { name: 'Durations' }).click();
  const durations = page.getByRole('region', { name: 'Durations', exact: true });
  await expect(durations.getByRole('button', { name: 'load' })).toBeVisible();
  await durations.getByRole('button', { name: 'Show all time' }).click();
  await durations.getByRole('button', { name: 'Table' }).click();
  await expect(durations.getByRole('row', { name: /^clean .* 60 / })).toBeVisible();
  await lab.shot('real-ended-durations');
});
