/** The form for a new cluster, over a double of the server. */
import { wireCluster, wireDeployment, wireStarting } from '../ts/builders';
import { expect, test } from './fixtures';

const SLURM = wireDeployment({
  name: 'slurm',
  title: 'Slurm',
  available: false,
  missing: {
    code: 'x',
    message: 'sbatch is not on the PATH.',
    hint: 'Load its module.',
    details: {}
  }
});

test('a launch by keyboard alone, asked twice for one cluster after a broken line', async ({
  lab,
  mock,
  page
}) => {
  let attempts = 0;
  mock.answers.set('POST clusters', () => {
    attempts += 1;
    return attempts === 1 ? [503] : [202, wireStarting({ id: 'k', name: 'typed' })];
  });
  await lab.open();
  await lab.openPanel();
  const opener = lab.panel.getByRole('button', { name: 'Profiles and options' });
  await opener.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'With Options…' })).toBeVisible();
  await lab.shot('new-menu');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  const form = lab.panel.getByRole('form', { name: 'New cluster' });
  await expect(form.getByRole('textbox', { name: 'Number of workers' })).toBeFocused();
  await page.keyboard.type('3');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert')).toContainText('does not answer');
  await page.keyboard.press('Enter');
  await expect(lab.card('typed')).toContainText('Starting');
  await expect(opener).toBeFocused();
  const [first, second] = mock.calls.filter(call => call.method === 'POST');
  expect(first.body).toMatchObject({ deployment: 'local', workers: 4, name: null });
  expect(second.body).toEqual(first.body);
});

test('every kind of option is typed, checked at once, previewed and sent', async ({
  lab,
  mock,
  page
}) => {
  mock.answers.set('POST clusters', [202, wireStarting({ id: 'k', name: 'made' })]);
  await lab.open();
  await lab.openPanel();
  await lab.setWidth(240);
  const form = await lab.openForm();
  await expect(form.getByLabel('Memory per worker')).toHaveAttribute('placeholder', 'auto');
  await lab.shot('form-240');

  const threads = form.getByLabel('Threads per worker');
  await threads.fill('5000');
  await expect(threads).toHaveAttribute('aria-invalid', 'true');
  await expect(threads).toHaveAccessibleDescription(/5000 is too large; the most is 1024\./);
  await form.getByLabel('Memory per worker').fill('lots');
  await expect(form.getByLabel('Memory per worker')).toHaveAccessibleDescription(
    /"lots" does not fit\. Such as 4GiB/
  );
  await form.getByRole('button', { name: 'Worker processes' }).press('Enter');
  await form.getByLabel('Resources').fill('GPU=many\nFPGA');
  await expect(form.getByText('GPU: "many" is not a number.')).toBeVisible();
  await expect(form.getByText('FPGA: write it as NAME=VALUE.')).toBeVisible();
  // What the server says of names and of the administrator's limit is said as it is typed.
  const many = form.getByRole('textbox', { name: 'Number of workers' });
  await many.fill('101');
  await expect(many).toHaveAccessibleDescription('101 workers are more than the 100 allowed here.');
  await expect(form.getByRole('button', { name: 'Start' })).toBeDisabled();
  await lab.shot('form-limit-240');
  await many.fill('100');
  const name = form.getByRole('textbox', { name: 'Name', exact: true });
  await name.fill('my cluster');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription(/^“my cluster” cannot be a name\./);
  await lab.shot('form-errors-240');
  await lab.setTheme('JupyterLab Dark');
  await lab.shot('form-errors-240-dark');
  await lab.setTheme('JupyterLab Light');

  // Sent with mistakes in it: nothing leaves, and the first one is where the user looks next.
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(threads).toBeFocused();
  expect(mock.calls.filter(call => call.method === 'POST')).toEqual([]);

  await threads.fill('2');
  await form.getByLabel('Memory per worker').fill('4GiB');
  await form.getByLabel('Resources').fill('GPU=1');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(name).toBeFocused();
  await name.fill('my-cluster');
  await form.getByLabel('Environment variables').fill('A=1\nB=x=y');
  await form.getByLabel('Preload').fill('numpy\n');
  await form.getByLabel('How processes start').selectOption({ label: 'Spawn' });
  await form.getByLabel('Processes', { exact: true }).uncheck();
  await form.getByRole('button', { name: 'Queue' }).click();
  await expect(form.getByText('minutes')).toBeVisible();
  await form.getByRole('checkbox', { name: 'None' }).check();
  await expect(form.locator('[aria-invalid="true"]')).toHaveCount(0);

  await form.getByRole('button', { name: 'Preview' }).click();
  const preview = form.getByRole('region', { name: 'What would run' });
  await expect(preview).toContainText('LocalCluster()');
  await preview.scrollIntoViewIfNeeded();
  await lab.shot('form-preview-240');

  await form.getByRole('button', { name: 'Start' }).click();
  await expect(lab.card('made')).toBeVisible();
  const options = {
    threads_per_worker: 2,
    memory_limit: '4GiB',
    resources: { GPU: 1 },
    environ: { A: '1', B: 'x=y' },
    preload: ['numpy'],
    method: 'spawn',
    processes: false,
    walltime: null
  };
  const last = mock.calls.filter(call => call.method === 'POST').at(-1);
  expect(last).toMatchObject({ path: 'clusters', body: { options, profile: null } });
  expect(
    mock.calls.find(call => call.path === 'preview')?.body,
    'the preview is of what is launched'
  ).toMatchObject({ options });
  await expect(page.getByRole('form')).toHaveCount(0);

  // One click launches the same again.
  mock.answers.set('POST clusters', [202, wireStarting({ id: 'l', name: 'again' })]);
  await lab.panel.getByRole('button', { name: 'New', exact: true }).click();
  await expect(lab.card('again')).toBeVisible();
  expect(mock.calls.filter(call => call.path === 'clusters').at(-1)?.body).toMatchObject({
    options
  });
});

