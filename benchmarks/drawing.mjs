// Draws the task stream in a browser for drawing.py and prints one line of JSON.
// CPU is that of all of Chromium's processes, as the browser itself counts it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from '@playwright/test';

const [root, executablePath] = process.argv.slice(2);
const ORIGIN = 'http://drawing.test/';
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
});
const page = await browser.newPage({ viewport: { width: 1200, height: 870 } });
await page.route(`${ORIGIN}**`, async route => {
  const file = new URL(route.request().url()).pathname.slice(1);
  if (file === '') {
    const style = `<link rel="stylesheet" href="style/plot.css">`;
    await route.fulfill({ contentType: 'text/html', body: `<!doctype html>${style}<body></body>` });
    return;
  }
  const css = file.endsWith('.css');
  const name = css ? file : file.endsWith('.js') ? file : `${file}.js`;
  await route.fulfill({
    contentType: css ? 'text/css' : 'text/javascript',
    body: await readFile(path.join(root, 'labextension', css ? '' : 'lib', name), 'utf8')
  });
});
await page.goto(ORIGIN);

const client = await page.context().newCDPSession(page);
const system = await browser.newBrowserCDPSession();

/** Seconds of CPU so far. */
async function cpu() {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  return processInfo.reduce((sum, each) => sum + each.cpuTime, 0);
}

/** Megabytes of the page: objects and what typed arrays stand for. */
async function memory() {
  await client.send('HeapProfiler.collectGarbage');
  const used = await client.send('Runtime.getHeapUsage');
  return (used.usedSize + (used.backingStorageSize ?? 0)) / 1e6;
}

await page.evaluate(prepare);
const before = await memory();
const loading = await page.evaluate(() => window.fill());
const held = (await memory()) - before;

const results = { held, loading, stored: await page.evaluate(() => window.stored()) };
for (const name of ['full', 'tenth', 'append', 'hidden', 'unchanged']) {
  // The first round warms the compiler up.
  await page.evaluate(which => (window.make(which, 10), window.run(which, 10)), name);
  const rounds = [];
  let drawn = 0;
  for (let round = 0; round < 5; round++) {
    // What a host does is not counted.
    await page.evaluate(which => window.make(which, 30), name);
    const start = await cpu();
    const said = await page.evaluate(which => window.run(which, 30), name);
    rounds.push({ cpu: (1000 * ((await cpu()) - start)) / 30, script: said.script });
    drawn += said.drawn;
  }
  results[name] = { rounds, drawn };
}
process.stdout.write(`${JSON.stringify(results)}\n`);
await browser.close();

/** In the page: a million tasks on a thousand threads, ten minutes. */
async function prepare() {
  const load = name => import(`./${name}`);
  const { frames } = await load('plot/loop');
  const { PlotView } = await load('plot/view');
  const { taskStream } = await load('plots/task-stream');
  const { PlotSession } = await load('plots/session');
  const { Attention } = await load('telemetry/attention');
  const { decodeFrame } = await load('telemetry/decode');
  const words = { __: text => text, _n: text => text };
  const session = new PlotSession('c', { open() {}, keys: async () => [], profile: async () => ({}), graph: async () => ({}) }, words, new Attention());
  const view = new PlotView(taskStream, session, 'Task Stream', 'c');
  const EPOCH = 1_790_000_000;
  const [TASKS, LANES, SECONDS, KINDS] = [1_000_000, 1_000, 600, 20];
  document.body.append(view.node);
  const stage = view.canvas.parentElement;
  stage.style.cssText = 'flex: none; width: 1200px; height: 800px';
  view.visible = true;

  let cursor = 0;
  let seed = 7;
  const random = () => ((seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0), seed / 2 ** 32);
  const size = SECONDS / (TASKS / LANES);

  /** A frame of the next tasks, in the order in which they end. */
  function frame(rows) {
    const lengths = [4, 4, 4, 2, 2, 1].map(bytes => Math.ceil((rows * bytes) / 8) * 8);
    const dictionaries =
      cursor > 0
        ? {}
        : {
            lanes: {
              from: 0,
              items: Array.from({ length: LANES }, (_, lane) => ({
                worker: `tcp://${lane >> 2}`,
                thread: lane & 3,
                name: `${lane >> 2}`
              }))
            },
            kinds: {
              from: 0,
              items: Array.from({ length: KINDS }, (_, kind) => ({ prefix: `task_${kind}`, group: '' }))
            }
          };
    const header = JSON.stringify({
      v: 1,
      time: EPOCH + (cursor + rows) / (TASKS / SECONDS),
      tables: { tasks: { rows, cursor, base: EPOCH } },
      dictionaries
    });
    const head = Math.ceil((4 + header.length) / 8) * 8;
    const buffer = new ArrayBuffer(head + lengths.reduce((a, b) => a + b));
    new DataView(buffer).setUint32(0, head - 4, true);
    new Uint8Array(buffer).set(new TextEncoder().encode(header.padEnd(head - 4)), 4);
    let offset = head;
    const [start, duration, nbytes, lane, kind, what] = [
      Float32Array,
      Float32Array,
      Float32Array,
      Uint16Array,
      Uint16Array,
      Uint8Array
    ].map((Type, index) => {
      const column = new Type(buffer, offset, rows);
      offset += lengths[index];
      return column;
    });
    for (let row = 0; row < rows; row++) {
      const at = cursor + row;
      start[row] = Math.floor(at / LANES) * size + random() * size * 0.05;
      duration[row] = size * (0.5 + 0.4 * random());
      nbytes[row] = 1e6;
      lane[row] = at % LANES;
      kind[row] = Math.floor(random() * KINDS);
      what[row] = 64;
    }
    cursor += rows;
    return buffer;
  }

  const next = () => new Promise(resolve => requestAnimationFrame(resolve));

  window.fill = async () => {
    let took = 0;
    while (cursor < TASKS) {
      const buffer = frame(50_000);
      const begin = performance.now();
      session.store.apply(decodeFrame(buffer));
      took += performance.now() - begin;
      await next();
    }
    return took;
  };
  window.stored = () => session.store.tasks.bytes / 1e6;
  const made = [];
  window.make = (which, count) => {
    for (let index = 0; index < count && (which === 'append' || which === 'hidden'); index++) {
      made.push(frame(500));
    }
  };
  window.run = async (which, count) => {
    const { axis, store } = session;
    const drawing = view.draw.bind(view);
    let script = 0;
    view.draw = () => {
      const begin = performance.now();
      drawing();
      script += performance.now() - begin;
    };
    view.visible = which !== 'hidden';
    const before = frames.drawn;
    if (which === 'append') {
      axis.show(store.now - 60, store.now);
      axis.follow();
    }
    await next();
    for (let index = 0; index < count; index++) {
      if (which === 'full') {
        axis.show(EPOCH + index * 0.01, EPOCH + SECONDS + index * 0.01);
      } else if (which === 'tenth') {
        axis.show(EPOCH + 200 + index, EPOCH + 260 + index);
      } else if (which !== 'unchanged') {
        store.apply(decodeFrame(made.shift()));
      }
      await next();
    }
    await next();
    view.draw = drawing;
    // What was put off while it was hidden is drawn when it is seen; that is not counted.
    const drawn = frames.drawn - before - (which === 'append' || which === 'unchanged' ? 1 : 0);
    view.visible = true;
    await next();
    return { script: script / count, drawn: Math.max(0, drawn) };
  };
}
