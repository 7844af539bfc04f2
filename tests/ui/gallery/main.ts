/**
 * The gallery: every plot from one run, or one of them large. Runs in a page of its own without
 * JupyterLab; the query says what: `plot=NAME`, `run=recorded|story|wide|tiny|empty|fixture`.
 */
import type { IStage, IWords } from '../../../src/plot/plot';
import { frames } from '../../../src/plot/loop';
import { PlotView } from '../../../src/plot/view';
import { PLOTS } from '../../../src/plots/list';
import { plotName, plotTitle } from '../../../src/plots/names';
import { RecordedStage } from '../../../src/plots/recorded';
import { PlotSession } from '../../../src/plots/session';
import { Attention } from '../../../src/telemetry/attention';
import { decodeFrame } from '../../../src/telemetry/decode';
import { callTree, taskGraph } from '../../ts/telemetry/answers';
import { STORY, story } from '../../ts/telemetry/story';

const words: IWords = {
  __: (text, ...values) => text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1])),
  _n: (one, many, count, ...values) => words.__(count === 1 ? one : many, count, ...values)
};

const RUNS: Readonly<Record<string, () => ArrayBuffer[]>> = {
  story: () => story(),
  // More workers than have room for a bar each.
  wide: () => story({ workers: 120, threads: 2, seconds: 90, task: 0.5 }),
  tiny: () => story({ ...STORY, task: 0.02 }),
  empty: () => []
};

async function fixture(): Promise<ArrayBuffer[]> {
  const file = await fetch('tests/fixtures/telemetry/run.frames');
  const all = await file.arrayBuffer();
  const found: ArrayBuffer[] = [];
  for (let at = 0; at < all.byteLength;) {
    const length = new DataView(all).getUint32(at, true);
    found.push(all.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** A real run, as a notebook would keep it. */
async function recorded(): Promise<IStage> {
  const file = await fetch('tests/fixtures/telemetry/gallery.dasklab');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const data = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
  const cells = { title: () => null, show: () => {} };
  return RecordedStage.open(data, { from: 0, to: Infinity }, words, cells);
}

async function told(run: string): Promise<IStage> {
  const session = new PlotSession(
    'c1',
    {
      open: () => {
        throw new Error('The gallery has no server.');
      },
      profile: async () => callTree(),
      graph: async () =>
        run === 'wide' ? taskGraph('groups') : taskGraph('tasks', run === 'tiny' ? 900 : 24),
      keys: async (_, from) => [`('${'x'.repeat(20)}-1f2e', ${from})`]
    },
    words,
    new Attention()
  );
  for (const frame of run === 'fixture' ? await fixture() : RUNS[run]()) {
    session.store.apply(decodeFrame(frame));
  }
  session.axis.follow(true);
  return session;
}

async function show(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const run = query.get('run') ?? 'story';
  const still = run === 'recorded';
  const session = await (still ? recorded() : told(run));
  const only = query.get('plot');
  const grid = document.createElement('main');
  grid.style.cssText = only
    ? 'position: fixed; inset: 0'
    : 'display: grid; grid-template-columns: 1fr 1fr; grid-auto-rows: 430px; gap: 12px; padding: 12px';
  document.body.style.cssText = 'margin: 0; background: var(--jp-layout-color2)';
  document.body.append(grid);
  for (const plot of PLOTS.filter(each => only === null || each.name === only)) {
    const view = new PlotView(
      plot,
      session,
      plotTitle(plotName(plot.name) ?? 'workers', words),
      'local-1',
      { still }
    );
    grid.append(view.node);
    view.visible = true;
    Object.assign(window, { view });
  }
  Object.assign(window, { session, frames, story, decodeFrame });
}

void show();
