import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  IRunningSessionManagers,
  IRunningSessionSidebar,
  type IRunningSessions
} from '@jupyterlab/running';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { hasEnded, type ICluster } from '../api/contract';
import type { IClusters as Clusters } from '../clusters/manager';
import { stopAll, stoppable, stopAllText } from '../clusters/stop-all';
import { IClusters, IMode } from '../tokens';
import { daskIcon, stopIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { launchRefusal, originText, phaseName } from '../ui/words';
import { CommandIDs } from './ids';

/** The clusters among the other things that run. */
export const running: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:running',
  description: 'Lists the Dask clusters in the panel of running sessions.',
  autoStart: true,
  requires: [IClusters, IMode],
  optional: [IRunningSessionManagers, IRunningSessionSidebar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    mode: IMode,
    managers: IRunningSessionManagers | null,
    sidebar: IRunningSessionSidebar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const manager = new RunningClusters(app, clusters, mode, trans);
    if (mode.readOnly) {
      // A manager has no word in whether there is a button that stops all. Where the sidebar tells
      // of its sections (since JupyterLab 4.6) it is taken away; else its question says why not.
      sidebar?.sectionAdded?.connect((_, { id, widget }) => {
        if (id === manager.name && widget instanceof PanelWithToolbar) {
          for (const button of widget.toolbar.children()) {
            button.setHidden(button.node.dataset.jpItemName === 'shutdown-all');
          }
        }
      });
    }
    managers?.add(manager);
  }
};

class RunningClusters implements IRunningSessions.IManager {
  constructor(app: JupyterFrontEnd, clusters: Clusters, mode: IMode, trans: TranslationBundle) {
    this._app = app;
    this._clusters = clusters;
    this._mode = mode;
    this._trans = trans;
    this.name = trans.__('Dask Clusters');
    this.shutdownLabel = trans.__('Stop…');
    this.shutdownAllLabel = trans.__('Stop All');
    clusters.changed.connect(this._onChanged, this);
  }

  readonly name: string;
  readonly shutdownLabel: string;
  readonly shutdownAllLabel: string;
  readonly shutdownItemIcon = stopIcon;
  readonly runningChanged = new Signal<this, void>(this);

  running(): IRunningSessions.IRunningItem[] {
    return this._living.map(cluster => ({
      icon: () => daskIcon,
      label: () => cluster.name,
      labelTitle: () => originText(cluster, this._trans),
      detail: () => this._detail(cluster),
      open: () => this._run(CommandIDs.showCluster, cluster),
      // Without one the section shows no button.
      ...(this._mode.readOnly ? {} : { shutdown: () => this._run(CommandIDs.stopCluster, cluster) })
    }));
  }

  refreshRunning(): void {
    void this._clusters.refresh();
  }

  /** Read by the section when it asks. */
  get shutdownAllConfirmationText(): string {
    const refusal = this._mode.readOnly && launchRefusal(this._mode, this._trans);
    return refusal || stopAllText(this._stoppable, this._trans);
  }

  shutdownAll(): void {
    // The section has asked already, so not the command, which would ask again.
    void reporting(this._trans, () => stopAll(this._stoppable, this._clusters))(undefined);
  }

  private get _stoppable(): ICluster[] {
    return stoppable(this._clusters.state.clusters);
  }

  private get _living(): ICluster[] {
    return this._clusters.state.clusters.filter(cluster => !hasEnded(cluster.phase));
  }

  private _run(command: string, cluster: ICluster): void {
    void this._app.commands.execute(command, { cluster: cluster.id });
  }

  private _detail(cluster: ICluster): string {
    return cluster.phase === 'running'
      ? this._trans._n('%1 worker', '%1 workers', cluster.workers.running)
      : phaseName(cluster.phase, this._trans);
  }

  private _onChanged(): void {
    // The section paints all its items anew: only when one of them reads differently.
    const text = this._living
      .map(({ id, name, phase, workers }) => `${id} ${name} ${phase} ${workers.running}`)
      .join('\n');
    if (text !== this._text) {
      this._text = text;
      this.runningChanged.emit();
    }
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _clusters: Clusters;
  private readonly _mode: IMode;
  private readonly _trans: TranslationBundle;
  private _text = '';
}
