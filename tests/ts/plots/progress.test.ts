/** Progress: what it shows of prefixes and groups, and of which moment. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IPainter, ISurface, IWords } from '../../../src/plot/plot';
import { readTheme } from '../../../src/plot/theme';
import { progress } from '../../../src/plots/progress';
import { readPayload } from '../../../src/outputs/payload';
import { RecordedStage } from '../../../src/plots/recorded';
import { PlotSession } from '../../../src/plots/session';
import { Attention } from '../../../src/telemetry/attention';
import { decodeFrame } from '../../../src/telemetry/decode';
import { EPOCH, type Wire } from '../builders';
import { encodeFrame } from '../telemetry/frames';

const WORDS: IWords = { __: text => text, _n: (_, many) => many };

const nothing = (): Promise<never> => Promise.reject(new Error('not asked for'));

/** A canvas that draws nowhere. */
const g = new Proxy({} as CanvasRenderingContext2D, {
  get: () => () => ({ width: 1 }),
  set: () => true
});

let stage: PlotSession;
let painter: IPainter;

function take(seq: number, memory: number): void {
  const header: Wire = {
    seq,
    time: EPOCH + seq,
    progress: { sum: { memory } },
    groups: { whole: seq === 1, items: { 'sum-1f': { prefix: 'sum', memory } } }
  };
  stage.store.apply(decodeFrame(encodeFrame(header)));
}

/** What is drawn now, as text: names and how many of them are done. */
function drawn(each: IPainter = painter): unknown[][] {
  const theme = readTheme(document.body);
  each.draw({ g, theme, width: 400, height: 300, ratio: 1 } satisfies ISurface);
  return each.table().rows.map(row => [row[0], row[1]]);
}

beforeEach(() => {
  const door = { open: nothing as never, keys: nothing, profile: nothing, graph: nothing };
  stage = new PlotSession('c', door, WORDS, new Attention());
  painter = progress.create(stage);
});

describe('progress', () => {
  it('stands still with the other plots, whatever comes in, until they follow', () => {
    take(1, 10);
    expect(drawn()).toEqual([['sum', '10']]);
    stage.axis.pause();
    take(2, 25);
    stage.axis.pan(-0.1);
    expect(drawn()).toEqual([['sum', '10']]);
    // Also looked at in another way, and in a plot that is opened only now.
    painter.ways?.choose('group');
    expect(drawn()).toEqual([['sum-1f', '10']]);
    expect(drawn(progress.create(stage))).toEqual([['sum', '10']]);
    stage.axis.follow();
    expect(drawn()).toEqual([['sum-1f', '25']]);
  });

  it('says that no groups are known where a scheduler tells of none', () => {
    take(1, 10);
    stage.store.groups.clear();
    drawn();
    expect(painter.said?.()).toBe('');
    painter.ways?.choose('group');
    expect(drawn()).toEqual([]);
    expect(painter.said?.()).toBe('No groups are known.');
  });

  it('of a recording has the groups that were known then', async () => {
    const saved: unknown = JSON.parse(readFileSync('tests/fixtures/notebook/output.json', 'utf8'));
    const { recording } = readPayload(saved) ?? {};
    const recorded = await RecordedStage.open(
      recording?.data ?? '',
      recording?.range ?? { from: 0, to: 0 },
      WORDS,
      stage.cells
    );
    const each = progress.create(recorded);
    each.ways?.choose('group');
    expect(drawn(each)).toEqual([
      ['getitem-of-here', '96'],
      ['<script>alert("1")</script>-of-here', '96'],
      ['sum-of-here', '104'],
      ['random_sample-of-here', '104']
    ]);
  });

  it('is what comes first where it was paused before anything came', () => {
    stage.axis.pause();
    expect(drawn()).toEqual([]);
    take(1, 10);
    expect(drawn()).toEqual([['sum', '10']]);
  });
});
