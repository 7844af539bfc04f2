// Drives the browser for frontend.py: one command, whose value is printed as JSON.
import { chromium } from '@playwright/test';

const [url, executablePath, command, options] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });

// Milliseconds in which a change is painted, and the page is at rest again.
const PAUSE = 250;

async function open() {
  await page.goto(url);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached', timeout: 90_000 });
}

const commands = {
  // Seconds from the request for the page until the sections of what runs are there.
  async start() {
    const begin = Date.now();
    await open();
    await page.getByRole('tab', { name: /^Running/ }).click();
    await page.locator('.jp-RunningSessions-section').first().waitFor();
    return (Date.now() - begin) / 1_000;
  },
  // Milliseconds of the main thread for each change: script, style, layout and paint, as the
  // browser's own counters say. The page is as a user has it, beside nothing else that moves.
  async changes({ clusters, changes }) {
    // The events come through here, so that what the server says can be said again at will.
    let socket = null;
    await page.routeWebSocket(/\/api\/events\/subscribe/, route => {
      route.connectToServer();
      socket = route;
    });
    await open();
    await page.getByRole('tab', { name: 'Dask clusters' }).click();
    const cards = page.locator('#dasklab-panel .dasklab-Card[data-phase=running]');
    await cards.nth(clusters - 1).waitFor({ timeout: 90_000 });
    const token = new URL(url).searchParams.get('token');
    const answer = await page.request.get(new URL('/dasklab/api/clusters', url).href, {
      headers: { Authorization: `token ${token}` }
    });
    const [first] = (await answer.json()).clusters;
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return 1_000 * metrics.find(({ name }) => name === 'TaskDuration').value;
    };
    const step = async (number, ours) => {
      const before = await busy();
      const cluster = {
        ...first,
        updated: first.updated + 1 + number,
        cpu: number % 7,
        cores: 100 + number,
        memory: { used: number * 1e7, limit: 1e10 },
        tasks: { ...first.tasks, processing: number * 3 }
      };
      const schema_id = ours ? 'https://dasklab.dev/events/cluster/v1' : 'https://nobody.dev/v1';
      const message = { schema_id, schema_version: '1', action: 'changed', cluster };
      socket.send(JSON.stringify(message));
      // Nothing in the page waits for the change: looking for it would be counted as its cost.
      await new Promise(done => setTimeout(done, PAUSE));
      return (await busy()) - before;
    };
    const idle = [];
    const work = [];
    for (let number = 0; number < changes; number += 1) {
      // What the test's way into the page costs, and the rest of the page, is measured in turns by
      // an event of the same size that nobody listens to, and taken away.
      idle.push(await step(number, false));
      work.push(await step(number, true));
    }
    await page.getByText(`of ${100 + changes - 1} cores`).waitFor();
    const asking = idle.sort((a, b) => a - b)[Math.floor(idle.length / 2)];
    return work.map(each => Math.max(0, each - asking));
  }
};

try {
  process.stdout.write(JSON.stringify(await commands[command](JSON.parse(options))));
} finally {
  await browser.close();
}
