/**
 * The tables of version 1 of the telemetry contract: names, columns and types, in the order of the
 * wire. The counterpart is `python/dasklab/telemetry/tables.py`.
 */

export const VERSION = 1;

export type TableName = 'tasks' | 'workers' | 'cluster' | 'transfers';

export const TABLES: ReadonlyArray<TableName> = ['tasks', 'workers', 'cluster', 'transfers'];

/** All that a frame may bring: the tables, and what stands in its header. */
export const PARTS: ReadonlyArray<string> = [...TABLES, 'progress', 'groups', 'events'];

export type ColumnType = 'f64' | 'f32' | 'u32' | 'u16' | 'u8';

export type Column = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

export interface IColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
}

export const BYTES: Readonly<Record<ColumnType, number>> = {
  f64: 8,
  f32: 4,
  u32: 4,
  u16: 2,
  u8: 1
};

/** A column as a view into a piece of memory. */
export function columnIn(
  type: ColumnType,
  buffer: ArrayBuffer,
  offset: number,
  rows: number
): Column {
  switch (type) {
    case 'f64':
      return new Float64Array(buffer, offset, rows);
    case 'f32':
      return new Float32Array(buffer, offset, rows);
    case 'u32':
      return new Uint32Array(buffer, offset, rows);
    case 'u16':
      return new Uint16Array(buffer, offset, rows);
    case 'u8':
      return new Uint8Array(buffer, offset, rows);
  }
}

function columns(text: string): ReadonlyArray<IColumnSpec> {
  return text.split(' ').map(each => {
    const [name, type] = each.split(':');
    return { name, type: type as ColumnType };
  });
}

/** Seconds, bytes, cores and bytes a second; times are epoch seconds unless said otherwise. */
export const WIRE: Readonly<Record<TableName, ReadonlyArray<IColumnSpec>>> = {
  // `start` counts from the `base` of its frame.
  tasks: columns('start:f32 duration:f32 nbytes:f32 lane:u16 kind:u16 what:u8'),
  workers: columns(
    'time:f64 worker:u16 process:f32 managed:f32 unmanaged_recent:f32 spilled:f32 cpu:f32 ' +
      'read:f32 write:f32 disk_read:f32 disk_write:f32 lag:f32 gil:f32 executing:u16 ready:u16 ' +
      'status:u8'
  ),
  cluster: columns(
    'time:f64 processing:u32 waiting:u32 queued:u32 no_worker:u32 memory:u32 erred:u32 ' +
      'occupancy:f32 workers:u16 threads:u16 used:f64 limit:f64 managed:f64 unmanaged:f64 ' +
      'spilled:f64 cpu:f32 lag:f32'
  ),
  // A pair of workers (both point into `workers`) and a heartbeat of the receiver.
  transfers: columns('time:f64 sender:u16 receiver:u16 count:u32 nbytes:f32 busy:f32 span:f32')
};

/** The low four bits of `what`. */
export const ACTION = 15;
export const ERRED = 16;
export const RETRIED = 32;

/** What a row of `tasks` was, by `what & ACTION`. */
export const ACTIONS = [
  'compute',
  'transfer',
  'disk-read',
  'disk-write',
  'deserialize',
  'other'
] as const;

/** A thread of a worker: a row of the task stream. */
export interface ILane {
  readonly worker: string;
  readonly thread: number;
  readonly name: string;
}

/** What tasks have in common: prefix, group, and the span and cell that made them. */
export interface IKind {
  readonly prefix: string;
  readonly group: string;
  readonly span: string | null;
  readonly cell: string | null;
}

export interface IWorker {
  readonly address: string;
  readonly name: string;
  readonly host: string;
  readonly threads: number;
  /** Bytes; 0 for none. */
  readonly limit: number;
}

/** How the tasks of a prefix or of a group stand. */
export interface IProgress {
  readonly name: string;
  /** Of a group; of a prefix its name. */
  readonly prefix: string;
  readonly released: number;
  readonly waiting: number;
  readonly processing: number;
  readonly queued: number;
  readonly memory: number;
  readonly erred: number;
  readonly noWorker: number;
  readonly forgotten: number;
  /** Mean seconds a task. */
  readonly duration: number | null;
}

export interface IEvent {
  readonly time: number;
  readonly kind: string;
  readonly text: string;
  /** Address of the worker that it is about. */
  readonly worker: string | null;
}

/** Exact for the whole life of the cluster, also of rows that are gone. */
export interface ITotals {
  readonly tasks: number;
  readonly compute: number;
  readonly transfer: number;
  readonly disk: number;
  readonly deserialize: number;
  readonly other: number;
  readonly erred: number;
  readonly retried: number;
  /** Rows that were overwritten before anybody read them. */
  readonly lost: number;
  readonly nbytes: number;
  /** Transfers between workers, and their bytes. */
  readonly transfers: number;
  readonly transferred: number;
}

/** Why a cluster's telemetry is over. */
export interface IEnd {
  readonly phase: string;
  readonly reason: string;
}
