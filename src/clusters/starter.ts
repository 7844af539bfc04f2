/** Starts clusters: with one click as the last time, or with settings that were chosen. */
import { UUID } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ICluster, ILaunch } from '../api/contract';
import { DEFAULT_CHOICE, launchOf, readChoice, type IChoice } from './settings';
import type { IClusters } from './manager';

/** Where a launch comes from: a new cluster works where the notebook in front does. */
export interface ISurroundings {
  /** The notebook's folder, relative to the server's root. */
  readonly folder: string | null;
  /** The kernelspec of the notebook. */
  readonly environment: string | null;
}

/** Where the last choice is kept between two visits. */
export interface IMemory {
  fetch(): Promise<unknown>;
  save(choice: IChoice): Promise<void>;
}

export interface IStarter {
  /** What was launched last; the defaults before anything was. */
  readonly last: IChoice;
  /** Emitted when something else was launched than the last time. */
  readonly changed: ISignal<IStarter, void>;
  /** Resolves when the last choice is known. */
  readonly ready: Promise<void>;
  /** The kernelspec of the notebook in front, if a cluster can be launched with it. */
  environment(): Promise<string | null>;
  /** The request that a choice amounts to here and now. */
  request(choice: IChoice, name?: string | null, id?: string): Promise<ILaunch>;
  /** Have what the next click needs warmed up, as the last time; failing at it is no news. */
  warm(): Promise<void>;
  /** Launch, and remember the choice once the server has accepted it. */
  start(choice: IChoice, name?: string | null, id?: string): Promise<ICluster>;
}

/** An id for a launch: asking twice with the same one makes one cluster. */
export function newLaunchId(): string {
  return UUID.uuid4().replace(/-/g, '');
}

export class Starter implements IStarter {
  constructor(clusters: IClusters, surroundings: ISurroundings, memory: IMemory | null) {
    this._clusters = clusters;
    this._surroundings = surroundings;
    this._memory = memory;
    this.ready = this._recall();
  }

  readonly ready: Promise<void>;

  get last(): IChoice {
    return this._last;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  async environment(): Promise<string | null> {
    const name = this._surroundings.environment;
    if (name === null) {
      return null;
    }
    const known = await this._clusters.api.environments();
    return known.some(each => each.name === name) ? name : null;
  }

  async request(
    choice: IChoice,
    name: string | null = null,
    id: string = newLaunchId()
  ): Promise<ILaunch> {
    const cwd = this._surroundings.folder;
    // The notebook's kernel may be one that the server cannot launch with.
    const environment = choice.environment === null ? await this.environment() : null;
    return launchOf(choice, { id, name, cwd, environment });
  }

  async warm(): Promise<void> {
    await this.ready;
    await this._clusters.api.warm(await this.request(this._last)).catch(() => undefined);
  }

  async start(choice: IChoice, name?: string | null, id?: string): Promise<ICluster> {
    const cluster = await this._clusters.launch(await this.request(choice, name, id));
    this._last = choice;
    this._changed.emit();
    // Not waited for: a server that keeps no state launches clusters all the same.
    this._memory?.save(choice).catch(() => undefined);
    return cluster;
  }

  private async _recall(): Promise<void> {
    const kept: unknown = await this._memory?.fetch().catch(() => undefined);
    // A launch may have been quicker.
    if (this._last === DEFAULT_CHOICE) {
      this._last = readChoice(kept);
      this._changed.emit();
    }
  }

  private readonly _clusters: IClusters;
  private readonly _surroundings: ISurroundings;
  private readonly _memory: IMemory | null;
  private readonly _changed = new Signal<this, void>(this);
  private _last = DEFAULT_CHOICE;
}
