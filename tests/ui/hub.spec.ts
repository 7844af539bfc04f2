/** The panel behind a real JupyterHub: its proxy, its login, two users. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from '@playwright/test';
import { expect, test as base } from '@playwright/test';
import { root } from './server';

interface IHub {
  readonly url: string;
  readonly password: string;
}

const PREFIX = '/science/';

/** One Hub for this file; the same one as in the Python tests. */
const test = base.extend<object, { hub: IHub }>({
  hub: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names from the pattern
    async ({}, use) => {
      const python = path.resolve(root, process.env.VENV ?? '.venv', 'bin/python');
      const rig = spawn(python, ['-m', 'tests.python.hub', PREFIX], {
        cwd: root,
        stdio: ['pipe', 'pipe', 'inherit']
      });
      await use(JSON.parse(await firstLine(rig)) as IHub);
      rig.stdin.end();
      // It ends the users' servers and clusters, and fails if something is left.
      const code = await new Promise(resolve => rig.once('close', resolve));
      expect(code, 'the end of the Hub').toBe(0);
    },
    { scope: 'worker', timeout: 120_000 }
  ]
});

async function firstLine(rig: ChildProcess): Promise<string> {
  if (rig.stdout === null) {
    throw new Error('the Hub says nothing');
  }
  for await (const line of createInterface({ input: rig.stdout })) {
    return line;
  }
  throw new Error('the Hub ended');
}

/** JupyterLab of a user who logs in, in a browser of their own, with the panel in front. */
async function logIn(browser: Browser, hub: IHub, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${hub.url}hub/login`);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(hub.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // The Hub starts the server, and sends the browser there.
  await page.waitForURL(`**${PREFIX}user/${name}/lab**`, { timeout: 90_000 });
  await expect(page.locator('#jupyterlab-splash')).toHaveCount(0, { timeout: 60_000 });
  await page.getByRole('tab', { name: 'Dask clusters' }).click();
  await expect(page.locator('#dasklab-panel')).toBeVisible();
  return page;
}

const shot = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: path.join(root, 'test-results', 'shots', `${name}.png`) });

test('a cluster behind a Hub, and its dashboard; another user sees neither', async ({
  browser,
  hub
}) => {
  test.setTimeout(240_000);
  const page = await logIn(browser, hub, 'ada');
  const panel = page.locator('#dasklab-panel');
  await panel.getByRole('button', { name: 'Profiles and options' }).click();
  await page.getByRole('menuitem', { name: 'With Options…' }).click();
  const form = page.getByRole('form', { name: 'New cluster' });
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('1');
  await form.getByLabel('Name', { exact: true }).fill('of-ada');
  await form.getByRole('button', { name: 'Start' }).click();
  const card = panel.getByRole('listitem', { name: 'of-ada', exact: true });
  await expect(card).toContainText('1 of 1', { timeout: 60_000 });

  await card.getByRole('button', { name: /^Dashboard pages/ }).click();
  const search = card.getByRole('searchbox', { name: 'Find a dashboard page' });
  await expect(card.getByRole('button', { name: 'Task Stream' })).toBeVisible();
  await search.fill('task str');
  await search.press('Enter');
  const pane = page.frameLocator('iframe[title*="Task Stream"]');
  await expect(pane.locator('canvas').first()).toBeVisible({ timeout: 60_000 });
  await shot(page, 'hub-dashboard');

  const other = await logIn(browser, hub, 'bob');
  await expect(other.getByText('No cluster is running.')).toBeVisible();
  await expect(other.locator('#dasklab-panel').getByRole('listitem')).toHaveCount(0);
  await shot(other, 'hub-other-user');
  // What the first one sees is at an address that the second one may not open.
  const answer = await other.goto(`${hub.url}user/ada/lab`);
  expect([403, 404]).toContain(answer?.status());

  await card.getByRole('button', { name: 'Stop “of-ada”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await expect(panel.getByRole('button', { name: /^Ended/ })).toHaveText(/1/, { timeout: 30_000 });
});
