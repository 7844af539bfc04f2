/** How dashboard pages are found and laid out, over a double of the server. */
import { wireCluster } from '../ts/builders';
import { expect, test } from './fixtures';

const PAGES = [
  'status',
  'individual-task-stream',
  'individual-progress',
  'individual-workers-memory',
  'individual-memory-by-key',
  'individual-cpu',
  'individual-graph',
  'individual-workers',
  'individual-gpu-utilization',
  'hardware'
].map(name => ({
  name,
  title: name
    .replace('individual-', '')
    .split('-')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}));

test('pages stand in groups, favourites first, and are found by typing', async ({ lab, mock }) => {
  mock.clusters = [wireCluster()];
  mock.pages = PAGES;
  await lab.open();
  await lab.openPanel();
  const card = lab.card('local-1');
  await card.getByRole('button', { name: 'Dashboard pages of “local-1”' }).click();
  await expect(card.getByRole('heading', { level: 4 })).toHaveText([
    'Favourites',
    'Tasks',
    'Workers',
    'Memory',
    'System',
    'Other'
  ]);
  await expect(card.getByRole('region', { name: 'Favourites' }).getByRole('button')).toHaveText([
    'Status',
    'Task Stream',
    'Progress',
    'Workers Memory'
  ]);
  await lab.shot('pages', lab.panel);
  await card.getByRole('searchbox').fill('mem key');
  await expect(card.getByRole('heading', { level: 4 })).toHaveText(['Memory']);
  await card.getByRole('searchbox').press('Enter');
  await expect(lab.tab('local-1: Memory By Key')).toBeVisible();
});

test('the button of Dask’s own Client opens a layout, of the cluster that our link names', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  mock.pages = PAGES;
  await lab.open();
  const requests: string[] = [];
  page.on('request', request => requests.push(request.url()));
  await lab.execute('dask:populate-and-launch-layout', { url: 'http://evil.example:8787/status' });
  for (const title of ['Task Stream', 'Progress', 'Workers Memory', 'Cpu']) {
    await expect(lab.tab(`local-1: ${title}`)).toBeVisible();
  }
  // Three places: the last page stands behind the one before it and is not loaded yet.
  await expect(page.locator('.dasklab-Dashboard:visible')).toHaveCount(3);
  await expect.poll(() => mock.calls.filter(call => call.path.endsWith('/view')).length).toBe(3);
  expect(requests.filter(url => url.includes('evil'))).toEqual([]);
  await lab.shot('layout');

  // Of several clusters it is not the first, nor is anybody asked.
  mock.clusters = [...mock.clusters, wireCluster({ id: 'c2', name: 'other', created: 1 })];
  await lab.execute('dask:populate-and-launch-layout', {
    url: '/user/ada/dasklab/dashboard/c2/status'
  });
  await expect(lab.tab('other: Task Stream')).toBeVisible();
});
