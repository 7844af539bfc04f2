import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { mayLaunch } from '../api/mode';
import { PanelModel } from '../panel/model';
import { DaskSidebar } from '../panel/sidebar';
import { IClusters, IDashboards, IMode, IPreferences, IStarter } from '../tokens';
import { daskIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { launchRefusal } from '../ui/words';
import { CommandIDs } from './ids';
import { PanelActions } from './panel-actions';
import { clusterArgument, pickCluster } from './pick';

/** The panel in the left sidebar. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:panel',
  description: 'Shows the Dask clusters in the left sidebar.',
  autoStart: true,
  requires: [IClusters, IPreferences, IStarter, IMode],
  optional: [ITranslator, INotebookTracker, ILayoutRestorer, ILabShell, IDashboards],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    preferences: IPreferences,
    starter: IStarter,
    mode: IMode,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    labShell: ILabShell | null,
    dashboards: IDashboards | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const openNewMenu = async (button: HTMLElement): Promise<void> => {
      const menu = await import('./new-menu');
      await menu.openNewMenu(button, app.commands, clusters.api, trans);
    };
    const actions = new PanelActions({
      app,
      clusters,
      trans,
      notebooks,
      preferences,
      mode,
      // Without a dock panel there is nowhere to drop a pane.
      dashboards: labShell && dashboards,
      openNewMenu
    });
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
      caption: launchRefusal(mode, trans) ?? trans.__('Open the form for a new Dask cluster'),
      isEnabled: () => mayLaunch(mode),
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
  }
};
