/**
 * What this page knows of one cluster's telemetry: its tables, dictionaries and totals. Filled by
 * frames, read by plots; it outlives the cluster and knows neither sockets nor pixels.
 */
import { Grouped } from './columns';
import { FrameError, type IFrame } from './decode';
import { extend, lengthWith, within } from './dictionaries';
import { addMoments, addTasks, type AddRows, type IOlder } from './filling';
import { mergeGroups } from './groups';
import { Listeners } from './listeners';
import { TASK } from './rows';
import {
  WIRE,
  type IEnd,
  type IEvent,
  type IKind,
  type ILane,
  type IProgress,
  type ITotals,
  type IWorker,
  type TableName
} from './schema';

/** Rows that are kept: a million tasks, an hour of 100 workers, a day of the cluster. */
const CAPS: Readonly<Record<TableName, number>> = {
  tasks: 1_000_000,
  workers: 360_000,
  cluster: 430_000,
  transfers: 200_000
};

const EVENTS = 2_000;

const NOTHING: Readonly<Record<TableName, number>> = {
  tasks: 0,
  workers: 0,
  cluster: 0,
  transfers: 0
};

/** What a reader has, for a host to go on from. */
export interface ISince extends Readonly<Record<TableName, number>> {
  readonly run: string;
  readonly events: number;
  readonly dictionaries: Readonly<Record<'lanes' | 'kinds' | 'workers', number>>;
}

export class TelemetryStore {
  /** @param cap - Tasks that are kept at the most. */
  constructor(cap: number = CAPS.tasks) {
    this.tasks = new Grouped(['f64', 'f32', 'f32', 'u16', 'u8', 'u32'], TASK.duration, cap);
  }

  /** By lane. */
  readonly tasks: Grouped;
  /** By worker. */
  readonly workers = new Grouped(
    WIRE.workers.filter(column => column.name !== 'worker').map(column => column.type),
    null,
    CAPS.workers
  );
  /** One group. */
  readonly cluster = new Grouped(
    WIRE.cluster.map(column => column.type),
    null,
    CAPS.cluster
  );
  /** By receiver. */
  readonly transfers = new Grouped(
    WIRE.transfers.filter(column => column.name !== 'receiver').map(column => column.type),
    null,
    CAPS.transfers
  );
  readonly lanes: ILane[] = [];
  readonly kinds: IKind[] = [];
  readonly members: IWorker[] = [];
  /** By prefix, in the order in which they appeared. */
  readonly progress = new Map<string, IProgress>();
  /** By group, in the order in which they appeared; those whose tasks are forgotten are gone. */
  readonly groups = new Map<string, IProgress>();
  readonly events: IEvent[] = [];

  /** Told after every frame. */
  readonly changed = new Listeners();

  /** Rises with every change, so that a reader sees at a glance whether it is up to date. */
  get version(): number {
    return this._version;
  }

  /** Rises when a task has got anywhere: what depends on that may be asked for anew. */
  get work(): number {
    return this._work;
  }

  get totals(): ITotals | null {
    return this._totals;
  }

  get end(): IEnd | null {
    return this._end;
  }

  /** Whether all has come in that is new; what is older may still be on its way. */
  get complete(): boolean {
    return this._complete;
  }

  /** Whether there is nothing older to come. */
  get whole(): boolean {
    return this._complete && this._older.size === 0;
  }

  /** The newest moment that is known, in epoch seconds by the host's clock; 0 for none. */
  get now(): number {
    return this._now;
  }

  /** When the first of the kept rows began; NaN without rows. */
  get begin(): number {
    return this._begin;
  }

  /** Tasks that are counted in the totals but can no longer be shown. */
  get dropped(): number {
    return this._missed + this.tasks.dropped + (this._totals?.lost ?? 0);
  }

  /** Where a new connection goes on; null if nothing is here, or not in one piece. */
  get since(): ISince | null {
    return !this._filled || this._older.size > 0
      ? null
      : {
          run: this._run,
          ...this._next,
          events: this._eventsNext,
          dictionaries: {
            lanes: this.lanes.length,
            kinds: this.kinds.length,
            workers: this.members.length
          }
        };
  }

