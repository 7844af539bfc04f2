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

test('worker groups are counted apart, and what was given up is tried again', async ({
  lab,
  mock
}) => {
  const advice = {
    code: 'jobs.dying',
    message: '3 jobs in a row have ended at once, so no more are submitted.',
    hint: 'Mend what their output says, then %dask scale N tries again.',
    severity: 'error',
    evidence: ['slurmstepd: error: no such file'],
    again: true
  };
  const workers = { wanted: 3, running: 1, groups: { gpu: 2 } };
  mock.clusters = [wireCluster({ id: 'g', name: 'grouped', workers, advice: [advice] })];
  mock.answers.set('POST clusters/g/scale', [202, mock.clusters[0]]);
  await lab.open();
  await lab.openPanel();
  await lab.setWidth(240);
  const card = lab.card('grouped');
  await expect(card).toContainText('1 of 3 (2 gpu)');
  await card.getByRole('button', { name: 'Scale “grouped”' }).click();
  const form = card.getByRole('form');
  const plain = form.getByRole('textbox', { name: 'Number of workers', exact: true });
  await expect(plain).toHaveValue('1');
  const gpu = form.getByRole('textbox', { name: 'Number of workers of the group gpu' });
  await expect(gpu).toHaveValue('2');
  await expect(form.getByRole('button', { name: 'Apply' })).toBeDisabled();
  await gpu.fill('x');
  await expect(gpu).toHaveAttribute('aria-invalid', 'true');
  await expect(plain).not.toHaveAttribute('aria-invalid');
  await lab.shot('groups-240', lab.panel);
  await gpu.fill('2');
  await plain.fill('4');
  await form.getByRole('button', { name: 'Apply' }).click();
  await expect
    .poll(() => mock.calls.at(-1))
    .toMatchObject({
      path: 'clusters/g/scale',
      body: { workers: { workers: 4, groups: { gpu: 2 } } }
    });
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect
    .poll(() => mock.calls.at(-1))
    .toMatchObject({
      path: 'clusters/g/scale',
      body: { workers: { workers: 1, groups: { gpu: 2 } } }
    });
  await lab.setTheme('JupyterLab Dark');
  await lab.shot('groups-dark', lab.panel);
});
