/** Live plots of a real cluster, from its scheduler to the pane: nothing here is a double. */
import { expect, test } from './fixtures';

const COMPUTING = `import dasklab, time
client = dasklab.connect('drawn')
def load(x):
    time.sleep(0.02)
    return bytes(100_000)
def clean(x):
    time.sleep(0.01)
    return len(x)
futures = client.map(clean, client.map(load, range(60)))
print(sum(client.gather(futures)))`;

test('what a cluster does is drawn while it does it, and stays when it is gone', async ({
  api,
  lab,
  page
}) => {
  await api.running('drawn', 2);
  await api.notebook('drawn.ipynb', COMPUTING);
  await lab.openNotebook('drawn.ipynb');
  await lab.openPanel();
  const card = lab.card('drawn');
  await card.getByRole('button', { name: 'Live plots of “drawn”' }).click();
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await card.getByRole('button', { name: 'Progress' }).click();
  await lab.tab('drawn.ipynb').click();
  await lab.execute('notebook:run-all-cells');
  await expect(lab.cells.first().locator('.jp-OutputArea')).toContainText('6000000');
  await lab.tab('Task Stream · drawn').click();
  const stream = page.getByRole('region', { name: 'Task Stream', exact: true });
  await expect(stream.getByRole('button', { name: 'load' })).toBeVisible();
  await expect(stream.getByRole('button', { name: 'clean' })).toBeVisible();
  await lab.shot('real-task-stream');
  await lab.tab('Progress · drawn').click();
  const progress = page.getByRole('region', { name: 'Progress', exact: true });
  await progress.getByRole('button', { name: 'Table' }).click();
  await expect(progress.getByRole('row', { name: /^clean/ })).toContainText('60');
  await progress.getByRole('button', { name: 'Table' }).click();
  await lab.shot('real-progress');

  // A table stands behind each plot: what it says can be read.
  await lab.tab('Task Stream · drawn').click();
  await stream.getByRole('button', { name: 'Table' }).click();
  await expect(stream.getByRole('row', { name: /^load/ })).toContainText('60');
  await stream.getByRole('button', { name: 'Table' }).click();

  await card.getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(stream).toContainText(/stopped|gone|ended/i);
  await expect(stream.getByRole('button', { name: 'load' })).toBeVisible();
  await lab.shot('real-task-stream-ended');
});
