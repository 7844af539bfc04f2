/** The log pane, over a double of the server; and when it pauses, which live plots do likewise. */
import { EPOCH, wireCluster, type Wire } from '../ts/builders';
import { story } from '../ts/telemetry/story';
import { expect, test } from './fixtures';

test('a log is followed, filtered, and read per worker', async ({ lab, mock, page }) => {
  mock.clusters = [wireCluster()];
  const lines: Wire[] = Array.from({ length: 120 }, (_, index) => ({
    source: `tcp://127.0.0.1:${40001 + (index % 3)}`,
    at: EPOCH + index,
    level: index % 40 === 7 ? 'ERROR' : index % 10 === 3 ? 'WARNING' : 'INFO',
    text: index % 40 === 7 ? `Compute Failed\nKey: slow-${index}` : `Run task number ${index}`
  }));
  mock.answers.set('GET clusters/c1/logs', () => [200, { lines: [...lines] }]);
  await lab.open();
  await lab.execute('dasklab:open-log', { cluster: 'c1' });
  const log = page.locator('.dasklab-Log');
  await log.getByRole('combobox', { name: 'Log of' }).selectOption('Workers');
  await expect(log.getByRole('status')).toHaveText('120 lines');
  const last = log.getByText('Run task number 119');
  await expect(last).toBeInViewport();
  await lab.shot('log');

  // It is read on though nothing else changes, and what has been read stays as it is.
  await last.evaluate(node => node.setAttribute('data-mark', 'kept'));
  lines.shift();
  lines.push({ source: 'tcp://127.0.0.1:40001', at: EPOCH + 200, level: 'INFO', text: 'Newest' });
  await expect(log.getByText('Newest')).toBeInViewport();
  await expect(last).toHaveAttribute('data-mark', 'kept');

  await log.getByRole('combobox', { name: 'Worker' }).selectOption('tcp://127.0.0.1:40002');
  await log.getByRole('searchbox').fill('compute failed');
  await expect(log.getByRole('status')).toHaveText('1 of 120 lines');
  await lab.setTheme('JupyterLab Dark');
  await lab.shot('log-dark');
  await log.getByRole('combobox', { name: 'Worker' }).selectOption('All workers');
  await expect(log.getByRole('status')).toHaveText('3 of 120 lines');

  // Who scrolls up reads on in peace.
  await log.getByRole('searchbox').fill('');
  const follow = log.getByRole('button', { name: /^Follow/ });
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
  await log.getByRole('region').hover();
  await page.mouse.wheel(0, -600);
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  const calls = mock.calls.length;
  mock.push(wireCluster({ updated: 2e9 + 1, name: 'renamed' }));
  await lab.openPanel();
  await expect(lab.card('renamed')).toBeVisible();
  expect(mock.calls.length).toBe(calls);
});

test('behind a Hub logs and plots pause in a page that nobody uses', async ({
  lab,
  mock,
  page
}) => {
  // As the page of a Hub's user says it.
  await page.route('**/lab/workspaces/**', async (route, request) => {
    if (!request.isNavigationRequest()) {
      return route.fallback();
    }
    const response = await route.fetch();
    const text = await response.text();
    const said = 'type="application/json">{';
    expect(text).toContain(said);
    return route.fulfill({ response, body: text.replace(said, `${said}"hubPrefix": "/hub/", `) });
  });
  lab.settings = { pauseAfter: 0.04 };
  mock.clusters = [wireCluster()];
  mock.telemetry.frames = story();
  mock.answers.set('GET clusters/c1/logs', () => [
    200,
    { lines: [{ source: 'host', at: EPOCH, level: 'INFO', text: 'Up' }] }
  ]);
  await lab.open();
  await lab.execute('dasklab:open-log', { cluster: 'c1' });
  await lab.execute('dasklab:open-plot', { cluster: 'c1', plot: 'task-stream' });
  const paused = page.getByText('Paused: this page is unused');
  // The first time the page may have been unused for so long before they were open.
  for (let round = 0; round < 2; round += 1) {
    await expect(paused).toHaveCount(2, { timeout: 30_000 });
    await expect.poll(() => mock.telemetry.open).toBe(0);
    const [calls, hellos] = [mock.calls.length, mock.telemetry.hellos.length];
    await page.keyboard.press('Shift');
    await expect(paused).toHaveCount(0);
    await expect.poll(() => mock.telemetry.hellos.length).toBe(hellos + 1);
    await expect.poll(() => mock.calls.length).toBeGreaterThan(calls);
  }
  await expect(paused).toHaveCount(2, { timeout: 30_000 });
  await lab.shot('paused');
});
