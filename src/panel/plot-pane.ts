/**
 * One live plot of one cluster, as the content of a main-area pane. It is connected while it is
 * seen and the cluster lives; what has been seen stays when the cluster is gone.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { IClusters } from '../clusters/manager';
import { PlotView } from '../plot/view';
import { PLOTS } from '../plots/list';
import { plotTitle, type PlotName } from '../plots/names';
import type { PlotSession, PlotSessions } from '../plots/session';
import { plotStatus, wantsTelemetry } from './plot-status';

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
    this._watch(shown && wantsTelemetry(this._options.clusters, this._session));
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
    const { clusterName, clusters, trans } = this._options;
    const status = plotStatus(clusters, this._session, clusterName, trans);
    if (status !== this._said) {
      this._said = status;
      this._view.status = status;
    }
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
