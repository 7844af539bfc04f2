import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ICluster, IPage } from '../api/contract';
import type { IPanelActions } from '../panel/actions';
import { PanelModel } from '../panel/model';
import { DaskSidebar } from '../panel/sidebar';
import { IClusters } from '../tokens';
import { daskIcon } from '../ui/icons';
import { CommandIDs } from './ids';

/** The panel in the left sidebar. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:panel',
  description: 'Shows the Dask clusters in the left sidebar.',
  autoStart: true,
  requires: [IClusters],
  optional: [ITranslator, INotebookTracker, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const actions = new PanelActions(app, notebooks);
    const sidebar = new DaskSidebar(new PanelModel(clusters, actions, trans));
    // Beneath the running sessions, above the table of contents.
    app.shell.add(sidebar, 'left', { rank: 300, type: 'Dask' });
    restorer?.add(sidebar, sidebar.id);

    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Dask Clusters'),
      caption: trans.__('Show the panel with the Dask clusters'),
      icon: daskIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(sidebar.id)
    });
    app.commands.addCommand(CommandIDs.newCluster, {
      label: trans.__('New Dask Cluster…'),
      caption: trans.__('Open the form for a new Dask cluster'),
      icon: daskIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(sidebar.id);
        sidebar.openForm();
      }
    });
    const category = trans.__('Dask');
    palette?.addItem({ command: CommandIDs.openPanel, category });
    palette?.addItem({ command: CommandIDs.newCluster, category });
  }
};

/** The panel's wishes as commands of the application. */
class PanelActions implements IPanelActions {
  constructor(app: JupyterFrontEnd, notebooks: INotebookTracker | null) {
    this._app = app;
    this._notebooks = notebooks;
    notebooks?.currentChanged.connect(this._onCurrentChanged, this);
  }

  get notebook(): string | null {
    return this._notebooks?.currentWidget?.title.label ?? null;
  }

  get notebookChanged(): ISignal<this, void> {
    return this._notebookChanged;
  }

  get folder(): string | null {
    const path = this._notebooks?.currentWidget?.context.path;
    return path === undefined
      ? null
      : PathExt.dirname(this._app.serviceManager.contents.localPath(path));
  }

  get environment(): string | null {
    return this._notebooks?.currentWidget?.sessionContext.session?.kernel?.name ?? null;
  }

  async connect(cluster: ICluster): Promise<void> {
    await this._app.commands.execute(CommandIDs.connectNotebook, { cluster: cluster.id });
  }

  async openPage(cluster: ICluster, page: IPage): Promise<void> {
    await this._app.commands.execute(CommandIDs.openDashboardPage, {
      cluster: cluster.id,
      page: page.name,
      title: page.title
    });
  }

  async openLog(cluster: ICluster): Promise<void> {
    await this._app.commands.execute(CommandIDs.openLog, { cluster: cluster.id });
  }

  private _onCurrentChanged(): void {
    this._notebookChanged.emit();
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _notebooks: INotebookTracker | null;
  private readonly _notebookChanged = new Signal<this, void>(this);
}
