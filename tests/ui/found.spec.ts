/** Clusters that run already: looked for when asked, attached to, let go of, stopped for real. */
import { wireCluster, type Wire } from '../ts/builders';
import { expect, test } from './fixtures';

const FOUND: Wire = {
  deployment: 'gateway',
  source: 'Dask Gateway',
  name: '9d348e8083a9458e851723487d8b94ef',
  text: 'Running on https://hub.example/services/dask-gateway since 22 Nov 17:15; worker_cores 2, worker_memory 4, image small.',
  label: 'gateway-9d348e8083a9',
  options: { address: 'https://hub.example', cluster: '9d348e8083a9458e851723487d8b94ef' }
};

const SILENT: Wire = {
  code: 'internal',
  message: 'helmcluster has not answered within 8 seconds.',
  hint: '',
  details: {}
};

test('what runs already is looked for when the section is opened, and attached to', async ({
  lab,
  mock
}) => {
  const other = { ...FOUND, name: 'scheduler.json', source: 'Scheduler file', label: null };
  mock.clusters = [wireCluster({ id: 'a', name: 'local-1' })];
  mock.answers.set('GET discovered', [200, { found: [FOUND, other], silent: [SILENT] }]);
  mock.answers.set('POST clusters', [
    202,
    wireCluster({ id: 'g', name: 'gateway-9d348e8083a9', deployment: 'gateway', created: 2e9 })
  ]);
  await lab.open();
  await lab.openPanel();
  const asked = (): number => mock.calls.filter(({ path }) => path === 'discovered').length;
  const section = lab.panel.getByRole('region', { name: 'Clusters found running' });
  const toggle = section.getByRole('button', { name: 'Found running' });
  await expect(toggle).toHaveAttribute('aria-expanded', 'false');
  expect(asked()).toBe(0);

  await toggle.press('Enter');
  await expect(section.getByRole('status')).toHaveText('They run, and are in no list of yours.');
  expect(asked()).toBe(1);
  await expect(section.getByRole('listitem')).toHaveCount(2);
  await expect(section).toContainText('helmcluster has not answered within 8 seconds.');
  await lab.shot('found');
  await lab.setWidth(240);
  await lab.shot('found-240', lab.panel);
  await lab.setTheme('JupyterLab Dark');
  await lab.shot('found-dark', lab.panel);

  await section.getByRole('button', { name: /Attach to “9d348e80/ }).click();
  await expect(lab.card('gateway-9d348e8083a9')).toBeVisible();
  await expect(section.getByRole('listitem')).toHaveCount(1);
  const { body } = mock.calls.find(({ method }) => method === 'POST')!;
  expect(body).toMatchObject({
    deployment: 'gateway',
    name: 'gateway-9d348e8083a9',
    workers: null,
    options: FOUND.options
  });

  mock.answers.set('GET discovered', [200, { found: [], silent: [] }]);
  await section.getByRole('button', { name: 'Look again for clusters that run' }).click();
  await expect(section.getByRole('status')).toHaveText(
    'Nothing was found that is not in the list.'
  );
  expect(asked()).toBe(2);
});

test('one that was found is let go of with a click, and stopped only after a warning', async ({
  lab,
  mock
}) => {
  const can = ['scale', 'adapt', 'restart', 'stop', 'detach', 'keep', 'dashboard', 'logs'];
  const found = wireCluster({ id: 'g', name: 'gateway-9d34', deployment: 'gateway', can });
  mock.clusters = [found];
  await lab.open();
  await lab.openPanel();
  const card = lab.card('gateway-9d34');
  await lab.setWidth(240);
  await lab.shot('found-card-240', lab.panel);

  await card.getByRole('button', { name: 'Stop “gateway-9d34”' }).click();
  const dialog = lab.page.getByRole('dialog');
  await expect(dialog).toContainText('this ends the cluster itself');
  await lab.shot('found-stop');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(mock.calls.filter(({ method }) => method === 'DELETE')).toEqual([]);

  mock.answers.set('POST clusters/g/detach', [202, { ...found, phase: 'stopped', updated: 2e9 }]);
  await card.getByRole('button', { name: 'Detach from “gateway-9d34”' }).click();
  await expect(lab.panel).toContainText('No cluster is running.');

  // Stopping all ends what is one's own, and lets go of the others.
  const again = { ...found, id: 'h', name: 'gateway-77', created: 2e9 };
  mock.push(wireCluster({ id: 'a', name: 'alpha', created: 2e9 }));
  mock.push(again);
  mock.answers.set('POST clusters/h/detach', [202, { ...again, phase: 'stopped', updated: 3e9 }]);
  await lab.shot('stop-all-240', lab.panel);
  await lab.panel.getByRole('button', { name: 'Stop all clusters…' }).click();
  await expect(dialog).toContainText('“alpha”: running tasks end');
  await expect(dialog).toContainText('only detached, so that others can go on: “gateway-77”.');
  await lab.shot('stop-all');
  await dialog.getByRole('button', { name: 'Stop all' }).click();
  await expect(lab.panel).toContainText('No cluster is running.');
  const changes = mock.calls.filter(({ method }) => method !== 'GET').slice(-2);
  expect(changes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'DELETE clusters/a',
    'POST clusters/h/detach'
  ]);
});

test('an environment that cannot be asked says so', async ({ lab, mock }) => {
  mock.answers.set('GET discovered', [
    502,
    { error: { code: 'interpreter.unfit', message: 'It cannot be asked.', hint: '', details: {} } }
  ]);
  await lab.open();
  await lab.openPanel();
  const section = lab.panel.getByRole('region', { name: 'Clusters found running' });
  await section.getByRole('button', { name: 'Found running' }).click();
  await expect(section.getByRole('alert')).toContainText('It cannot be asked.');
});
