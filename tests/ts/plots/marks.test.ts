import { beforeEach, describe, expect, it } from 'vitest';
import { drawEvents, eventsAt, tableOf } from '../../../src/plot/event-marks';
import { readTheme } from '../../../src/plot/theme';
import type { IPainter, IPlane, IStage, ISurface, ITable } from '../../../src/plot/plot';
import { eventLoop } from '../../../src/plots/event-loop';
import { prefixLegend } from '../../../src/plots/legend';
import { PlotSession } from '../../../src/plots/session';
import { workersNow, workersShown } from '../../../src/plots/worker-samples';
import { Attention } from '../../../src/telemetry/attention';
import { decodeFrame } from '../../../src/telemetry/decode';
import { SAMPLE } from '../../../src/telemetry/rows';
import { EPOCH, type Wire } from '../builders';
import { dictionaries, encodeFrame, type Rows } from '../telemetry/frames';

const WORDS: IStage['words'] = {
  __: (text, ...values) => text.replace(/%(\d)/g, (_, at) => String(values[Number(at) - 1])),
  _n: (_, many, count) => many.replace('%1', String(count))
};

const nothing = (): Promise<never> => Promise.reject(new Error('not asked for'));

let stage: PlotSession;

function take(header: Wire, workers: Rows = []): void {
  stage.store.apply(decodeFrame(encodeFrame(header, { workers: { rows: workers } })));
}

/** A sample of a worker in which nothing but the time is told. */
function sample(time: number, worker: number, gil: number = NaN): number[] {
  const row = new Array<number>(16).fill(0);
  [row[0], row[1], row[SAMPLE.gil + 1]] = [EPOCH + time, worker, gil];
  return row;
}

beforeEach(() => {
  const door = { open: nothing as never, keys: nothing, profile: nothing, graph: nothing };
  stage = new PlotSession('c', door, WORDS, new Attention());
});

describe('events', () => {
  const plane: IPlane = { left: 0, top: 0, right: 100, bottom: 50 };

  beforeEach(() => {
    take({
      time: EPOCH + 100,
      dictionaries: dictionaries(2, 1, ['sum']),
      events: [
        {
          time: EPOCH + 10,
          kind: 'worker-paused',
          text: 'Short of memory.',
          worker: 'tcp://127.0.0.1:40002'
        },
        { time: EPOCH + 60, kind: 'restart', text: 'All workers restart.', worker: null },
        { time: EPOCH + 61, kind: 'failure', text: 'x: ValueError', worker: null }
      ]
    });
    stage.axis.show(EPOCH, EPOCH + 100);
  });

  it('are told of under the pointer, and only beneath the picture', () => {
    expect(eventsAt(stage, plane, 11, 55)?.lines[1]).toBe('Worker paused · 1 · Short of memory.');
    expect(eventsAt(stage, plane, 60, 55)?.lines.slice(1)).toEqual([
      'Restart · All workers restart.',
      'Failure · x: ValueError'
    ]);
    expect(eventsAt(stage, plane, 11, 45)).toBeNull();
    expect(eventsAt(stage, plane, 30, 55)).toBeNull();
  });

  it('have a mark each, of those that are shown', () => {
    const marks: number[] = [];
    const g = new Proxy({} as CanvasRenderingContext2D, {
      get: (_, name) => (x: number) => name === 'moveTo' && marks.push(x),
      set: () => true
    });
    stage.axis.show(EPOCH, EPOCH + 50);
    const theme = readTheme(document.body);
    drawEvents({ g, theme, width: 100, height: 70, ratio: 1 } as ISurface, plane, stage);
    expect(marks).toEqual([20]);
  });

  it('stand in the table behind the picture, the newest first', () => {
    const table = (): ITable => ({ headings: ['Time'], rows: [['now']] });
    const { headings, rows } = tableOf({ plane, table } as IPainter, stage);
    expect(headings).toEqual(['Time']);
    expect(rows.map(row => row.at(-1))).toEqual([
      'now',
      'Events',
      'Failure · x: ValueError',
      'Restart · All workers restart.',
      'Worker paused · 1 · Short of memory.'
    ]);
  });
});

describe('workers', () => {
  it('that have gone are no rows of the time that is shown', () => {
    const rows = [0, 1, 2].flatMap(worker => [sample(1, worker), sample(5, worker)]);
    take({ dictionaries: dictionaries(4, 1, ['sum']) }, [...rows, sample(500, 2), sample(899, 3)]);
    stage.axis.show(EPOCH + 840, EPOCH + 900);
    expect(workersShown(stage)).toEqual([3]);
    stage.axis.show(EPOCH + 450, EPOCH + 600);
    expect(workersShown(stage)).toEqual([2]);
    stage.axis.show(EPOCH, EPOCH + 10);
    expect(workersShown(stage)).toEqual([0, 1, 2]);
    stage.axis.follow(true);
    expect(workersShown(stage)).toEqual([0, 1, 2, 3]);
    expect(workersNow(stage).map(each => each.index)).toEqual([3]);
  });

  it('that do not measure the GIL are said not to', () => {
    const painter = eventLoop.create(stage);
    expect(painter.said?.()).toBe('');
    take({ dictionaries: dictionaries(1, 1, ['sum']) }, [sample(1, 0)]);
    expect(painter.said?.()).toContain('gilknocker');
    stage.store.reset();
    take({ dictionaries: dictionaries(1, 1, ['sum']) }, [sample(1, 0, 0.25)]);
    expect(painter.said?.()).toBe('');
  });
});

it('of very many prefixes those that took the most time can be filtered', () => {
  const names = Array.from({ length: 60 }, (_, index) => `task_${index}`);
  const progress = Object.fromEntries(
    names.map((name, index) => [name, { memory: 10, duration: index === 3 ? 900 : index }])
  );
  take({ dictionaries: dictionaries(1, 1, names), progress });
  const items = prefixLegend(stage, readTheme(document.body), false);
  expect(items.slice(0, 3).map(item => item.prefix)).toEqual(['task_3', 'task_59', 'task_58']);
  expect(items).toHaveLength(41);
});
