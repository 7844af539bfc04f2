/** Live plots in panes, over a double of the server: connections, pausing, the end, the layout. */
import type { Locator, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { EPOCH, wireCluster } from '../ts/builders';
import { dictionaries, encodeFrame } from '../ts/telemetry/frames';
import { taskGraph } from '../ts/telemetry/answers';
import { PREFIXES, STORY, story } from '../ts/telemetry/story';
import { colours, expect, test } from './fixtures';

function plot(page: Page, title: string): Locator {
  return page.getByRole('region', { name: title, exact: true }).and(page.locator('section'));
}

function picture(page: Page, title: string): Locator {
  return plot(page, title).locator('canvas');
}

/** Rows that come after those of the story. */
function later(index: number): ArrayBuffer {
  return encodeFrame(
    {
      seq: 10 + index,
      time: EPOCH + 70 + index,
      dictionaries: dictionaries(STORY.workers, STORY.threads, PREFIXES)
    },
    { tasks: { rows: [[62 + index, 1, 5, 0, 0, 64]], cursor: 100_000 + index } }
  );
}

test('a plot opens from the card, beside a second one, and both come back', async ({
  api,
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  await lab.open();
  await lab.openPanel();
  const card = lab.card('local-1');
  await card.getByRole('button', { name: 'Live plots of “local-1”' }).click();
  await lab.shot('plots-card');
  await expect(card.getByRole('button', { name: 'Task Stream' })).toBeFocused();
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await expect(lab.tab('Task Stream · local-1')).toBeVisible();
  await expect(
    plot(page, 'Task Stream').getByRole('button', { name: 'read_parquet' })
  ).toBeVisible();
  await card.getByRole('button', { name: 'Memory', exact: true }).click();
  await expect(lab.tab('Memory · local-1')).toBeVisible();
  await expect(picture(page, 'Task Stream')).toBeVisible();
  // One connection for all plots of a cluster, with what it has as its beginning.
  expect(mock.telemetry.hellos).toEqual([
    {
      tables: ['tasks', 'workers', 'cluster', 'transfers', 'progress', 'groups', 'events'],
      since: null,
      recent: 60
    }
  ]);
  await expect.poll(() => mock.telemetry.credit).toBe(4);
  await lab.shot('plots-panes');
  await lab.setTheme('JupyterLab Dark');
  await lab.setWidth(240);
  await lab.shot('plots-panes-dark-240');
  await lab.setTheme('JupyterLab Light');

  // The layout is saved a moment after it changed.
  await expect.poll(() => api.workspace(lab.workspace)).toContain('dasklab-plots:c1:memory');
  await page.reload();
  await lab.ready();
  await expect(lab.tab('Task Stream · local-1')).toBeVisible();
  await expect(picture(page, 'Memory')).toBeVisible();
  await expect(
    plot(page, 'Task Stream').getByRole('button', { name: 'read_parquet' })
  ).toBeVisible();
  expect(mock.telemetry.hellos).toHaveLength(2);
});

test('only what is seen is connected, and it goes on where it was', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  await lab.open();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'task-stream' });
  await expect(
    plot(page, 'Task Stream').getByRole('button', { name: 'read_parquet' })
  ).toBeVisible();
  await lab.execute('launcher:create');
  await expect(picture(page, 'Task Stream')).toBeHidden();
  await expect.poll(() => mock.telemetry.open).toBe(0);
  await lab.tab('Task Stream · local-1').click();
  await expect.poll(() => mock.telemetry.open).toBe(1);
  expect(mock.telemetry.hellos[1]).toMatchObject({
    since: { run: 'a', dictionaries: { lanes: 32 } }
  });

  await mock.telemetry.cut();
  await expect(page.getByText('The connection is lost. It is tried again…')).toBeVisible();
  await expect.poll(() => mock.telemetry.hellos.length).toBe(3);
  await expect(page.getByText('The connection is lost.')).toHaveCount(0);
});

