/** What all plots of one cluster share: its store, connection, time axis and filter. */
import { Filter } from '../plot/filter';
import type { ICellDoor, IProfileQuestion, IStage, IStanding, IWords } from '../plot/plot';
import { TimeAxis, type IRange } from '../plot/time-axis';
import type { IAttention } from '../telemetry/attention';
import { Asked } from '../telemetry/asked';
import { readCallTree, type ICallTree } from '../telemetry/call-tree';
import { Listeners } from '../telemetry/listeners';
import { TelemetrySource, type ISocket } from '../telemetry/source';
import { readTaskGraph, type ITaskGraph } from '../telemetry/task-graph';
import { TelemetryStore } from '../telemetry/store';
import { RecordedStage } from './recorded';

/** Clusters whose history is kept though none of their plots is open. */
const KEPT = 6;

/** Milliseconds between two looks: the scheduler asks all its workers for a profile. */
const PROFILE_PAUSE = 5_000;
const GRAPH_PAUSE = 1_000;

/** Where telemetry comes from; whoever shows plots knows. */
export interface ITelemetryDoor {
  open(cluster: string): ISocket;
  /** The keys of some rows from a number on. */
  keys(cluster: string, from: number, rows: number): Promise<ReadonlyArray<string>>;
  /** The answers are read by the session. */
  profile(cluster: string, since: number | null, until: number | null): Promise<unknown>;
  graph(cluster: string, known: string | null): Promise<unknown>;
  /** Missing where there are no notebooks. */
  readonly cells?: ICellDoor;
}

const NO_CELLS: ICellDoor = { title: () => null, show: () => {} };

export class PlotSession implements IStage {
  constructor(cluster: string, door: ITelemetryDoor, words: IWords, attention: IAttention) {
    this.cluster = cluster;
    this.words = words;
    this.cells = door.cells ?? NO_CELLS;
    this._door = door;
    const told = (): void => this.told.notify();
    this.profile = new Asked(
      async ({ since, until }) => readCallTree(await door.profile(cluster, since, until)),
      told,
      PROFILE_PAUSE
    );
    this.graph = new Asked(
      async (_, before) =>
        readTaskGraph(await door.graph(cluster, before?.shape.id || null), before),
      told,
      GRAPH_PAUSE
    );
    this.source = new TelemetrySource(this.store, () => door.open(cluster), attention);
    this.store.changed.add(() => this.axis.extend(this.store.begin, this.store.now));
    this.axis.changed.add(this._onAxis);
  }

  readonly cluster: string;
  readonly cells: ICellDoor;
  readonly words: IWords;
  readonly store = new TelemetryStore();
  readonly axis = new TimeAxis();
  readonly filter = new Filter();
  readonly source: TelemetrySource;
  readonly profile: Asked<IProfileQuestion, ICallTree>;
  readonly graph: Asked<number, ITaskGraph>;
  readonly told = new Listeners();

  /** Plots that are open. */
  users = 0;

  /** The store says how all stands now, and keeps no past of it. */
  get standing(): IStanding {
    return this._paused ?? this.store;
  }

  async keyOf(row: number): Promise<string | null> {
    const known = this._keys.get(row);
    if (known !== undefined) {
      return known;
    }
    try {
      const [key] = await this._door.keys(this.cluster, row, 1);
      if (key !== undefined) {
        if (this._keys.size > 500) {
          this._keys.clear();
        }
        this._keys.set(row, key);
      }
      return key ?? null;
    } catch {
      // The cluster is gone, or so old that nobody knows the key: the bar says enough.
      return null;
    }
  }

  dispose(): void {
    this.source.dispose();
    this.profile.dispose();
    this.graph.dispose();
    this.told.clear();
    this.store.changed.clear();
    this.axis.changed.clear();
  }

  private readonly _onAxis = (): void => {
    const { groups, now, progress } = this.store;
    if (this.axis.following) {
      this._paused = null;
    } else if (this._paused === null && now > 0) {
      this._paused = { progress: new Map(progress), groups: new Map(groups) };
    }
  };

  private readonly _door: ITelemetryDoor;
  private readonly _keys = new Map<number, string>();
  private _paused: IStanding | null = null;
}

/** The sessions of a page. They outlive their clusters and, for a while, their plots. */
export class PlotSessions {
  constructor(door: ITelemetryDoor, words: IWords, attention: IAttention) {
    this._door = door;
    this._words = words;
    this._attention = attention;
  }

  /** The session of a cluster, in use until `release`. */
  take(cluster: string): PlotSession {
    let session = this._all.get(cluster);
    if (session === undefined) {
      session = new PlotSession(cluster, this._door, this._words, this._attention);
    }
    // The one that was used last is the last of the map.
    this._all.delete(cluster);
    this._all.set(cluster, session);
    session.users += 1;
    return session;
  }

  /** A recording, which has nothing in common with any cluster that is there. */
  recorded(data: string, range: IRange): Promise<RecordedStage> {
    return RecordedStage.open(data, range, this._words, this._door.cells ?? NO_CELLS);
  }

  release(session: PlotSession): void {
    session.users -= 1;
    const unused = [...this._all.values()].filter(each => each.users === 0);
    for (const each of unused.slice(0, Math.max(0, unused.length - KEPT))) {
      this._all.delete(each.cluster);
      each.dispose();
    }
  }

  private readonly _door: ITelemetryDoor;
  private readonly _words: IWords;
  private readonly _attention: IAttention;
  private readonly _all = new Map<string, PlotSession>();
}
