/** Panes where the user wants them: pulled out of the panel, moved about, opened as a layout. */
import type { FrameLocator, Locator } from '@playwright/test';
import { wireCluster } from '../ts/builders';
import { expect, test, type Lab } from './fixtures';

const PAGES = [
  { name: 'individual-task-stream', title: 'Task Stream' },
  { name: 'individual-progress', title: 'Progress' },
  { name: 'individual-workers-memory', title: 'Workers Memory' },
  { name: 'individual-cpu', title: 'Cpu' }
];

function frame(lab: Lab, title: string): FrameLocator {
  return lab.page.frameLocator(`.dasklab-Dashboard iframe[title*="${title}"]`);
}

/** Pull something to a place that is given in shares of another thing's box. */
async function pull(lab: Lab, from: Locator, to: Locator, x: number, y: number): Promise<void> {
  const { mouse } = lab.page;
  await from.hover();
  await mouse.down();
  const box = await from.boundingBox();
  // As far as a tab has to be pulled to come off its bar.
  await mouse.move((box?.x ?? 0) + 30, (box?.y ?? 0) + 70, { steps: 4 });
  await expect(lab.page.locator('.lm-mod-drag-image')).toBeVisible();
  const target = await to.boundingBox();
  const { x: left = 0, y: top = 0, width = 0, height = 0 } = target ?? {};
  await mouse.move(left + width * x, top + height * y, { steps: 8 });
}

test('pages of two clusters are dropped side by side, and move without loading again', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [
    wireCluster({ id: 'a', name: 'alpha', created: 2 }),
    wireCluster({ id: 'b', name: 'beta', created: 1 })
  ];
  mock.pages = PAGES;
  await lab.open();
  await lab.openPanel();
  const dock = page.locator('#jp-main-dock-panel');
  const entry = (cluster: string, title: string): Locator =>
    lab.card(cluster).getByRole('button', { name: title, exact: true });
  await lab
    .card('alpha')
    .getByRole('button', { name: /^Dashboard pages/ })
    .click();
  await pull(lab, entry('alpha', 'Progress'), dock, 0.5, 0.5);
  await lab.shot('dragging');
  await page.mouse.up();
  await expect(lab.tab('alpha: Progress')).toBeVisible();
  await expect(frame(lab, 'of alpha').locator('h1')).toBeVisible();
  await lab
    .card('beta')
    .getByRole('button', { name: /^Dashboard pages/ })
    .click();
  await pull(lab, entry('beta', 'Progress'), dock, 0.96, 0.5);
  await page.mouse.up();
  await expect(frame(lab, 'of beta').locator('h1')).toBeVisible();
  await expect(frame(lab, 'of alpha').locator('h1')).toBeVisible();
  const left = await page.locator('iframe[title*="of alpha"]').boundingBox();
  const right = await page.locator('iframe[title*="of beta"]').boundingBox();
  expect(right?.x).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0) - 1);
  await lab.shot('side-by-side');

  // What was loaded stays loaded, wherever in the main area the pane goes.
  await frame(lab, 'of beta')
    .locator('body')
    .evaluate(body => body.setAttribute('data-mark', 'kept'));
  const navigated: string[] = [];
  page.on('framenavigated', moved => {
    if (moved !== page.mainFrame()) {
      navigated.push(moved.url());
    }
  });
  await pull(lab, lab.tab('beta: Progress'), dock, 0.5, 0.97);
  await page.mouse.up();
  await expect
    .poll(async () => (await page.locator('iframe[title*="of beta"]').boundingBox())?.x)
    .toBe(left?.x);
  await pull(lab, lab.tab('beta: Progress'), page.locator('iframe[title*="of alpha"]'), 0.5, 0.5);
  await page.mouse.up();
  await expect(page.locator('iframe[title*="of alpha"]')).toBeHidden();
  await lab.tab('alpha: Progress').click();
  await expect(page.locator('iframe[title*="of alpha"]')).toBeVisible();
  await lab.tab('beta: Progress').click();
  await expect(frame(lab, 'of beta').locator('body[data-mark=kept] h1')).toBeVisible();
  expect(navigated).toEqual([]);
  expect(mock.calls.filter(call => call.path.endsWith('/view')).length).toBe(2);

  // Dropped again, an open page moves instead of opening twice.
  await pull(lab, entry('alpha', 'Progress'), dock, 0.96, 0.5);
  await page.mouse.up();
  await expect(page.locator('iframe[title*="of alpha"]')).toBeVisible();
  await expect(lab.tab('alpha: Progress')).toHaveCount(1);
  expect(navigated).toEqual([]);
});

