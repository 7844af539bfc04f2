/** Plots that are drawn in an output: of a cluster while that lives, or of a recording. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICluster } from '../api/contract';
import type { IClusters } from '../clusters/manager';
import { plotStatus, wantsTelemetry } from '../panel/plot-status';
import type { RecordedStage } from '../plots/recorded';
import type { PlotSession, PlotSessions } from '../plots/session';
import { PlotStack } from '../plots/stack';
import type { IPayload } from './payload';

export interface IDrawn {
  readonly node: HTMLElement;
  /** What is to be said of them. */
  readonly status: string;
  /** Whether they are near what is seen. */
  near: boolean;
  dispose(): void;
}

/** Connected while they are seen; what was seen stays when the cluster is gone. */
export class LivePlots implements IDrawn {
  /** @param changed - Called when there is something else to say. */
  constructor(
    sessions: PlotSessions,
    clusters: IClusters,
    cluster: ICluster,
    payload: IPayload,
    trans: TranslationBundle,
    changed: () => void
  ) {
    this._sessions = sessions;
    this._clusters = clusters;
    this._name = cluster.name;
    this._trans = trans;
    this._changed = changed;
    this._session = sessions.take(cluster.id);
    const { axis, source, store, users } = this._session;
    if (payload.seconds !== null && users === 1 && store.now === 0) {
      axis.last(payload.seconds); // who looks at it already keeps the time that is shown
    }
    this._stack = new PlotStack(this._session, payload.plots, cluster.name, false);
    this._ends = [source, axis, store].map(each => each.changed.add(this._update));
    clusters.changed.connect(this._update, this);
    clusters.reconnected.connect(this._retry, this);
  }

  get node(): HTMLElement {
    return this._stack.node;
  }

  get status(): string {
    return plotStatus(this._clusters, this._session, this._name, this._trans);
  }

  set near(near: boolean) {
    this._near = near;
    this._update();
  }

  dispose(): void {
    this._clusters.changed.disconnect(this._update, this);
    this._clusters.reconnected.disconnect(this._retry, this);
    this._ends.forEach(end => end());
    this._unwatch?.();
    this._unwatch = null;
    this._stack.dispose();
    this._sessions.release(this._session);
  }

  private readonly _update = (): void => {
    const wanted = this._near && wantsTelemetry(this._clusters, this._session);
    if (wanted !== this._watching) {
      this._watching = wanted;
      if (wanted) {
        this._unwatch = this._session.source.watch();
      } else {
        this._unwatch?.();
        this._unwatch = null;
      }
    }
    this._changed();
  };

  private _retry(): void {
    this._session.source.retry();
  }

  private readonly _sessions: PlotSessions;
  private readonly _clusters: IClusters;
  private readonly _name: string;
  private readonly _trans: TranslationBundle;
  private readonly _changed: () => void;
  private readonly _session: PlotSession;
  private readonly _stack: PlotStack;
  private readonly _ends: ReadonlyArray<() => void>;
  private _near = false;
  private _watching = false;
  private _unwatch: (() => void) | null = null;
}

/** All there is; needs no kernel, no cluster and no server. */
export class RecordedPlots implements IDrawn {
  constructor(stage: RecordedStage, payload: IPayload, trans: TranslationBundle) {
    const { dropped } = stage.store;
    const begin = payload.recording?.range.from ?? 0;
    const parts = [trans.__('Recorded %1', new Date(begin * 1000).toLocaleString())];
    if (dropped > 0) {
      const gone = dropped.toLocaleString();
      parts.push(
        trans._n('%2 older task is left out', '%2 older tasks are left out', dropped, gone)
      );
    }
    this.status = parts.join(' · ');
    this._stack = new PlotStack(stage, payload.plots, 'recording', true);
  }

  readonly status: string;
  /** The plots themselves know whether they are seen; nothing else has to. */
  near = false;

  get node(): HTMLElement {
    return this._stack.node;
  }

  dispose(): void {
    this._stack.dispose();
  }

  private readonly _stack: PlotStack;
}
