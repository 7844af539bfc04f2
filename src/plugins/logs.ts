import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { LogPane } from '../panel/log-pane';
import { IAttention, IClusters } from '../tokens';
import { logsIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, onCard, pickCluster, textArgument } from './pick';

/** The logs of a cluster in a pane of the main area. */
export const logs: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:logs',
  description: 'Opens the logs of Dask clusters in the main area.',
  autoStart: true,
  requires: [IClusters, IAttention],
  optional: [ITranslator, ILayoutRestorer, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    attention: IAttention,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    labShell: ILabShell | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const tracker = new WidgetTracker<MainAreaWidget<LogPane>>({ namespace: 'dasklab-logs' });
    app.commands.addCommand(CommandIDs.openLog, {
      label: args =>
        args.card === true ? trans.__('Show Log') : trans.__('Show the Log of a Dask Cluster'),
      isVisible: args => fitsMenu(app, args, clusters, each => each.hasLog),
      icon: logsIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cluster: clusterArgument(trans),
            clusterName: { type: 'string', description: trans.__('Name of the cluster') }
          }
        }
      },
      execute: reporting(trans, async args => {
        const id = textArgument(args, 'cluster');
        const name = textArgument(args, 'clusterName');
        if (id !== null && name !== null) {
          // From a saved layout: nothing is asked before it stands.
          return open(id, name);
        }
        const cluster = await pickCluster(onCard(app, args), clusters, each => each.hasLog, trans);
        return cluster ? open(cluster.id, cluster.name) : undefined;
      })
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openLog,
        name: pane => pane.content.cluster,
        args: pane => pane.content.arguments
      });
    }

    async function open(cluster: string, clusterName: string): Promise<MainAreaWidget<LogPane>> {
      const { LogPane } = await import('../panel/log-pane');
      let pane = tracker.find(each => each.content.cluster === cluster);
      if (!pane) {
        const content = new LogPane({ clusters, attention, trans, cluster, clusterName });
        content.title.icon = logsIcon.bindprops({ stylesheet: 'mainAreaTab' });
        pane = new MainAreaWidget({ content, translator: translator ?? undefined });
        // The bar with the sources is part of the content.
        pane.toolbar.hide();
        pane.id = `dasklab-log-${cluster}`;
        // Where one document fills the main area, as in Notebook, beneath it.
        app.shell.add(pane, labShell ? 'main' : 'down');
        void tracker.add(pane);
      }
      app.shell.activateById(pane.id);
      return pane;
    }
  }
};