test('a pull that ends nowhere opens nothing, and a click is still a click', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  mock.pages = PAGES;
  await lab.open();
  await lab.openPanel();
  await lab
    .card('local-1')
    .getByRole('button', { name: /^Dashboard pages/ })
    .click();
  const progress = lab.panel.getByRole('button', { name: 'Progress', exact: true });
  await pull(lab, progress, progress, 0.5, 0.5);
  await page.mouse.up();
  await expect(page.locator('.lm-mod-drag-image')).toHaveCount(0);
  await expect(page.locator('.dasklab-Dashboard')).toHaveCount(0);
  await progress.click();
  await expect(lab.tab('local-1: Progress')).toBeVisible();
});

test('a pane that is moved to a sidebar asks for a view of its own', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'c1', page: 'status' });
  const shown = page.locator('.dasklab-Dashboard iframe');
  await expect(shown).toHaveAttribute('src', /cap1/);
  await page.evaluate(() => {
    const app = Reflect.get(window, 'jupyterapp') as {
      shell: { currentWidget: unknown; add(widget: unknown, area: string): void };
    };
    app.shell.add(app.shell.currentWidget, 'down');
  });
  await expect(shown).toHaveAttribute('src', /cap2/);
  await expect(frame(lab, 'Status').locator('h1')).toBeVisible();
});

test('layouts of the settings open for a cluster, from its pages or by name', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster(), wireCluster({ id: 'c2', name: 'other', created: 1 })];
  mock.pages = PAGES;
  lab.settings = {
    layouts: {
      mine: [
        { page: 'individual-cpu', mode: 'split-right' },
        { page: 'individual-progress', mode: 'split-bottom' },
        { page: 'no-such-page' },
        { page: 'individual-task-stream', mode: 'tab-after', ref: 'individual-cpu' }
      ]
    },
    defaultLayout: 'gone'
  };
  await lab.open();
  await lab.openPanel();
  await lab
    .card('other')
    .getByRole('button', { name: /^Dashboard pages/ })
    .click();
  const layouts = lab.card('other').getByRole('group', { name: 'Layouts' }).getByRole('button');
  await expect(layouts).toHaveText(['Tasks', 'Memory', 'mine']);
  await lab.shot('pages-layouts', lab.panel);
  await layouts.getByText('mine').click();
  for (const title of ['Cpu', 'Progress', 'Task Stream']) {
    await expect(lab.tab(`other: ${title}`)).toBeVisible();
  }
  await expect(page.locator('.Toastify__toast')).toContainText('has no page no-such-page');
  // Cpu and the stream share a place, the progress has its own beneath.
  await expect(page.locator('.dasklab-Dashboard:visible')).toHaveCount(2);
  const bar = page.locator('.lm-DockPanel-tabBar').filter({ hasText: 'other: Cpu' });
  await expect(bar).toContainText('other: Task Stream');
  await expect(bar).not.toContainText('other: Progress');
  await lab.shot('layout-mine');
  // Opened again it comes to the front.
  await lab.tab('other: Task Stream').click();
  await expect(lab.tab('other: Cpu')).toHaveAttribute('aria-selected', 'false');
  await layouts.getByText('mine').click();
  await expect(lab.tab('other: Cpu')).toHaveAttribute('aria-selected', 'true');
  await lab.execute('dask:populate-and-launch-layout', { cluster: 'c1' });
  await expect(
    page.locator('.Toastify__toast').filter({ hasText: 'No layout is called “gone”.' })
  ).toBeVisible();
});

test('panes come back without their cluster, and say what can be done', async ({
  api,
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster(), wireCluster({ id: 'c2', name: 'next', created: 1 })];
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'c1', page: 'status' });
  await expect(lab.tab('local-1: Status')).toBeVisible();
  await expect.poll(() => api.workspace(lab.workspace)).toContain('local-1');
  mock.clusters = [wireCluster({ id: 'c2', name: 'next' })];
  await page.reload();
  await lab.ready();
  await lab.tab('local-1: Status').click();
  const pane = page.locator('.dasklab-Dashboard');
  await expect(pane).toContainText('The cluster “local-1” is no longer known.');
  await lab.shot('pane-gone');
  await pane.getByRole('button', { name: 'Show this page of “next”' }).click();
  await expect(lab.tab('next: Status')).toBeVisible();
  await expect(lab.tab('local-1: Status')).toHaveCount(0);
  await expect(frame(lab, 'of next').locator('h1')).toBeVisible();

  const next = { id: 'c2', name: 'next' };
  mock.push(wireCluster({ ...next, phase: 'stopping', can: [], updated: 2e9 - 1 }));
  await expect(pane).toContainText('The cluster “next” is stopping.');
  mock.push(wireCluster({ ...next, phase: 'stopped', updated: 2e9 }));
  await expect(pane).toContainText('The cluster “next” has ended.');
  await pane.getByRole('button', { name: 'Close this pane' }).click();
  await expect(lab.tab('next: Status')).toHaveCount(0);
});
