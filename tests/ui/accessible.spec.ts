/** For who works by keyboard or hears the page: what axe-core finds, and where the focus goes. */
import type { AxeResults, RunOptions } from 'axe-core';
import { createRequire } from 'node:module';
import { wireCluster, wireStarting, type Wire } from '../ts/builders';
import { story } from '../ts/telemetry/story';
import { expect, test, type Lab } from './fixtures';
import type { MockServer } from './mock-server';

const GIB = 2 ** 30;
const AXE = createRequire(__filename).resolve('axe-core/axe.min.js');
const THEMES = ['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast'];

const GIVEN_UP = {
  code: 'jobs.dying',
  message: 'No more are submitted.',
  hint: 'Mend what their output says.',
  severity: 'error',
  evidence: ['no such file'],
  again: true
};

/** Problems that keep somebody out, in our part of the page. */
async function violations(lab: Lab, selector: string): Promise<string[]> {
  const { passes, violations: found } = await lab.page.evaluate(
    async ([node, options]) => {
      const { axe } = window as unknown as {
        axe: { run(where: string, options: RunOptions): Promise<AxeResults> };
      };
      return axe.run(node, options);
    },
    [selector, {}] as const
  );
  // It was able to see the colours.
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html} ${any.map(each => each.message).join(' ')}`)
    );
}

function inEveryPhase(): Wire[] {
  const soon = { deadline: Date.now() / 1_000 + 90, cause: 'idle' };
  const reason = {
    code: 'x',
    message: 'The scheduler did not come up within 60 seconds.',
    hint: 'The end of its log says why.',
    details: { log: 'INFO host is up\nOSError: address in use' }
  };
  return [
    wireStarting({ id: 'a', name: 'starting', created: 9 }),
    wireCluster({ id: 'b', name: 'waiting', phase: 'waiting', reason, created: 8 }),
    wireCluster({ id: 'c', name: 'running', created: 7, tasks: { processing: 3, erred: 2 } }),
    wireCluster({
      id: 'd',
      name: 'adaptive',
      workers: { wanted: 3, running: 3, minimum: 0, maximum: 12, groups: { gpu: 2 } },
      advice: [GIVEN_UP],
      memory: { used: 23 * GIB, limit: 24 * GIB },
      lease: soon,
      created: 6
    }),
    wireCluster({ id: 'e', name: 'going', phase: 'stopping', can: [], created: 5 }),
    wireCluster({ id: 'f', name: 'failing', created: 4 }),
    wireCluster({ id: 'g', name: 'losing', created: 3 }),
    wireCluster({ id: 'h', name: 'over', phase: 'stopped', created: 2 })
  ];
}

function fail(mock: MockServer): void {
  for (const [id, name, phase] of [
    ['f', 'failing', 'failed'],
    ['g', 'losing', 'lost']
  ]) {
    const reason = { code: 'x', message: 'Its host died.', hint: 'See the log.', details: {} };
    mock.push(wireCluster({ id, name, phase, reason, updated: 2e9, created: 3, can: ['logs'] }));
  }
}

for (const theme of THEMES) {
  test(`nothing in the panel keeps anybody out: ${theme}`, async ({ lab, mock, page }) => {
    await lab.open();
    await page.addScriptTag({ path: AXE });
    // JupyterLab's body is a box without height that hides what overflows it, so axe takes all its
    // text for hidden and checks no contrast.
    await page.addStyleTag({ content: 'html, body { height: 100% }' });
    await lab.setTheme(theme);
    await lab.openPanel();
    const found: Record<string, string[]> = {};
    const look = async (state: string, selector: string = '#dasklab-panel'): Promise<void> => {
      found[state] = await violations(lab, selector);
      await lab.shot(`axe-${state}-${theme.replace('JupyterLab ', '').replace(/ /g, '-')}`);
    };
    await expect(lab.panel).toContainText('No cluster is running.');
    await look('empty');
    for (const each of inEveryPhase().reverse()) {
      mock.push(each);
    }
    await expect(lab.card('starting')).toBeVisible();
    fail(mock);
    await expect(lab.card('losing')).toContainText('Lost');
    await lab.panel.getByRole('button', { name: /^Ended/ }).click();
    await expect(lab.card('over')).toBeVisible();
    const row = { deployment: 'gateway', name: '9d348e', text: 'Running.', options: {} };
    const silent = [{ code: 'x', message: 'It has not answered.', hint: '', details: {} }];
    mock.answers.set('GET discovered', [200, { found: [row], silent }]);
    await lab.panel.getByRole('button', { name: 'Found running' }).click();
    await expect(lab.panel.getByRole('button', { name: 'Attach to “9d348e”' })).toBeVisible();
    await look('phases');
    await lab
      .card('running')
      .getByRole('button', { name: /^Scale/ })
      .click();
    await lab.card('running').getByRole('textbox').fill('many');
    await lab
      .card('adaptive')
      .getByRole('button', { name: /^Dashboard/ })
      .click();
    await expect(lab.card('adaptive').getByText('Task Stream')).toBeVisible();
    await look('drawers');
    await lab
      .card('adaptive')
      .getByRole('button', { name: /^Live plots/ })
      .click();
    await look('plots');
    mock.telemetry.frames = story();
    await lab.execute('dasklab:open-plot', { cluster: 'c', plot: 'task-stream' });
    const table = page.getByRole('button', { name: 'The same as a table' });
    await table.click();
    await expect(page.getByRole('cell', { name: 'read_parquet' })).toBeVisible();
    await look('plot', '.dasklab-PlotPane');
    await lab.execute('dasklab:new-cluster');
    await expect(lab.panel.getByRole('form', { name: 'New cluster' })).toBeVisible();
    await expect(lab.panel).not.toContainText('Loading options…');
    await look('form');
    const form = lab.panel.getByRole('form', { name: 'New cluster' });
    await form.getByRole('button', { name: 'Save as profile…' }).click();
    await form.getByLabel('Name of the profile').fill('no name');
    await expect(form.getByText('“no name” cannot be a name.')).toBeVisible();
    await look('form-profile');
    await form.getByLabel('Threads per worker').fill('5000');
    await form.getByRole('button', { name: 'Worker processes' }).click();
    await form.getByLabel('Resources').fill('GPU=many');
    await expect(form.getByText('GPU: "many" is not a number.')).toBeVisible();
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('no name');
    mock.answers.set('POST preview', [200, { text: 'LocalCluster()', advice: [GIVEN_UP] }]);
    await form.getByRole('button', { name: 'Preview' }).click();
    await expect(form.getByRole('region', { name: 'What would run' })).toContainText('No more');
    await look('form-errors');
    await page.keyboard.press('Escape');
    const lines = [{ source: 'host', at: 1_790_000_000, level: 'ERROR', text: 'It went wrong' }];
    mock.answers.set('GET clusters/c/logs', [200, { lines }]);
    await lab.execute('dasklab:open-log', { cluster: 'c' });
    await expect(page.getByText('It went wrong')).toBeVisible();
    await look('log', '.dasklab-Log');
    await lab.execute('dasklab:open-dashboard-page', { cluster: 'h', page: 'status' });
    await expect(page.getByText('The cluster “over” has ended.')).toBeVisible();
    await look('pane', '.dasklab-Dashboard');
    mock.clusters = Array.from({ length: 20 }, (_, index) =>
      wireCluster({ id: `n${index}`, name: `many-${index}`, created: 100 + index })
    );
    await mock.disconnect();
    await expect(lab.card('many-19')).toBeVisible();
    await look('twenty');
    expect(found).toEqual(
      Object.fromEntries(Object.keys(found).map(state => [state, [] as string[]]))
    );
  });
}

test('the focus stays with a card whose buttons change, and goes on when the card goes', async ({
  lab,
  mock
}) => {
  mock.clusters = [
    wireStarting({ id: 'a', name: 'first', created: 3 }),
    wireCluster({ id: 'b', name: 'second', created: 2 })
  ];
  await lab.open();
  await lab.openPanel();
  await lab.card('first').getByRole('button', { name: 'Cancel' }).focus();
  mock.push(wireCluster({ id: 'a', name: 'first', created: 3, updated: 2e9 }));
  await expect(lab.card('first')).toContainText('Running');
  await expect(lab.card('first')).toBeFocused();
  // A change of figures leaves the focus on its button.
  const log = lab.card('first').getByRole('button', { name: /^Log of/ });
  await log.focus();
  mock.push(wireCluster({ id: 'a', name: 'first', created: 3, updated: 2e9 + 1, cores: 64 }));
  await expect(lab.card('first')).toContainText('64 cores');
  await expect(log).toBeFocused();
  mock.emit({ action: 'forgotten', id: 'a' });
  await expect(lab.card('second')).toBeFocused();
  mock.emit({ action: 'forgotten', id: 'b' });
  await expect(lab.panel.getByRole('button', { name: 'New' })).toBeFocused();
});

test('every action of a card is reached with the keyboard, and the focus is seen', async ({
  lab,
  mock,
  page
}) => {
  mock.clusters = [wireCluster()];
  await lab.open();
  await lab.openPanel();
  await lab.panel.getByRole('button', { name: 'Profiles and options' }).focus();
  const reached: string[] = [];
  for (let stop = 0; stop < 8; stop += 1) {
    await page.keyboard.press('Tab');
    const focused = lab.panel.locator(':focus');
    reached.push((await focused.getAttribute('aria-label')) ?? '');
    const outline = await focused.evaluate(node => getComputedStyle(node).outlineStyle);
    expect(outline, reached.at(-1)).not.toBe('none');
  }
  expect(reached).toEqual([
    'Keep “local-1” whatever its lease says',
    'Connect a notebook to “local-1”',
    'Dashboard pages of “local-1”',
    'Live plots of “local-1”',
    'Scale “local-1”',
    'Log of “local-1”',
    'Restart the workers of “local-1”',
    'Stop “local-1”'
  ]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('Stop “local-1”?');
  await page.keyboard.press('Escape');
  // Pages: by arrows from the search, opened with Enter.
  await lab
    .card('local-1')
    .getByRole('button', { name: /^Dashboard/ })
    .press('Enter');
  await expect(lab.panel.getByRole('searchbox')).toBeFocused();
  await expect(lab.panel.getByText('Progress')).toBeVisible();
  await lab.panel.getByRole('button', { name: 'Status', exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(lab.tab('local-1: Task Stream')).toBeVisible();
});
