/** The log pane, over a double of the server. */
import { EPOCH, wireCluster, type Wire } from '../ts/builders';
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
