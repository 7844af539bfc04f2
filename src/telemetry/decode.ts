/**
 * From the bytes of a frame to its tables. What comes in is hostile: names are cut, numbers are
 * checked, and a frame that does not add up is refused as a whole, so that half of one never gets
 * into a store.
 */
import {
  BYTES,
  TABLES,
  VERSION,
  WIRE,
  columnIn,
  type Column,
  type IEnd,
  type IEvent,
  type IKind,
  type ILane,
  type IProgress,
  type ITotals,
  type IWorker,
  type TableName
} from './schema';
import { count, isObject, number, object, optional, text, type Json } from './values';

/** Bytes of a header; the contract allows a megabyte for the whole frame. */
const HEADER = 1 << 20;

/** Rows of a table in one frame, far above what a host sends. */
const ROWS = 1 << 20;

/** Entries of a dictionary: the columns that point into them have 16 bits. */
const ENTRIES = 1 << 16;

/** A frame that does not follow the contract. */
export class FrameError extends Error {}

export interface IRows {
  readonly rows: number;
  /** Number of the first row, counted for the history's whole life. */
  readonly cursor: number;
  /** What times of the tasks are counted from, in epoch seconds. */
  readonly base: number;
  /** Rows of the history that the host no longer has. */
  readonly dropped: number;
  /** In the order of the wire; views into the frame. */
  readonly columns: ReadonlyArray<Column>;
}

export interface IEntries<T> {
  /** Index of the first entry. */
  readonly from: number;
  readonly items: ReadonlyArray<T>;
}

/** The groups that changed. */
export interface IGroups {
  /** Whether there are no others than these. */
  readonly whole: boolean;
  readonly items: ReadonlyArray<IProgress>;
  /** Names of those that the scheduler has forgotten. */
  readonly gone: ReadonlyArray<string>;
}

export interface IFrame {
  readonly seq: number;
  /** The host's clock when it was sent, in epoch seconds. */
  readonly time: number;
  /** Which history the rows are numbered in; empty where the host does not say. */
  readonly run: string;
  readonly snapshot: boolean;
  readonly more: boolean;
  /** Tables of which older rows come behind the newer ones, and the number at which those began. */
  readonly older: Readonly<Partial<Record<TableName, number>>>;
  readonly tables: Readonly<Partial<Record<TableName, IRows>>>;
  readonly lanes: IEntries<ILane> | null;
  readonly kinds: IEntries<IKind> | null;
  readonly workers: IEntries<IWorker> | null;
  readonly totals: ITotals | null;
  readonly progress: ReadonlyArray<IProgress>;
  readonly groups: IGroups | null;
  readonly events: ReadonlyArray<IEvent>;
  /** Number of the first of them; null if all are new. */
  readonly eventsFrom: number | null;
  readonly end: IEnd | null;
  /** Of a recording: what its cluster said when it was asked, by the name of the plot. */
  readonly answers: Json;
}

/** Read a frame; throws a {@link FrameError} if it is not one. */
export function decodeFrame(buffer: ArrayBuffer): IFrame {
  if (buffer.byteLength < 8) {
    throw new FrameError('A frame ends before its header.');
  }
  const length = new DataView(buffer).getUint32(0, true);
  if (length > HEADER || 4 + length > buffer.byteLength || (4 + length) % 8 !== 0) {
    throw new FrameError('A frame has a header of an impossible length.');
  }
  const header = readHeader(new Uint8Array(buffer, 4, length));
  if (header.v !== VERSION) {
    throw new FrameError(`A frame is of version ${text(header.v, 20)}, not ${VERSION}.`);
  }
  const dictionaries = object(header.dictionaries);
  const end = object(header.end);
  return {
    seq: count(header.seq),
    time: number(header.time),
    run: text(header.run),
    snapshot: header.snapshot === true,
    more: header.more === true,
    older: readOlder(object(header.older)),
    tables: readTables(buffer, 4 + length, object(header.tables)),
    lanes: readEntries(dictionaries.lanes, readLane),
    kinds: readEntries(dictionaries.kinds, readKind),
    workers: readEntries(dictionaries.workers, readWorker),
    totals: isObject(header.totals) ? readTotals(header.totals) : null,
    progress: Object.entries(object(header.progress)).map(readProgress),
    groups: isObject(header.groups) ? readGroups(header.groups) : null,
    events: (Array.isArray(header.events) ? header.events : []).filter(isObject).map(readEvent),
    eventsFrom: typeof header.events_from === 'number' ? count(header.events_from) : null,
    end: isObject(header.end) ? { phase: text(end.phase), reason: text(end.reason) } : null,
    answers: object(object(header.recording).answers)
  };
}