  /** Take in a frame; throws a FrameError, and changes nothing, if it does not fit what is here. */
  apply(frame: IFrame): void {
    // Another history under the same cluster: its rows and names are numbered anew. Or the same
    // from its beginning, after a cut between newer and older rows.
    const again = frame.seq === 0 && this._older.size > 0;
    const anew = this._filled && (frame.run !== this._run || again);
    this._check(frame, anew);
    if (anew) {
      this._forget();
    }
    this._run = frame.run;
    this._filled = true;
    extend(this.lanes, frame.lanes);
    extend(this.kinds, frame.kinds);
    extend(this.members, frame.workers);
    const seen = [
      this._add(frame, 'tasks', addTasks),
      this._add(frame, 'workers', addMoments(1)),
      this._add(frame, 'cluster', addMoments(null)),
      this._add(frame, 'transfers', addMoments(2))
    ];
    for (const each of frame.progress) {
      this.progress.set(each.name, each);
    }
    mergeGroups(this.groups, frame.groups);
    this._addEvents(frame);
    const ended = frame.totals !== null && frame.totals.tasks !== this._totals?.tasks;
    this._work += ended || frame.progress.length > 0 || frame.groups !== null ? 1 : 0;
    this._totals = frame.totals ?? this._totals;
    this._end = frame.end ?? this._end;
    this._now = Math.max(this._now, frame.time);
    this._complete ||= !frame.more;
    this._version += 1;
    // Older rows are seen when all of them are here: nothing is drawn for each frame of them.
    if (seen.includes(true) || this._older.size === 0) {
      this.changed.notify();
    }
  }

  /** Forget everything. */
  reset(): void {
    this._forget();
    this.changed.notify();
  }

  private _forget(): void {
    this._filled = false;
    for (const table of [this.tasks, this.workers, this.cluster, this.transfers]) {
      table.clear();
    }
    for (const list of [this.lanes, this.kinds, this.members, this.events]) {
      list.length = 0;
    }
    this.progress.clear();
    this.groups.clear();
    this._next = NOTHING;
    this._older.clear();
    this._eventsNext = 0;
    this._totals = null;
    this._end = null;
    this._now = 0;
    this._begin = NaN;
    this._missed = 0;
    this._complete = false;
    this._version += 1;
  }

  /** Refuse what would point beside a dictionary, which is empty where all begins anew. */
  private _check(frame: IFrame, anew: boolean): void {
    const lanes = lengthWith(anew ? [] : this.lanes, frame.lanes);
    const kinds = lengthWith(anew ? [] : this.kinds, frame.kinds);
    const workers = lengthWith(anew ? [] : this.members, frame.workers);
    const { tasks, workers: samples, transfers } = frame.tables;
    if (
      !(within(tasks?.columns[3], lanes) && within(tasks?.columns[4], kinds)) ||
      !within(samples?.columns[1], workers) ||
      !(within(transfers?.columns[1], workers) && within(transfers?.columns[2], workers))
    ) {
      throw new FrameError('A frame has rows of threads, workers or tasks that it does not name.');
    }
  }

  /** Take in the rows of one table; whether it has changed. */
  private _add(frame: IFrame, name: TableName, add: AddRows): boolean {
    const table = this[name];
    const rows = frame.tables[name];
    const bound = frame.older[name];
    if (bound !== undefined && this._next[name] === 0) {
      this._older.set(name, { rows: table.empty(), next: 0, end: bound });
      this._next = { ...this._next, [name]: bound };
    }
    const older = this._older.get(name);
    let changed = older !== undefined && bound === undefined;
    if (rows !== undefined) {
      const behind = older !== undefined && rows.cursor < older.end ? older : null;
      const next = behind?.next ?? this._next[name];
      const after = Math.max(next, rows.cursor + rows.rows);
      this._miss(name, rows.cursor - next);
      // Of rows that overlap with what is here only the new ones count.
      const from = Math.max(0, next - rows.cursor);
      if (from < rows.rows) {
        add(behind?.rows ?? table, rows, from, this._seen);
      }
      if (behind === null) {
        this._next = { ...this._next, [name]: after };
        changed ||= from < rows.rows;
      } else {
        behind.next = after;
      }
    }
    if (older !== undefined && bound === undefined) {
      this._miss(name, older.end - older.next);
      table.precede(older.rows);
      this._older.delete(name);
    }
    return changed;
  }

  /** Count what the host could no longer give, after an absence or from the beginning. */
  private _miss(name: TableName, rows: number): void {
    this._missed += name === 'tasks' ? Math.max(0, rows) : 0;
  }

  private _addEvents(frame: IFrame): void {
    const from = frame.eventsFrom ?? this._eventsNext;
    this.events.push(...frame.events.slice(Math.max(0, this._eventsNext - from)));
    this.events.splice(0, Math.max(0, this.events.length - EVENTS));
    this._eventsNext = Math.max(this._eventsNext, from + frame.events.length);
  }

  private readonly _seen = (begin: number, end: number): void => {
    if (!(begin >= this._begin)) {
      this._begin = begin;
    }
    if (end > this._now) {
      this._now = end;
    }
  };

  private _filled = false;
  private _run = '';
  private _next: Readonly<Record<TableName, number>> = NOTHING;
  private readonly _older = new Map<TableName, IOlder>();
  private _eventsNext = 0;
  private _version = 0;
  private _work = 0;
  private _totals: ITotals | null = null;
  private _end: IEnd | null = null;
  private _now = 0;
  private _begin = NaN;
  private _missed = 0;
  private _complete = false;
}