test('all errors of a refused launch are shown at the form, and nothing typed is lost', async ({
  lab,
  mock
}) => {
  mock.answers.set('POST clusters', [
    400,
    {
      error: {
        code: 'options.invalid',
        message: 'Two options cannot be used.',
        hint: 'See %dask help start local.',
        details: {
          errors: [
            { option: 'memroy', message: 'memroy: there is no such option.' },
            { option: 'preload', message: 'preload: numpyy cannot be imported.' }
          ]
        }
      }
    }
  ]);
  mock.deployments = [wireDeployment(), SLURM];
  mock.clusters = [wireCluster()];
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  await form.getByRole('radio', { name: 'Adaptive' }).check();
  await form.getByRole('textbox', { name: 'Least number of workers' }).fill('9');
  await expect(form.getByRole('alert')).toContainText('is above the greatest');
  await expect(form.getByRole('button', { name: 'Start' })).toBeDisabled();
  await lab.shot('form-invalid');
  await form.getByRole('textbox', { name: 'Greatest number of workers' }).fill('12');
  await form.getByRole('button', { name: 'Worker processes' }).click();
  await form.getByLabel('Preload').fill('numpyy');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.getByRole('alert')).toContainText('memroy: there is no such option.');
  await expect(form.getByLabel('Preload')).toHaveAccessibleDescription(/numpyy cannot be imported/);
  await expect(form.getByLabel('Preload')).toHaveValue('numpyy');
  await expect(form.getByRole('textbox', { name: 'Least number of workers' })).toHaveValue('9');
  await lab.shot('form-refused');
  // What the server said holds until something is changed.
  await form.getByLabel('Preload').fill('numpy');
  await expect(form.getByRole('alert')).toHaveCount(0);
  // The list beneath stays usable.
  await expect(lab.card('local-1').getByRole('button', { name: 'Scale “local-1”' })).toBeEnabled();
});

test('deployments that are not available are listed with what is missing', async ({
  lab,
  mock
}) => {
  mock.deployments = [wireDeployment(), SLURM];
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  await expect(form.getByRole('option', { name: 'Slurm (not available)' })).toBeDisabled();
  await form.getByText('1 is not available here').click();
  await expect(form).toContainText('Slurm sbatch is not on the PATH. Load its module.');
  await lab.shot('form-unavailable');
  // Another environment is asked anew, and what it has not is said.
  mock.deployments = [{ ...SLURM, name: 'local', title: 'Local' }];
  await form.getByLabel('Threads per worker').fill('3');
  await form.getByLabel('Environment', { exact: true }).selectOption({ label: 'Geo (conda)' });
  await expect(form.locator('.dasklab-Problem')).toContainText('sbatch is not on the PATH.');
  await expect(form.getByLabel('Threads per worker')).toHaveValue('3');
  expect(mock.calls.filter(call => call.path === 'deployments')).toHaveLength(2);
});

test('what is asked of the number of workers is what the deployment takes', async ({
  lab,
  mock
}) => {
  const takes = { number: true, adaptive: false, least: 1, why: 'A fixed number.', hint: '' };
  const why = 'The workers of this scheduler were started by somebody else.';
  mock.deployments = [
    wireDeployment(),
    wireDeployment({ name: 'mpi', title: 'MPI', workers: takes }),
    wireDeployment({
      name: 'existing',
      title: 'A running scheduler',
      workers: { ...takes, number: false, why }
    })
  ];
  await lab.open();
  await lab.openPanel();
  const form = await lab.openForm();
  await form.getByRole('radio', { name: 'Adaptive' }).check();
  const pick = form.getByLabel('Deployment', { exact: true });
  await pick.selectOption('mpi');
  await expect(form.getByRole('radio', { name: 'Adaptive' })).toHaveCount(0);
  await form.getByRole('textbox', { name: 'Number of workers' }).fill('many');
  await expect(form.getByRole('button', { name: 'Start' })).toBeDisabled();
  await pick.selectOption('existing');
  await expect(form.getByRole('textbox', { name: 'Number of workers' })).toHaveCount(0);
  await expect(form).toContainText(why);
  await lab.shot('form-no-workers');
  mock.answers.set('POST clusters', () => [202, wireCluster()]);
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form).toHaveCount(0);
  const call = mock.calls.find(({ method, path }) => method === 'POST' && path === 'clusters');
  expect(call?.body).toMatchObject({ deployment: 'existing', workers: null });
});

test('a launch with one click that fails ends at the form', async ({ lab, mock, page }) => {
  const refused = {
    code: 'refused',
    message: 'Clusters cannot be launched on this server.',
    hint: 'Ask its administrator.',
    details: {}
  };
  mock.answers.set('POST clusters', [403, { error: refused }]);
  await lab.open();
  await lab.openPanel();
  await lab.panel.getByRole('button', { name: 'New', exact: true }).click();
  const form = lab.panel.getByRole('form', { name: 'New cluster' });
  await expect(form.getByRole('alert')).toContainText(refused.message);
  await page.keyboard.press('Escape');
  await expect(form).toHaveCount(0);

  // Also where a form is open already.
  await lab.openForm();
  await expect(form.getByRole('alert')).toHaveCount(0);
  await lab.panel.getByRole('button', { name: 'New', exact: true }).click();
  await expect(form.getByRole('alert')).toContainText(refused.message);
});