test('what is paused stands still, in all plots; keys and pointer move it', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  await lab.open();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'memory' });
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'task-stream' });
  const stream = picture(page, 'Task Stream');
  await expect(
    plot(page, 'Task Stream').getByRole('button', { name: 'read_parquet' })
  ).toBeVisible();
  await stream.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await expect(
    plot(page, 'Memory').getByRole('button', { name: 'Follow', exact: true })
  ).toBeVisible();
  await expect(plot(page, 'Memory').getByRole('status')).toHaveText('Paused');
  const before = await stream.screenshot();
  mock.telemetry.send(later(0));
  await expect.poll(() => mock.telemetry.credit).toBe(4);
  expect(await stream.screenshot()).toEqual(before);

  // A range by keys, with its statistics; and by the pointer.
  await page.keyboard.press('s');
  const facts = plot(page, 'Task Stream').locator('dl');
  await expect(facts).toContainText('Tasks');
  await expect(facts).toContainText('Idle');
  await lab.shot('plots-selection');
  await page.keyboard.press('Escape');
  await expect(facts).toBeHidden();
  const box = (await stream.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.4);
  await expect(page.locator('.dasklab-Plot-tooltip:visible')).toContainText('Worker');
  // The key of a task is asked for when the pointer rests on it.
  await expect(page.locator('.dasklab-Plot-tooltip:visible')).toContainText('read_parquet-1f2e');
  await lab.shot('plots-tooltip');
  await page.keyboard.down('Shift');
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await expect(facts).toContainText('Selected');
  await expect(plot(page, 'Memory').locator('.dasklab-Plot-selection')).toBeVisible();

  // The legend filters in every plot.
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'durations' });
  await lab.tab('Durations · local-1').click();
  const durations = picture(page, 'Durations');
  await expect.poll(() => colours(plot(page, 'Durations'))).toBeGreaterThan(4);
  const shown = await durations.screenshot();
  await lab.tab('Task Stream · local-1').click();
  await plot(page, 'Task Stream').getByRole('button', { name: 'read_parquet' }).click();
  await expect(
    plot(page, 'Task Stream').getByRole('button', { name: 'read_parquet' })
  ).toHaveAttribute('aria-pressed', 'false');
  await lab.tab('Durations · local-1').click();
  await expect.poll(async () => shown.equals(await durations.screenshot())).toBe(false);
});

test('the same as a table and as files', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  await lab.open();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'task-stream' });
  const pane = plot(page, 'Task Stream');
  await expect(pane.getByRole('button', { name: 'read_parquet' })).toBeVisible();
  await pane.getByRole('button', { name: 'The same as a table' }).click();
  await expect(pane.getByRole('cell', { name: 'read_parquet' })).toBeVisible();
  await lab.shot('plots-table');
  // Single tasks are reached by keys, and with them what a pointer would tell of a bar.
  const task = pane.getByRole('button', { name: 'A row for each task, the newest first' });
  await task.focus();
  await page.keyboard.press('Enter');
  await expect(pane.getByRole('columnheader', { name: 'Thread' })).toBeVisible();
  await expect(pane.getByRole('cell', { name: 'Transfer' }).first()).toBeVisible();
  await lab.shot('plots-table-tasks');
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    pane.getByRole('button', { name: 'Save what is shown as CSV' }).click()
  ]);
  expect(csv.suggestedFilename()).toBe('task-stream-local-1.csv');
  const [png] = await Promise.all([
    page.waitForEvent('download'),
    pane.getByRole('button', { name: 'Save the picture as PNG' }).click()
  ]);
  expect(png.suggestedFilename()).toBe('task-stream-local-1.png');
  const inks = await inksOf(page, readFileSync(await png.path()));
  expect(inks.title, 'who is sent the picture sees what it is').toBeGreaterThan(1);
  expect(inks.legend, 'and what its colours are').toBeGreaterThan(2);
});

/** How many colours there are in the first and the last line of text of a picture. */
async function inksOf(page: Page, png: Buffer): Promise<{ title: number; legend: number }> {
  return page.evaluate(
    async source => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const inks = (y: number): number => {
        const line = context?.getImageData(0, y, image.width, 20).data.buffer;
        return new Set(new Uint32Array(line ?? new ArrayBuffer(0))).size;
      };
      return { title: inks(0), legend: inks(image.height - 20) };
    },
    `data:image/png;base64,${png.toString('base64')}`
  );
}

