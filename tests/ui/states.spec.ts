/** How the panel shows every state a cluster and a server can be in. */
import { wireCluster, wireStarting, type Wire } from '../ts/builders';
import { expect, test } from './fixtures';

const GIB = 2 ** 30;

function reason(message: string, hint: string, details: Wire = {}): Wire {
  return { code: 'start.failed', message, hint, details };
}

test('an empty list says how to fill it', async ({ lab, mock }) => {
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel).toContainText('No cluster is running.');
  await lab.shot('empty');
  await lab.panel.getByRole('button', { name: 'with options…' }).click();
  await expect(lab.panel.getByRole('form', { name: 'New cluster' })).toBeVisible();
  await expect(lab.panel.getByRole('textbox', { name: 'Number of workers' })).toBeFocused();
  await lab.shot('form');
  expect(mock.calls.filter(call => call.path === 'clusters').length).toBeLessThanOrEqual(2);
});

test('clusters in every phase', async ({ lab, mock }) => {
  const now = Date.now() / 1000;
  mock.clusters = [
    wireStarting({ id: 'a', name: 'starting-1', created: 9 }),
    wireCluster({
      id: 'b',
      name: 'slurm-night',
      deployment: 'slurm',
      phase: 'waiting',
      reason: {
        code: 'queue.priority',
        message: 'None of 16 workers is there yet. 2 jobs wait in the queue “normal”: Priority.',
        hint: 'Ask for fewer cores or choose another partition.',
        details: {}
      },
      advice: [
        {
          code: 'queue.priority',
          message: '2 jobs wait in the queue “normal”: Priority.',
          hint: 'Ask for fewer cores or choose another partition.',
          severity: 'note',
          evidence: []
        },
        {
          code: 'worker.import',
          message: 'A job ended after 2 s: its interpreter has no distributed.',
          hint: 'Launch with --env, or install distributed there.',
          severity: 'error',
          evidence: ['/opt/python/bin/python: No module named distributed']
        }
      ],
      jobs: [
        { id: '4711', state: 'pending', reason: 'Priority', text: 'Others go first.' },
        { id: '4712', state: 'pending', text: 'It waits for a node.', expected: now + 600 },
        { id: '4710', state: 'ended', text: 'It failed after 2 s.' }
      ],
      workers: { wanted: 16, running: 0 },
      cores: 0,
      memory: { used: 0, limit: 0 },
      created: 8
    }),
    wireCluster({
      id: 'c',
      name: 'adaptive',
      workers: { wanted: 3, running: 3, minimum: 0, maximum: 12 },
      warnings: [
        {
          code: 'walltime.none',
          message: 'The jobs have no wall time.',
          hint: 'Give one, such as --walltime 4h.',
          severity: 'warning',
          evidence: []
        }
      ],
      memory: { used: 20 * GIB, limit: 24 * GIB },
      lease: { deadline: now + 90, cause: 'idle' },
      created: 7
    }),
    wireCluster({
      id: 'd',
      name: 'from-notebook',
      origin: 'kernel',
      deployment: 'published',
      lease: { idle: null, no_client: null, max_age: null },
      can: ['scale', 'stop', 'dashboard'],
      created: 6
    }),
    wireCluster({ id: 'e', name: 'pinned', lease: { pinned: true }, created: 5 }),
    wireCluster({ id: 'f', name: 'going', phase: 'stopping', created: 4, can: [] })
  ];
  await lab.open();
  await lab.openPanel();
  await expect(lab.card('starting-1')).toContainText('Start the scheduler');
  await expect(lab.card('starting-1').getByRole('button', { name: 'Cancel' })).toBeVisible();
  await expect(lab.card('slurm-night')).toContainText('2 jobs wait in the queue');
  await expect(lab.card('adaptive')).toContainText('3 of 0–12');
  await lab.card('adaptive').getByText('1 thing to mind').click();
  await expect(lab.card('adaptive').getByRole('list', { name: 'To mind' })).toBeVisible();
  await expect(lab.card('adaptive')).toContainText('The jobs have no wall time.');
  await expect(lab.card('adaptive')).toContainText(/Ends in \d+ s/);
  await expect(lab.card('pinned')).toContainText('Kept until stopped');
  const night = lab.card('slurm-night');
  await night.getByText('What shows it').click();
  await expect(night).toContainText('No module named distributed');
  await night.getByText('3 jobs without a worker').click();
  await expect(night).toContainText('4711 (pending): Others go first.');
  await expect(night).toContainText(/4712 \(pending\): It waits for a node. Expected to start at/);
  await lab.shot('phases');
  await lab.setWidth(240);
  await lab.shot('phases-240', lab.panel);
  await lab.setTheme('JupyterLab Dark');
  await lab.setWidth(360);
  await lab.shot('phases-dark');
});

