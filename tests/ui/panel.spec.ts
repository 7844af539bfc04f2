/** The panel against the real server and real clusters. */
import { expect, test } from './fixtures';

test('a new local cluster shows at once, with its steps, and then runs', async ({ api, lab }) => {
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel).toContainText('No cluster is running.');
  const form = await lab.openForm();
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('2');
  await form
    .getByLabel('Environment', { exact: true })
    .selectOption({ label: 'Python 3 (ipykernel)' });
  await form.getByLabel('Name', { exact: true }).fill('first');
  await lab.shot('real-form');
  const card = lab.card('first');
  // Waited for from before the click: with a standby they are there for a fraction of a second.
  const steps = card.getByRole('list', { name: 'Steps of the launch' }).waitFor();
  await form.getByRole('button', { name: 'Start' }).click();
  await steps;
  await lab.shot('real-starting');
  await expect(form).toHaveCount(0);
  await expect(card).toContainText('Running', { timeout: 30_000 });
  await expect(card).toContainText('2 of 2');
  await expect(card).toContainText(/Ends in|In use/);
  await lab.shot('real-running');
  expect((await api.list()).map(cluster => cluster.name)).toEqual(['first']);
});

test('what happens elsewhere shows without a request of the panel', async ({ api, lab, page }) => {
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel).toContainText('No cluster is running.');
  const requests: string[] = [];
  page.on('request', request => {
    if (request.url().includes('/dasklab/api/')) {
      requests.push(request.url());
    }
  });
  const { id } = await api.running('elsewhere', 2);
  await expect(lab.card('elsewhere')).toContainText('2 of 2');
  await api.scale(id, 1);
  await expect(lab.card('elsewhere')).toContainText('1 of 1');
  await api.clear();
  await expect(lab.panel).toContainText('No cluster is running.');
  await expect(lab.panel.getByRole('button', { name: /^Ended/ })).toHaveCount(0);
  expect(requests).toEqual([]);
});

test('scaling: a number, a range, and what is neither', async ({ api, lab }) => {
  await api.running('elastic', 1);
  await lab.open();
  await lab.openPanel();
  const card = lab.card('elastic');
  const opener = card.getByRole('button', { name: 'Scale “elastic”' });
  await opener.click();
  const wanted = card.getByRole('textbox', { name: 'Number of workers' });
  await expect(wanted).toBeFocused();
  await expect(card.getByRole('button', { name: 'Apply' })).toBeDisabled();
  await wanted.fill('-1');
  await expect(card.getByRole('alert')).toHaveText('There cannot be fewer than 0 workers.');
  await wanted.fill('1.5');
  await expect(card.getByRole('alert')).toHaveText('There are no fractions of workers.');
  await lab.shot('real-scale-invalid');
  await wanted.fill('100000');
  await wanted.press('Enter');
  await expect(card.getByRole('alert')).toContainText('more than');
  await wanted.fill('2');
  await wanted.press('Enter');
  await expect(card).toContainText('2 of 2');
  await expect(opener).toBeFocused();
  await opener.press('Enter');
  await card.getByRole('radio', { name: 'Adaptive' }).check();
  await card.getByRole('textbox', { name: 'Least number of workers' }).fill('1');
  await card.getByRole('textbox', { name: 'Greatest number of workers' }).fill('3');
  await lab.shot('real-scale-adaptive');
  await card.getByRole('button', { name: 'Apply' }).click();
  await expect(card).toContainText('of 1–3');
  await opener.click();
  await card.getByRole('textbox', { name: 'Least number of workers' }).press('Escape');
  await expect(card.getByRole('form')).toHaveCount(0);
});

test('a cluster is kept, its workers restarted, and it is stopped and forgotten', async ({
  api,
  lab,
  page
}) => {
  await api.running('short-lived', 1);
  await lab.open();
  await lab.openPanel();
  const card = lab.card('short-lived');
  const keep = card.getByRole('button', { name: /^Keep/ });
  await keep.click();
  await expect(keep).toHaveAttribute('aria-pressed', 'true');
  await expect(card).toContainText('Kept until stopped');

  const stop = card.getByRole('button', { name: 'Stop “short-lived”' });
  await stop.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('results in the memory of its workers are lost');
  await lab.shot('real-stop');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(card).toContainText('Running');

  await card.getByRole('button', { name: /^Restart/ }).click();
  await dialog.getByRole('button', { name: 'Restart' }).click();
  await expect(card).toContainText('1 of 1');
  await stop.click();
  const ended = lab.panel.getByRole('button', { name: /^Ended/ });
  // Nobody is asked while its worker is restarting: there is nothing to lose.
  const sure = dialog.getByRole('button', { name: 'Stop' });
  await expect(sure.or(ended)).toBeVisible();
  if (await sure.isVisible()) {
    await sure.click();
  }
  await expect(ended).toHaveText(/1/, { timeout: 30_000 });
  await expect(card).toHaveCount(0);
  await ended.click();
  await expect(card).toContainText('Stopped');
  await lab.shot('real-ended');
  await card.getByRole('button', { name: /^Forget/ }).click();
  await expect(ended).toHaveCount(0);
  expect(await api.list()).toEqual([]);
});

test('a launch that cannot succeed says why and what to do', async ({ api, lab }) => {
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  // A kernel whose Python has no distributed; see server.ts.
  await form.getByLabel('Environment', { exact: true }).selectOption({ label: 'Bare Python' });
  await form.getByLabel('Name', { exact: true }).fill('bare');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(lab.panel).toContainText(/distributed/, { timeout: 30_000 });
  await lab.shot('real-failed');
  // Everything else stays usable meanwhile.
  await api.launch('other');
  await expect(lab.card('other')).toBeVisible();
  // A name that is taken is told at the form.
  if (!(await form.isVisible())) {
    await lab.openForm();
  }
  await form.getByLabel('Environment', { exact: true }).selectOption({ label: 'Default' });
  await form.getByLabel('Name', { exact: true }).fill('other');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.getByRole('alert')).toContainText('other');
  await lab.shot('real-name-taken');
});

test('a launch can be cancelled while it starts', async ({ api, lab }) => {
  // A class that takes as long as a queue does.
  await api.file(
    'patient.py',
    'import time\nclass Cluster:\n    def __init__(self, **kwargs):\n        time.sleep(60)\n'
  );
  await lab.open();
  await lab.openPanel();
  await api.launch('never-mind', 2, {
    deployment: 'class',
    options: { cluster_class: 'patient:Cluster' }
  });
  const card = lab.card('never-mind');
  await card.getByRole('button', { name: 'Cancel' }).click();
  await expect(card).toHaveCount(0, { timeout: 30_000 });
  await expect
    .poll(async () => (await api.list()).map(cluster => cluster.phase))
    .toEqual(['stopped']);
});
