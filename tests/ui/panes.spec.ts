/** When panes load anew and when they do not, over a double of the server. */
import type { Locator, Page } from '@playwright/test';
import { wireCluster, wireStarting } from '../ts/builders';
import { expect, test } from './fixtures';

function frame(page: Page): Locator {
  return page.locator('.dasklab-Dashboard iframe');
}

async function expectView(page: Page, view: number): Promise<void> {
  await expect(frame(page)).toHaveAttribute('src', new RegExp(`/dasklab/view/cap${view}/page$`));
}

test('a pane waits for its cluster, loads once, and again when what it shows is dead', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireStarting()];
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'local-1', page: 'status' });
  await expect(page.getByText('“local-1” is starting.')).toBeVisible();
  mock.push(wireCluster({ updated: 2e9 }));
  await expectView(page, 1);
  await expect(page.frameLocator('.dasklab-Dashboard iframe').locator('h1')).toBeVisible();

  // A change of the cluster is no reason.
  mock.push(wireCluster({ updated: 2e9 + 1, cores: 64 }));
  await lab.openPanel();
  await expect(lab.card('local-1')).toContainText('64 cores');
  await expectView(page, 1);

  // A new scheduler is, and so is a server that was away: their websockets are gone.
  mock.push(wireCluster({ updated: 2e9 + 2, scheduler: { id: 'Scheduler-2' } }));
  await expectView(page, 2);
  await mock.disconnect();
  await expectView(page, 3);
  await page.getByRole('button', { name: 'Reload the Page' }).click();
  await expectView(page, 4);

  mock.push(wireCluster({ updated: 2e9 + 3, can: [] }));
  await expect(page.getByText('The cluster “local-1” has no dashboard.')).toBeVisible();
  await expect(frame(page)).toBeHidden();
  mock.emit({ action: 'forgotten', id: 'c1' });
  await expect(page.getByText('The cluster “local-1” is no longer known.')).toBeVisible();
});

test('a view that is refused can be tried again', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  const error = {
    code: 'host.unreachable',
    message: 'The cluster’s host does not answer.',
    hint: 'Try again in a moment.',
    details: {}
  };
  mock.answers.set('POST clusters/c1/view', [502, { error }]);
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'c1', page: 'status' });
  await expect(page.getByText('host does not answer')).toBeVisible();
  mock.answers.clear();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectView(page, 1);
});

test('an address that is not ours never gets into the frame', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  mock.answers.set('POST clusters/c1/view', [200, { url: '/user/alice/lab', expires: 2e9 }]);
  await lab.open();
  await lab.execute('dasklab:open-dashboard-page', { cluster: 'c1', page: 'status' });
  await expect(page.getByText('gave an answer that cannot be read')).toBeVisible();
  await expect(frame(page)).toHaveAttribute('src', 'about:blank');
});

test('a command without arguments asks for what it needs', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster(), wireCluster({ id: 'c2', name: 'other' })];
  await lab.open();
  // Not awaited: it ends when the last question has been answered.
  await page.evaluate(() => {
    const app: unknown = Reflect.get(window, 'jupyterapp');
    const { commands } = app as { commands: { execute(id: string): Promise<unknown> } };
    void commands.execute('dasklab:open-dashboard-page');
  });
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').selectOption('other (running)');
  await dialog.getByRole('button', { name: 'OK' }).click();
  await expect(dialog).toContainText('Which dashboard page?');
  await dialog.getByRole('combobox').selectOption('Progress');
  await dialog.getByRole('button', { name: 'OK' }).click();
  await expect(lab.tab('other: Progress')).toBeVisible();
});
