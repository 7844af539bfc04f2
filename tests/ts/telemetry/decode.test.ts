import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeFrame, FrameError } from '../../../src/telemetry/decode';
import { WIRE, type TableName } from '../../../src/telemetry/schema';
import { EPOCH } from '../builders';
import { dictionaries, encodeFrame } from './frames';

/** A frame whose header is any text. */
function raw(text: string, body: number = 0): ArrayBuffer {
  const size = Math.ceil((4 + text.length) / 8) * 8 - 4;
  const buffer = new ArrayBuffer(4 + size + body);
  new DataView(buffer).setUint32(0, size, true);
  new Uint8Array(buffer).set(new TextEncoder().encode(text.padEnd(size)), 4);
  return buffer;
}

describe('the frames that the Python side has written', () => {
  interface IExpected {
    bytes: number;
    header: { seq: number; tables: Record<string, { rows: number; cursor: number }> };
    columns: Record<string, Record<string, Array<number | null>>>;
  }
  const folder = 'tests/fixtures/telemetry';
  const bytes = readFileSync(`${folder}/run.frames`);
  const expected = JSON.parse(readFileSync(`${folder}/run.json`, 'utf8')) as IExpected[];
  const frames: ArrayBuffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    frames.push(new Uint8Array(bytes.subarray(at + 4, at + 4 + length)).buffer);
    at += 4 + length;
  }

  it('are all there', () => {
    expect(frames.map(frame => frame.byteLength)).toEqual(expected.map(each => each.bytes));
    expect(frames.length).toBeGreaterThan(1);
  });

  it.each(frames.map((frame, index) => ({ frame, index })))(
    'frame $index is read to the last number',
    ({ frame, index }) => {
      const { columns, header } = expected[index];
      const read = decodeFrame(frame);

      expect(read.seq).toBe(header.seq);
      for (const [name, rows] of Object.entries(columns)) {
        const table = read.tables[name as TableName];
        expect(table?.cursor).toBe(header.tables[name].cursor);
        const found = Object.fromEntries(
          WIRE[name as TableName].map((column, at) => [
            column.name,
            [...(table?.columns[at] ?? [])].map(value => (Number.isNaN(value) ? null : value))
          ])
        );
        expect(found).toEqual(rows);
      }
    }
  );

  it('say which groups there are, and which are forgotten', () => {
    const [first, , third] = frames.map(frame => decodeFrame(frame).groups);
    expect(first).toMatchObject({ whole: true, gone: [] });
    expect(first?.items).toMatchObject([
      { name: 'random_sample-1', prefix: 'random_sample', memory: 6 }
    ]);
    expect(third).toMatchObject({ whole: false, gone: ['random_sample-1'] });
    expect(third?.items).toMatchObject([{ name: 'sum-2', prefix: 'sum', processing: 2 }]);
  });
});

describe('what is not a frame', () => {
  it.each([
    ['nothing', new ArrayBuffer(0)],
    ['a length beyond the end', new Uint32Array([4096, 0]).buffer],
    ['a length that breaks the alignment', new Uint32Array([5, 0, 0, 0]).buffer],
    ['no JSON', raw('{"v": 1')],
    ['a list', raw('[1]')],
    ['another version', raw('{"v": 2}')],
    ['a table that nobody knows', raw('{"v": 1, "tables": {"passwords": {"rows": 1}}}')],
    ['rows that are not there', raw('{"v": 1, "tables": {"tasks": {"rows": 10}}}', 8)],
    ['more rows than there may be', raw('{"v": 1, "tables": {"tasks": {"rows": 1e12}}}')],
    [
      'a dictionary beyond its limit',
      raw('{"v": 1, "dictionaries": {"lanes": {"from": 70000, "items": [1]}}}')
    ]
  ])('is refused: %s', (_, buffer) => {
    expect(() => decodeFrame(buffer as ArrayBuffer)).toThrow(FrameError);
  });

  it('wrong types in a header become harmless values', () => {
    const frame = decodeFrame(
      raw(
        JSON.stringify({
          v: 1,
          seq: -5,
          time: 'now',
          dictionaries: {
            kinds: { from: 0, items: [7, { prefix: 'x'.repeat(1 << 18), span: 9 }] }
          },
          progress: { sum: { memory: 'lots', waiting: 2.7 }, bad: null },
          events: ['nonsense', { time: 1, kind: 'restart', text: '<b>', worker: 'tcp://a' }]
        })
      )
    );

    expect(frame.seq).toBe(0);
    expect(frame.time).toBe(0);
    expect(frame.kinds?.items[0]).toEqual({ prefix: '', group: '', span: null, cell: null });
    expect(frame.kinds?.items[1].prefix).toHaveLength(300);
    expect(frame.progress[0]).toMatchObject({ name: 'sum', memory: 0, waiting: 2 });
    expect(frame.events).toEqual([{ time: 1, kind: 'restart', text: '<b>', worker: 'tcp://a' }]);
  });
});

it('columns are views into the frame, not copies', () => {
  const buffer = encodeFrame(
    { dictionaries: dictionaries(1, 1, ['sum']) },
    { tasks: { rows: [[1, 2, 3, 0, 0, 64]], cursor: 5, base: EPOCH } }
  );
  const { tasks } = decodeFrame(buffer).tables;

  expect(tasks?.columns.map(column => column[0])).toEqual([1, 2, 3, 0, 0, 64]);
  expect(tasks?.columns.every(column => column.buffer === buffer)).toBe(true);
  expect(tasks).toMatchObject({ rows: 1, cursor: 5, base: EPOCH, dropped: 0 });
});