test('a cluster that ends while it is watched leaves its history', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  await lab.open();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'task-stream' });
  const pane = plot(page, 'Task Stream');
  await expect(pane.getByRole('button', { name: 'read_parquet' })).toBeVisible();
  mock.telemetry.send(
    encodeFrame({ seq: 9, time: EPOCH + 61, end: { phase: 'stopped', reason: 'stopped' } })
  );
  await mock.telemetry.cut(1000);
  mock.push(wireCluster({ phase: 'stopped', updated: 2e9 }));
  await expect(pane.getByRole('status')).toHaveText('“local-1” has ended. This is its history.');
  mock.emit({ action: 'forgotten', id: 'c1' });
  await expect(pane.getByRole('status')).toHaveText('“local-1” is gone. This is its history.');
  await picture(page, 'Task Stream').focus();
  await page.keyboard.press('Home');
  await lab.shot('plots-gone');
  expect(mock.telemetry.hellos).toHaveLength(1);
  // Another plot of it can still be opened from the layout, with the same history.
  await lab.execute('dasklab:open-plot', {
    cluster: 'c1',
    clusterName: 'local-1',
    plot: 'progress'
  });
  await lab.tab('Progress · local-1').click();
  await expect(picture(page, 'Progress')).toBeVisible();
});

test('what is only told when it is asked for says why there is none, then shows it', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  let fails = true;
  const error = { code: 'unsupported', message: 'Nobody tells.', hint: '', details: {} };
  mock.answers.set('GET clusters/c1/telemetry/graph', () =>
    fails ? [409, { error }] : [200, taskGraph()]
  );
  await lab.open();
  await lab.openPanel();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'graph' });
  const pane = plot(page, 'Task Graph');
  await expect(pane.getByText('Nobody tells.')).toBeVisible();
  fails = false;
  mock.telemetry.send(
    encodeFrame({ seq: 9, time: EPOCH + 61, progress: { getitem: { memory: 3 } } })
  );
  await expect(pane.getByText('82 tasks')).toBeVisible();
  await pane.getByRole('button', { name: 'The same as a table' }).click();
  await expect(pane.getByRole('row', { name: /read_parquet.* Processing/ }).first()).toBeVisible();
  await lab.setWidth(240);
  await lab.shot('plots-graph-pane');
});

test('a name that is none is told with those that are', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  await lab.open();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'nonsense' });
  await expect(page.getByText('There is no plot “nonsense”.')).toBeVisible();
});

test('hostile names stay text', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  const name = '<img src=x onerror="window.hacked=1">';
  mock.telemetry.frames = [
    encodeFrame(
      {
        dictionaries: dictionaries(2, 2, [name, 'x'.repeat(1_000)]),
        progress: { [name]: { memory: 3 } }
      },
      {
        tasks: {
          rows: [
            [1, 5, 1, 0, 0, 64],
            [1, 5, 1, 1, 1, 64]
          ]
        }
      }
    )
  ];
  await lab.open();
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'task-stream' });
  const pane = plot(page, 'Task Stream');
  await expect(pane.getByRole('button', { name })).toBeVisible();
  await pane.getByRole('button', { name: 'The same as a table' }).click();
  await expect(pane.getByRole('cell', { name })).toBeVisible();
  await lab.shot('plots-hostile');
  await expect(pane.locator('img, script')).toHaveCount(0);
  expect(await page.evaluate(() => Reflect.get(window, 'hacked'))).toBeUndefined();
});

test('of a cluster that had ended before, what its host kept is shown', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [
    wireCluster({ phase: 'stopped' }),
    wireCluster({ id: 'c2', name: 'stillborn', phase: 'failed', scheduler: null })
  ];
  mock.telemetry.frames = [
    ...story(),
    encodeFrame({ time: EPOCH + 60, end: { phase: 'stopped', reason: '' } })
  ];
  await lab.open();
  await lab.openPanel();
  await lab.panel.getByRole('button', { name: /^Ended/ }).click();
  // One that has never run has nothing to show.
  await expect(lab.card('stillborn')).toContainText('Failed');
  await expect(lab.card('stillborn').getByRole('button', { name: /plots of/i })).toHaveCount(0);
  const card = lab.card('local-1');
  await card.getByRole('button', { name: 'Plots of “local-1”' }).click();
  // What only a scheduler could tell is not offered.
  await expect(card.getByRole('group', { name: 'Plots' }).getByRole('button')).toHaveCount(10);
  await lab.shot('plots-card-ended');
  await card.getByRole('button', { name: 'Task Stream' }).click();
  await lab.tab('Task Stream · local-1').click();
  const pane = plot(page, 'Task Stream');
  await expect(pane.getByRole('button', { name: 'read_parquet' })).toBeVisible();
  await mock.telemetry.cut(1000);
  await expect(pane.getByRole('status')).toHaveText('“local-1” has ended. This is its history.');
  expect(mock.telemetry.hellos).toHaveLength(1);
});
