/** What a card tells of the work: curves, tasks, cores in use. */
import { EPOCH, wireCluster } from '../ts/builders';
import { expect, test } from './fixtures';

const GIB = 2 ** 30;

test('curves and counts follow the events, without a request and without a timer', async ({
  lab,
  mock
}) => {
  const busy = (step: number): ReturnType<typeof wireCluster> =>
    wireCluster({
      id: 'busy',
      name: 'busy',
      created: 9,
      updated: EPOCH + step * 4,
      workers: { wanted: 16, running: 16, minimum: 0, maximum: 128 },
      cores: 32,
      cpu: 16 + 14 * Math.sin(step / 3),
      memory: { used: (20 + step) * GIB, limit: 64 * GIB },
      tasks: { processing: 32 * (step % 7), waiting: 12_345 - step * 300, erred: step > 20 ? 2 : 0 }
    });
  mock.clusters = [busy(0), wireCluster({ id: 'calm', name: 'calm' })];
  await lab.open();
  await lab.openPanel();
  await lab.setWidth(300);
  const card = lab.card('busy');
  await expect(card).toContainText('16 of 32 cores');
  const before = mock.calls.length;
  for (let step = 1; step <= 25; step += 1) {
    mock.push(busy(step));
  }
  await expect(card).toContainText('2 tasks have failed');
  await expect(card).toContainText('4.8K');
  const line = card.locator('.dasklab-Sparkline polyline').first();
  await expect(line).toHaveAttribute('points', /^-2,18( [\d.]+,[\d.]+){40,} 102,[\d.]+ 102,-2 /);
  await expect(lab.card('calm')).toContainText('0.4 of 4 cores');
  await lab.shot('cards', lab.panel);
  await lab.setWidth(240);
  await lab.shot('cards-240', lab.panel);
  await lab.setWidth(400);
  await lab.setTheme('JupyterLab Dark');
  await lab.shot('cards-dark', lab.panel);
  expect(mock.calls.slice(before)).toEqual([]);
});
