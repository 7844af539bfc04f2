import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ICluster, IPage } from '../api/contract';
import type { IPanelActions } from '../panel/actions';
import { PanelModel } from '../panel/model';
import { DaskSidebar } from '../panel/sidebar';
import { IClusters, IPreferences, IStarter } from '../tokens';
import { daskIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, pickCluster } from './pick';

/** The panel in the left sidebar. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:panel',
  description: 'Shows the Dask clusters in the left sidebar.',
  autoStart: true,
  requires: [IClusters, IPreferences, IStarter],
  optional: [ITranslator, INotebookTracker, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    preferences: IPreferences,
    starter: IStarter,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const openMenu = async (button: HTMLElement): Promise<void> => {
      const { openNewMenu } = await import('./new-menu');
      await openNewMenu(button, app.commands, clusters.api, trans);
    };
    const actions = new PanelActions(app, preferences, notebooks, openMenu);
    const sidebar = new DaskSidebar(new PanelModel(clusters, starter, actions, trans));
    restorer?.add(sidebar, sidebar.id);
    // Beneath the running sessions, above the table of contents.
    const add = (): void => app.shell.add(sidebar, 'left', { rank: 300, type: 'Dask' });
    /** Bring the panel to the front, also one that is hidden otherwise. */
    const reveal = (): void => {
      if (sidebar.parent === null) {
        add();
      }
      app.shell.activateById(sidebar.id);
    };
    add();
    preferences.changed.connect(() => {
      const hide = preferences.values.hidePanel;
      if (hide && sidebar.parent !== null) {
        sidebar.parent = null;
      } else if (!hide && sidebar.parent === null) {
        add();
      }
    });

    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Dask Clusters'),
      caption: trans.__('Show the panel with the Dask clusters'),
      icon: daskIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: reveal
    });
    app.commands.addCommand(CommandIDs.newCluster, {
      label: args =>
        args.menu === true ? trans.__('With Options…') : trans.__('New Dask Cluster with Options…'),
      caption: trans.__('Open the form for a new Dask cluster'),
      icon: args => (args.menu === true ? undefined : daskIcon),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        reveal();
        sidebar.openForm();
      }
    });
    app.commands.addCommand(CommandIDs.showCluster, {
      label: args =>
        args.card === true
          ? trans.__('Show in the Panel')
          : trans.__('Show a Dask Cluster in the Panel…'),
      icon: daskIcon,
      describedBy: { args: { type: 'object', properties: { cluster: clusterArgument(trans) } } },
      execute: reporting(trans, async args => {
        const cluster = await pickCluster(args, clusters, () => true, trans);
        if (cluster) {
          reveal();
          sidebar.showCluster(cluster.id);
        }
      })
    });
    const category = trans.__('Dask');
    palette?.addItem({ command: CommandIDs.openPanel, category });
    palette?.addItem({ command: CommandIDs.newCluster, category });
  }
};

/** The panel's wishes as commands of the application. */
class PanelActions implements IPanelActions {
  constructor(
    app: JupyterFrontEnd,
    readonly preferences: IPreferences,
    notebooks: INotebookTracker | null,
    readonly openNewMenu: (button: HTMLElement) => Promise<void>
  ) {
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