function readHeader(bytes: Uint8Array): Json {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new FrameError('The header of a frame is not JSON.');
  }
  if (!isObject(header)) {
    throw new FrameError('The header of a frame is not an object.');
  }
  return header;
}

function readTables(buffer: ArrayBuffer, begin: number, header: Json): IFrame['tables'] {
  const tables: Partial<Record<TableName, IRows>> = {};
  let offset = begin;
  for (const [name, value] of Object.entries(header)) {
    const known = TABLES.find(each => each === name);
    if (known === undefined) {
      // Of a table that is not known the columns are not either, nor where the next one begins.
      throw new FrameError(`A frame has a table “${text(name, 40)}”.`);
    }
    const given = object(value);
    const rows = count(given.rows);
    if (rows > ROWS) {
      throw new FrameError('A frame has too many rows.');
    }
    const columns: Column[] = [];
    for (const { type } of WIRE[known]) {
      const size = rows * BYTES[type];
      if (offset + size > buffer.byteLength) {
        throw new FrameError('A frame ends before its columns.');
      }
      columns.push(columnIn(type, buffer, offset, rows));
      offset += Math.ceil(size / 8) * 8;
    }
    tables[known] = {
      rows,
      cursor: count(given.cursor),
      base: number(given.base),
      dropped: count(given.dropped),
      columns
    };
  }
  return tables;
}

function readOlder(older: Json): IFrame['older'] {
  return Object.fromEntries(
    TABLES.filter(name => older[name] !== undefined).map(name => [name, count(older[name])])
  );
}

function readEntries<T>(value: unknown, read: (item: Json) => T): IEntries<T> | null {
  if (!isObject(value) || !Array.isArray(value.items)) {
    return null;
  }
  const from = count(value.from);
  if (from + value.items.length > ENTRIES) {
    throw new FrameError('A frame has a dictionary that is too long.');
  }
  return { from, items: value.items.map(item => read(object(item))) };
}

function readLane(item: Json): ILane {
  return { worker: text(item.worker), thread: number(item.thread), name: text(item.name) };
}

function readKind(item: Json): IKind {
  return {
    prefix: text(item.prefix),
    group: text(item.group),
    span: optional(item.span),
    cell: optional(item.cell)
  };
}

function readWorker(item: Json): IWorker {
  return {
    address: text(item.address),
    name: text(item.name),
    host: text(item.host),
    threads: count(item.threads),
    limit: Math.max(0, number(item.limit))
  };
}

function readTotals(item: Json): ITotals {
  return {
    tasks: count(item.tasks),
    compute: number(item.compute),
    transfer: number(item.transfer),
    disk: number(item.disk),
    deserialize: number(item.deserialize),
    other: number(item.other),
    erred: count(item.erred),
    retried: count(item.retried),
    lost: count(item.lost),
    nbytes: number(item.nbytes),
    transfers: count(item.transfers),
    transferred: number(item.transferred)
  };
}

function readGroups(item: Json): IGroups {
  const items = Object.entries(object(item.items));
  return {
    whole: item.whole === true,
    items: items.filter(([, value]) => value !== null).map(readProgress),
    gone: items.filter(([, value]) => value === null).map(([name]) => text(name))
  };
}

function readProgress([name, value]: readonly [string, unknown]): IProgress {
  const item = object(value);
  return {
    name: text(name),
    prefix: text(item.prefix ?? name),
    released: count(item.released),
    waiting: count(item.waiting),
    processing: count(item.processing),
    queued: count(item.queued),
    memory: count(item.memory),
    erred: count(item.erred),
    noWorker: count(item.no_worker),
    forgotten: count(item.forgotten),
    duration: typeof item.duration === 'number' ? number(item.duration) : null
  };
}

function readEvent(item: Json): IEvent {
  return {
    time: number(item.time),
    kind: text(item.kind, 40),
    text: text(item.text),
    worker: optional(item.worker)
  };
}
