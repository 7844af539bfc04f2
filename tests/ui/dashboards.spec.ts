/** Dashboard pages and logs in panes, from real schedulers. */
import type { FrameLocator, Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { token } from './server';

function pane(page: Page, title: string): Locator {
  return page.locator(`iframe[title*="${title}"]`);
}

function inside(page: Page, title: string): FrameLocator {
  return page.frameLocator(`iframe[title*="${title}"]`);
}

/** Bokeh has drawn. */
async function expectPlot(page: Page, title: string): Promise<void> {
  await expect(inside(page, title).locator('canvas').first()).toBeVisible({ timeout: 30_000 });
}

test('a page opens in a sandboxed pane and survives a change of tabs and a reload', async ({
  api,
  lab,
  page
}) => {
  await api.running('plotted', 1);
  await lab.open();
  await lab.openPanel();
  const card = lab.card('plotted');
  await card.getByRole('button', { name: /^Dashboard pages/ }).click();
  const search = card.getByRole('searchbox', { name: 'Find a dashboard page' });
  await expect(card.getByRole('button', { name: 'Task Stream' })).toBeVisible();
  await lab.shot('real-pages');
  await search.fill('task str');
  await search.press('Enter');
  await expect(lab.tab('plotted: Task Stream')).toBeVisible();
  await expectPlot(page, 'Task Stream');
  const frame = pane(page, 'Task Stream');
  await expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
  await lab.shot('real-dashboard');
  await expect(frame).toHaveCSS('filter', 'none');
  await lab.setTheme('JupyterLab Dark');
  await expect(frame).toHaveCSS('filter', /^invert/);
  await lab.shot('real-dashboard-dark');
  await lab.setTheme('JupyterLab Light');

  // Its origin is its own: Jupyter's page and API are out of reach.
  const reached = await inside(page, 'Task Stream')
    .locator('body')
    .evaluate(async () => {
      const parent = (() => {
        try {
          return String(window.parent.document.title);
        } catch {
          return 'refused';
        }
      })();
      const cookies = (() => {
        try {
          return document.cookie;
        } catch {
          return 'refused';
        }
      })();
      return { parent, cookies, origin: window.origin };
    });
  expect(reached).toEqual({ parent: 'refused', cookies: 'refused', origin: 'null' });

  // A change of tabs leaves the page as it is.
  await inside(page, 'Task Stream')
    .locator('body')
    .evaluate(body => body.setAttribute('data-mark', 'kept'));
  await search.fill('status');
  await search.press('Enter');
  await expect(lab.tab('plotted: Status')).toBeVisible();
  await expectPlot(page, 'Status');
  await expect(frame).toBeHidden();
  await lab.tab('plotted: Task Stream').click();
  await expect(frame).toBeVisible();
  await expect(
    inside(page, 'Task Stream').locator('body[data-mark=kept] canvas').first()
  ).toBeVisible();

  // The layout brings it back, with a view of its own: the old one is kept nowhere.
  await expect.poll(() => api.workspace(lab.workspace)).toContain('plotted');
  const saved = await api.workspace(lab.workspace);
  const [, capability] =
    /dasklab\/view\/([^/]+)/.exec((await frame.getAttribute('src')) ?? '') ?? [];
  expect(capability).toMatch(/^.{16,}$/);
  for (const secret of ['dasklab/view', capability, token, 'http://', 'tcp://']) {
    expect(saved).not.toContain(secret);
  }
  const asked = page.waitForRequest(
    request => request.method() === 'POST' && request.url().endsWith('/view')
  );
  lab.settings = { darkPages: false };
  await page.reload();
  await lab.ready();
  await lab.tab('plotted: Task Stream').click();
  await asked;
  await expectPlot(page, 'Task Stream');
  await lab.setTheme('JupyterLab Dark');
  await expect(frame).toHaveCSS('filter', 'none');
});

test('panes of two clusters can be told apart, and say when a cluster is gone', async ({
  api,
  lab,
  page
}) => {
  const first = await api.running('one', 1);
  await api.running('two', 1);
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'one', page: 'individual-progress' });
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'two', page: 'individual-progress' });
  await expect(lab.tab('one: Progress')).toBeVisible();
  await expect(lab.tab('two: Progress')).toBeVisible();
  await api.remove(first.id);
  await lab.tab('one: Progress').click();
  await expect(page.getByText('The cluster “one” has ended.')).toBeVisible({ timeout: 30_000 });
  await lab.shot('real-pane-ended');
});

test('a page that cannot be shown says why', async ({ api, lab, page }) => {
  await api.running('plain', 1);
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'plain', page: 'no-such-page' });
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await lab.shot('real-pane-unknown');
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'nobody', page: 'status' });
  await expect(page.getByText('No cluster is called “nobody”.')).toBeVisible();
});

test('the log of a cluster opens in a pane', async ({ api, lab, page }) => {
  await api.running('chatty', 1);
  await lab.open();
  await lab.openPanel();
  await lab
    .card('chatty')
    .getByRole('button', { name: /^Log of/ })
    .click();
  await expect(lab.tab('chatty: Log')).toBeVisible();
  const lines = page.locator('.dasklab-Log-line');
  await expect(lines.first()).toBeVisible();
  await page.locator('.dasklab-Log').getByRole('combobox').selectOption({ label: 'Scheduler' });
  await expect(lines.filter({ hasText: /scheduler/i }).first()).toBeVisible();
  await lab.shot('real-log');
});
