/** What twenty running clusters cost the page: nothing while nothing changes, a card a change. */
import { EPOCH, wireCluster } from '../ts/builders';
import { expect, test } from './fixtures';

test('with twenty running clusters nothing is asked, sent or painted while nothing changes', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = Array.from({ length: 20 }, (_, index) =>
    wireCluster({ id: `c${index}`, name: `local-${index}`, created: index })
  );
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel.getByRole('listitem')).toHaveCount(20);
  const asked: string[] = [];
  page.on('request', request => asked.push(request.url()));
  const painted = await lab.mutations(async () => {
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 6_000)));
  });
  expect(asked.filter(url => url.includes('dasklab'))).toEqual([]);
  expect(painted).toEqual([]);
});

test('a change of one of twenty paints its card and no other', async ({ lab, mock, page }) => {
  mock.clusters = Array.from({ length: 20 }, (_, index) =>
    wireCluster({ id: `c${index}`, name: `local-${index}`, created: index })
  );
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel.getByRole('listitem')).toHaveCount(20);
  const asked: string[] = [];
  page.on('request', request => asked.push(request.url()));
  const painted = await lab.mutations(async () => {
    for (let step = 1; step <= 5; step += 1) {
      const cores = 4 + step;
      mock.push(
        wireCluster({ id: 'c7', name: 'local-7', created: 7, updated: EPOCH + step, cores })
      );
      await expect(lab.card('local-7')).toContainText(`of ${cores} cores`);
    }
  });
  expect([...new Set(painted)]).toEqual(['c7']);
  expect(asked.filter(url => url.includes('dasklab'))).toEqual([]);
});

test('real clusters that rest are as quiet: no request, and no word on the socket', async ({
  api,
  lab,
  page
}) => {
  await api.running('resting', 1);
  await api.running('idling', 1);
  const frames: string[] = [];
  page.on('websocket', socket => {
    if (socket.url().includes('/api/events/subscribe')) {
      socket.on('framereceived', ({ payload }) => {
        // JupyterLab itself looks after recent files now and then, of which its server tells too.
        if (payload.includes('dasklab')) {
          frames.push(payload.toString());
        }
      });
    }
  });
  await lab.open();
  await lab.openPanel();
  await expect(lab.card('resting')).toContainText('1 of 1');
  await expect(lab.card('idling')).toContainText('1 of 1');
  // What they say of their start has been said when nothing came for two seconds.
  await expect
    .poll(
      async () => {
        const before = frames.length;
        await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 2_000)));
        return frames.length - before;
      },
      { timeout: 40_000, intervals: [0] }
    )
    .toBe(0);
  const asked: string[] = [];
  page.on('request', request => asked.push(request.url()));
  const heard = frames.length;
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 5_000)));
  expect(asked.filter(url => url.includes('dasklab'))).toEqual([]);
  expect(frames.slice(heard)).toEqual([]);
});
