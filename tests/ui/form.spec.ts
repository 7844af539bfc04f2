/** The form for a new cluster, over a double of the server. */
import { wireCluster, wireStarting } from '../ts/builders';
import { expect, test } from './fixtures';

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
  await lab.panel.getByRole('button', { name: 'New' }).press('Enter');
  const form = lab.panel.getByRole('form', { name: 'New cluster' });
  await expect(form.getByRole('textbox', { name: 'Number of workers' })).toBeFocused();
  await page.keyboard.type('3');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert')).toContainText('does not answer');
  await page.keyboard.press('Enter');
  await expect(lab.card('typed')).toContainText('Starting');
  await expect(lab.panel.getByRole('button', { name: 'New' })).toBeFocused();
  const [first, second] = mock.calls.filter(call => call.method === 'POST');
  expect(first.body).toMatchObject({ deployment: 'local', workers: 4, name: null });
  expect(second.body).toEqual(first.body);
});

test('all errors of a refused launch are shown at the form', async ({ lab, mock }) => {
  mock.answers.set('POST clusters', [
    400,
    {
      error: {
        code: 'options.invalid',
        message: 'Two options cannot be used.',
        hint: 'See %dask help start local.',
        details: {
          errors: [
            { message: '“memroy_limit” is unknown; did you mean “memory_limit”?' },
            { message: '“threads_per_worker” is “many”, which is not a number.' }
          ]
        }
      }
    }
  ]);
  mock.deployments = [
    { name: 'local', title: 'This machine', description: '', available: true, missing: null },
    {
      name: 'slurm',
      title: 'Slurm',
      description: '',
      available: false,
      missing: { code: 'x', message: 'sbatch is not on the PATH.', hint: '', details: {} }
    }
  ];
  mock.clusters = [wireCluster()];
  await lab.open();
  await lab.openPanel();
  await lab.panel.getByRole('button', { name: 'New' }).click();
  const form = lab.panel.getByRole('form', { name: 'New cluster' });
  await expect(form.getByRole('option', { name: 'Slurm (not available)' })).toBeDisabled();
  await form.getByRole('radio', { name: 'Adaptive' }).check();
  await form.getByRole('textbox', { name: 'Least number of workers' }).fill('9');
  await expect(form.getByRole('alert')).toContainText('is above the greatest');
  await expect(form.getByRole('button', { name: 'Start' })).toBeDisabled();
  await lab.shot('form-invalid');
  await form.getByRole('textbox', { name: 'Greatest number of workers' }).fill('12');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.getByRole('alert')).toContainText('did you mean “memory_limit”?');
  await lab.shot('form-refused');
  // The list beneath stays usable.
  await expect(lab.card('local-1').getByRole('button', { name: 'Scale “local-1”' })).toBeEnabled();
});