test('a failure before the user’s eyes stays in sight with its reason and log', async ({
  lab,
  mock
}) => {
  mock.clusters = [
    wireStarting({ id: 'a', name: 'doomed' }),
    wireCluster({ id: 'l', name: 'night-run', created: 3 })
  ];
  await lab.open();
  await lab.openPanel();
  await expect(lab.card('doomed')).toContainText('Starting');
  mock.push(
    wireStarting({
      id: 'a',
      name: 'doomed',
      phase: 'failed',
      updated: 2e9,
      steps: [
        { name: 'host', title: 'Start the host', state: 'done', started: 1, finished: 2 },
        {
          name: 'scheduler',
          title: 'Start the scheduler',
          state: 'failed',
          started: 2,
          finished: 3
        }
      ],
      reason: reason(
        'The scheduler did not come up within 60 seconds.',
        'The end of its log says why.',
        {
          log: 'INFO host is up\nTraceback (most recent call last):\n  …\nOSError: [Errno 98] Address already in use'
        }
      ),
      can: ['logs']
    })
  );
  mock.push(
    wireCluster({
      id: 'l',
      name: 'night-run',
      phase: 'lost',
      updated: 2e9,
      created: 3,
      reason: reason(
        'Its host died without a word.',
        'The memory of the machine may have run out.'
      ),
      can: ['logs']
    })
  );
  const card = lab.card('doomed');
  await expect(card).toContainText('did not come up within 60 seconds');
  await card.getByText('End of the log').click();
  await expect(card).toContainText('Address already in use');
  await expect(lab.card('night-run')).toContainText('Lost');
  await lab.shot('failed');
  await card.getByRole('button', { name: /Forget/ }).click();
  await expect(card).toHaveCount(0);
});

test('twenty clusters stay readable', async ({ lab, mock }) => {
  mock.clusters = Array.from({ length: 20 }, (_, index) =>
    wireCluster({
      id: `c${index}`,
      name: `local-${index + 1}`,
      created: index,
      workers: { wanted: index, running: index },
      cores: index * 2,
      memory: { used: index * 0.4 * GIB, limit: index * GIB }
    })
  );
  mock.clusters.push(wireCluster({ id: 'old', name: 'yesterday', phase: 'stopped', created: -1 }));
  mock.problems = [
    {
      code: 'record.newer',
      message: 'The record “7f3a.json” was written by a newer dasklab.',
      hint: 'Upgrade dasklab here to see this cluster; it is left alone.',
      details: {}
    }
  ];
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel.getByRole('listitem').filter({ hasText: 'Running' })).toHaveCount(20);
  // The newest is at the top.
  await expect(lab.panel.getByRole('heading', { level: 3 }).first()).toHaveText('local-20');
  await expect(lab.card('yesterday')).toHaveCount(0);
  await lab.shot('twenty');
  await lab.panel.getByRole('button', { name: 'Ended 1' }).click();
  await expect(lab.card('yesterday')).toContainText('Stopped');
});

test('hostile and long texts stay text', async ({ lab, mock }) => {
  mock.clusters = [
    wireCluster({
      id: 'h',
      name: '<img src=x onerror="window.hacked=1"><b>bold</b>',
      environment: { python: '/x', name: null, title: '<script>window.hacked=1</script>' },
      phase: 'waiting',
      reason: reason(
        '<a href="javascript:window.hacked=1">click</a> \u001b[31mred\u001b[0m \u202egnorw',
        'x'.repeat(3000),
        { log: '<iframe srcdoc="<script>parent.hacked=1</script>">\n'.repeat(40) }
      )
    }),
    wireCluster({ id: 'n', name: `a-very-long-name-${'that-goes-on-'.repeat(20)}`, created: 1 })
  ];
  await lab.open();
  await lab.openPanel();
  await lab.setWidth(240);
  await expect(lab.panel).toContainText('<img src=x');
  await expect(lab.panel.locator('img, iframe, script, a')).toHaveCount(0);
  await lab.panel.getByText('End of the log').click();
  await lab.shot('hostile-240', lab.panel);
  const hacked = await lab.page.evaluate(() => Reflect.get(window, 'hacked'));
  expect(hacked).toBeUndefined();
  // Nothing makes the panel wider than it is.
  const overflow = await lab.panel.evaluate(node =>
    [...node.querySelectorAll('.dasklab-Panel-body')].some(
      body => body.scrollWidth > body.clientWidth
    )
  );
  expect(overflow).toBe(false);
});

test('a server that does not answer is told, and its return is noticed', async ({ lab, mock }) => {
  mock.answers.set('GET clusters', [502]);
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel).toContainText('The Jupyter server does not answer.');
  await lab.shot('unreachable');
  mock.answers.clear();
  mock.clusters = [wireCluster()];
  await lab.panel.getByRole('button', { name: 'Try again' }).click();
  await expect(lab.card('local-1')).toContainText('Running');
  // What happens while the events are away is fetched when they are back.
  mock.clusters = [wireCluster({ updated: 2e9, name: 'renamed' })];
  await mock.disconnect();
  await expect(lab.panel).toContainText('This is what was known last.');
  await lab.shot('disconnected');
  await expect(lab.card('renamed')).toBeVisible();
  await expect(lab.panel).not.toContainText('This is what was known last.');
});

test('a server without dasklab says what to do', async ({ lab, mock }) => {
  mock.answers.set('GET clusters', [404, { message: 'Not Found' }]);
  await lab.open();
  await lab.openPanel();
  await expect(lab.panel).toContainText('This Jupyter server does not know dasklab.');
  await expect(lab.panel).toContainText('jupyter server extension enable dasklab');
  await lab.shot('no-extension');
});
