import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../src/outputs/payload';
import { RecordedStage } from '../../../src/plots/recorded';
import { FrameError } from '../../../src/telemetry/decode';
import { unpackRecording } from '../../../src/telemetry/recording';
import { TelemetryStore } from '../../../src/telemetry/store';
import { dictionaries, encodeFrame } from './frames';

const NAMES = dictionaries(1, 2, ['sum', 'add']);

function pack(...frames: ArrayBuffer[]): string {
  const parts = frames.flatMap(frame => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(frame.byteLength);
    return [length, Buffer.from(frame)];
  });
  return deflateSync(Buffer.concat(parts)).toString('base64');
}

function frame(cursor: number): ArrayBuffer {
  const rows = [[cursor, 0.5, 100, 0, 0, 64]];
  return encodeFrame({ snapshot: true, dictionaries: NAMES }, { tasks: { rows, cursor } });
}

describe('a recording', () => {
  it('is what Python has written', async () => {
    const saved: unknown = JSON.parse(readFileSync('tests/fixtures/notebook/output.json', 'utf8'));
    const payload = readPayload(saved);
    expect(payload).toMatchObject({ kind: 'strip', cluster: null });
    const store = new TelemetryStore();
    for (const each of await unpackRecording(payload?.recording?.data ?? '')) {
      store.apply(each);
    }
    expect(store.tasks.rows).toBe(100);
    expect(store.dropped).toBe(300);
    expect(store.lanes.map(lane => lane.name)).toEqual(['0', '1', '2', '3', '0', '1', '2', '3']);
    expect(store.kinds.map(kind => kind.prefix)).toContain('random_sample');
    expect(store.workers.rows).toBeGreaterThan(100);
    expect(store.end).toEqual({ phase: 'recorded', reason: '' });
    expect(store.begin).toBeGreaterThanOrEqual(payload?.recording?.range.from ?? Infinity);
  });

  it('may have several frames', async () => {
    const store = new TelemetryStore();
    for (const each of await unpackRecording(pack(frame(0), frame(1)))) {
      store.apply(each);
    }
    expect(store.tasks.rows).toBe(2);
  });

  const whole = Buffer.from(pack(frame(0)), 'base64');
  const long = Buffer.alloc(12);
  long.writeUInt32LE(0xffffffff);
  it.each([
    ['no base64', '**'],
    ['nothing', ''],
    ['not compressed', Buffer.from('a recording').toString('base64')],
    ['cut', whole.subarray(0, -9).toString('base64')],
    ['empty', deflateSync('').toString('base64')],
    ['a length without a frame', deflateSync(long).toString('base64')],
    ['half a length', deflateSync(Buffer.alloc(3)).toString('base64')],
    ['a frame that is none', deflateSync(Buffer.from([4, 0, 0, 0, 1, 2, 3, 4])).toString('base64')],
    ['a bomb', deflateSync(Buffer.alloc(70_000_000)).toString('base64')],
    ['too long', 'A'.repeat(24_000_004)]
  ])('is refused: %s', async (_, data) => {
    await expect(unpackRecording(data)).rejects.toBeInstanceOf(FrameError);
  });
});

it('a recording has what its cluster said when it was asked', async () => {
  const graph = {
    id: 'a',
    kind: 'tasks',
    tasks: 2,
    nodes: ['x', 'y'].map(name => ({ name, prefix: name, group: name })),
    edges: [0, 1],
    states: '65',
    counts: null,
    left_out: 0
  };
  const range = { from: 1, to: 2 };
  const cells = { title: () => null, show: () => {} };
  const words = { __: (text: string) => text, _n: (one: string) => one };
  const answers = { graph, profile: 'nonsense' };
  const data = pack(encodeFrame({ recording: { answers } }));
  const stage = await RecordedStage.open(data, range, words, cells);
  expect(stage.graph.value?.shape.edges).toEqual([0, 1]);
  expect(stage.graph.value?.standing[0].erred).toBe(1);
  expect(stage.graph.failure).toBe('');
  expect(stage.profile.value).toBeNull();
  expect(stage.profile.failure).not.toBe('');
});
