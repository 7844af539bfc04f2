/** Frames as a host makes them, for tests. The other end is `python/dasklab/telemetry/frames.py`. */
import { BYTES, columnIn, WIRE, type TableName } from '../../../src/telemetry/schema';
import { EPOCH, type Wire } from '../builders';

/** Rows as lists of numbers, in the order of the wire's columns. */
export type Rows = ReadonlyArray<ReadonlyArray<number>>;

export interface ITableWire {
  readonly rows: Rows;
  readonly cursor?: number;
  readonly base?: number;
  readonly dropped?: number;
}

/** A frame with that header and those tables. */
export function encodeFrame(
  header: Wire = {},
  tables: Partial<Record<TableName, ITableWire>> = {}
): ArrayBuffer {
  const named: Wire = {};
  let size = 0;
  for (const [name, { rows, cursor = 0, base = EPOCH, dropped = 0 }] of Object.entries(tables)) {
    named[name] = { rows: rows.length, cursor, base, dropped };
    for (const { type } of WIRE[name as TableName]) {
      size += Math.ceil((rows.length * BYTES[type]) / 8) * 8;
    }
  }
  const text = JSON.stringify({
    v: 1,
    seq: 0,
    time: EPOCH + 10,
    run: 'a',
    snapshot: false,
    more: false,
    tables: named,
    dictionaries: {},
    progress: {},
    events: [],
    end: null,
    ...header
  });
  let bytes = new TextEncoder().encode(text);
  const padded = Math.ceil((4 + bytes.length) / 8) * 8 - 4;
  bytes = new TextEncoder().encode(text + ' '.repeat(padded - bytes.length));
  const buffer = new ArrayBuffer(4 + padded + size);
  new DataView(buffer).setUint32(0, padded, true);
  new Uint8Array(buffer).set(bytes, 4);
  let offset = 4 + padded;
  for (const [name, { rows }] of Object.entries(tables)) {
    WIRE[name as TableName].forEach(({ type }, index) => {
      const column = columnIn(type, buffer, offset, rows.length);
      rows.forEach((row, at) => {
        column[at] = row[index];
      });
      offset += Math.ceil((rows.length * BYTES[type]) / 8) * 8;
    });
  }
  return buffer;
}

/** Entries for the dictionaries of a frame: threads of workers, and kinds by prefix. */
export function dictionaries(workers: number, threads: number, prefixes: string[]): Wire {
  return {
    lanes: {
      from: 0,
      items: Array.from({ length: workers * threads }, (_, lane) => ({
        worker: address(Math.floor(lane / threads)),
        thread: lane % threads,
        name: `${Math.floor(lane / threads)}`
      }))
    },
    kinds: {
      from: 0,
      items: prefixes.map((prefix, index) => ({
        prefix,
        group: `${prefix}-${index}f`,
        span: null,
        cell: `cell-${index % 3}`
      }))
    },
    workers: {
      from: 0,
      items: Array.from({ length: workers }, (_, worker) => ({
        address: address(worker),
        name: `${worker}`,
        host: '127.0.0.1',
        threads,
        limit: 4 * 2 ** 30
      }))
    }
  };
}

function address(worker: number): string {
  return `tcp://127.0.0.1:${40_001 + worker}`;
}
