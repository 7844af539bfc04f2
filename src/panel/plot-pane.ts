/**
 * One live plot of one cluster, as the content of a main-area pane. It is connected while it is
 * seen and the cluster lives; what has been seen stays when the cluster is gone.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { hasEnded } from '../api/contract';
import type { IClusters } from '../clusters/manager';
import { PlotView } from '../plot/view';
import { PLOTS } from '../plots/list';
import { plotTitle, type PlotName } from '../plots/names';
import type { PlotSession, PlotSessions } from '../plots/session';

export interface IPlotOptions {
  clusters: IClusters;
  sessions: PlotSessions;
  trans: TranslationBundle;
  /** The cluster's id. */
  cluster: string;
  /** Its name, to speak of it when it is gone. */
  clusterName: string;
  plot: PlotName;
}

export class PlotPane extends Widget {
  constructor(options: IPlotOptions) {
    super();
    const { cluster, clusterName, clusters, plot, sessions, trans } = options;
    this._options = options;
    this.addClass('dasklab-PlotPane');
    const title = plotTitle(plot, trans);
    this.title.label = trans.__('%1 · %2', title, clusterName);
    this.title.caption = trans.__('%1 of the Dask cluster %2', title, clusterName);
    this._session = sessions.take(cluster);
    const found = PLOTS.find(each => each.name === plot);
    if (found === undefined) {
      throw new Error(`There is no plot “${plot}”.`);
    }
    this._view = new PlotView(found, this._session, title, clusterName);
    this.node.append(this._view.node);
    clusters.changed.connect(this._update, this);
    clusters.reconnected.connect(this._onReconnected, this);
    this._ends = [
      this._session.source.changed.add(() => this._update()),
      this._session.axis.changed.add(() => this._update()),
      this._session.store.changed.add(() => this._say())
    ];
  }

  get cluster(): string {
    return this._options.cluster;
  }

  get plot(): PlotName {
    return this._options.plot;
  }

  /** The arguments of the command that opens it again. */
  get arguments(): ReadonlyJSONObject {
    const { cluster, clusterName, plot } = this._options;
    return { cluster, clusterName, plot };
  }

  override dispose(): void {
    if (!this.isDisposed) {
      const { clusters, sessions } = this._options;
      clusters.changed.disconnect(this._update, this);
      clusters.reconnected.disconnect(this._onReconnected, this);
      this._ends.forEach(end => end());
      this._watch(false);
      this._view.dispose();
      sessions.release(this._session);
      super.dispose();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._update();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._update();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._update();
  }

  protected override onBeforeDetach(msg: Message): void {
    this._view.visible = false;
    this._watch(false);
    super.onBeforeDetach(msg);
  }

  protected override onActivateRequest(): void {
    this._view.canvas.focus({ preventScroll: true });
  }

  /** Watch or not, as the cluster and the pane ask for; say how it stands. */
  private _update(): void {
    if (this.isDisposed) {
      return;
    }
    const shown = this.isAttached && this.isVisible;
    this._view.visible = shown;
    const cluster = this._options.clusters.get(this._options.cluster);
    // Of a cluster that has ended, what its host kept is read once, if it was not seen before.
    const wanted =
      shown &&
      cluster !== null &&
      cluster.phase !== 'starting' &&
      !(hasEnded(cluster.phase) && this._session.store.complete);
    this._watch(wanted);
    this._say();
  }

  private _watch(wanted: boolean): void {
    if (wanted !== this._watching) {
      // First, because a source that begins to connect tells us so at once.
      this._watching = wanted;
      if (wanted) {
        this._unwatch = this._session.source.watch();
      } else {
        this._unwatch?.();
        this._unwatch = null;
      }
    }
  }

  private _say(): void {
    const status = this._status();
    if (status !== this._said) {
      this._said = status;
      this._view.status = status;
    }
  }

  private _status(): string {
    const { clusterName, clusters, trans } = this._options;
    const { axis, source, store } = this._session;
    const cluster = clusters.get(this._options.cluster);
    const known = store.complete;
    if (cluster === null) {
      return !clusters.state.loaded
        ? trans.__('Looking for the cluster…')
        : known
          ? trans.__('“%1” is gone. This is its history.', clusterName)
          : trans.__('“%1” is no longer known, and nothing was seen of it here.', clusterName);
    }
    if (hasEnded(cluster.phase) || (store.end !== null && store.end.phase !== 'off')) {
      return known
        ? trans.__('“%1” has ended. This is its history.', clusterName)
        : source.connection === 'ended'
          ? trans.__('“%1” has ended, and nothing of it was kept.', clusterName)
          : trans.__('“%1” has ended. Reading what was kept of it…', clusterName);
    }
    if (store.end?.phase === 'off') {
      return store.end.reason || trans.__('Telemetry is switched off for this cluster.');
    }
    if (cluster.phase === 'starting') {
      return trans.__('“%1” is starting.', clusterName);
    }
    if (source.connection === 'broken') {
      return trans.__('The connection is lost. It is tried again…');
    }
    if (!known) {
      return trans.__('Waiting for the first data…');
    }
    const parts = [];
    if (!axis.following) {
      parts.push(trans.__('Paused'));
    }
    if (store.dropped > 0) {
      const gone = store.dropped.toLocaleString();
      parts.push(
        trans._n('%2 older task is not kept', '%2 older tasks are not kept', store.dropped, gone)
      );
    }
    return parts.join(' · ');
  }

  private _onReconnected(): void {
    this._session.source.retry();
  }

  private readonly _options: IPlotOptions;
  private readonly _session: PlotSession;
  private readonly _view: PlotView;
  private readonly _ends: ReadonlyArray<() => void>;
  private _unwatch: (() => void) | null = null;
  private _watching = false;
  private _said = '';
}
