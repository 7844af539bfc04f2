import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { hasEnded, type ICluster } from '../api/contract';
import { ApiError } from '../api/errors';
import { mayLaunch } from '../api/mode';
import { Connections } from '../clusters/connections';
import { IClusters, IConnections, IMode } from '../tokens';
import { connectIcon, daskIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { launchRefusal } from '../ui/words';
import { connectSource } from './connect-code';
import { CommandIDs } from './ids';
import { askCluster, kernelOf } from './kernel';
import { clusterArgument, fitsMenu, onCard, pickCluster } from './pick';

/** Connects the notebook in front to a cluster. */
export const notebook: JupyterFrontEndPlugin<IConnections> = {
  id: 'dasklab:notebook',
  description: 'Inserts and runs the code that connects a notebook to a Dask cluster.',
  autoStart: true,
  requires: [IClusters, IMode, INotebookTracker],
  optional: [ITranslator],
  provides: IConnections,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    mode: IMode,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ): IConnections => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const connections = new Connections(clusters, askCluster);
    const front = (): void => {
      connections.front = kernelOf(notebooks.currentWidget);
    };
    notebooks.currentChanged.connect(front);
    const watch = ({ sessionContext }: NotebookPanel): void => {
      sessionContext.kernelChanged.connect(front);
    };
    notebooks.forEach(watch);
    notebooks.widgetAdded.connect((_, added) => watch(added));
    app.commands.addCommand(CommandIDs.connectNotebook, {
      label: args =>
        args.toolbar === true
          ? trans.__('Dask')
          : args.card === true
            ? args.run === false
              ? trans.__('Insert a Cell That Connects')
              : trans.__('Connect the Notebook')
            : trans.__('Connect the Notebook to a Dask Cluster'),
      caption: trans.__('Connect this notebook to a Dask cluster'),
      icon: args => (args.toolbar === true ? daskIcon : connectIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cluster: clusterArgument(trans),
            run: { type: 'boolean', description: trans.__('Whether to run the cell; yes') }
          }
        }
      },
      isEnabled: () => notebooks.currentWidget !== null,
      isVisible: args => fitsMenu(app, args, clusters, living),
      execute: reporting(trans, async args => {
        // The notebook in front when it was asked for, whatever comes to the front meanwhile.
        const target = notebooks.currentWidget;
        await clusters.ready;
        if (
          args.cluster === undefined &&
          args.card !== true &&
          !clusters.state.clusters.some(living)
        ) {
          // Nothing to connect to yet: the way there begins with a cluster.
          if (!mayLaunch(mode)) {
            throw new ApiError({
              code: 'cluster.unknown',
              message: trans.__('No cluster is running.'),
              hint: launchRefusal(mode, trans) ?? ''
            });
          }
          await app.commands.execute(CommandIDs.newCluster);
          return;
        }
        const cluster = await pickCluster(onCard(app, args), clusters, living, trans);
        if (target === null || cluster === null) {
          return;
        }
        const source = await connectSource(clusters, cluster, kernelOf(target), trans);
        insertCell(target, source);
        if (args.run === false) {
          return;
        }
        const ran = await NotebookActions.runAndAdvance(target.content, target.sessionContext);
        const connected = kernelOf(target);
        if (ran && connected) {
          connections.connect(connected.id, cluster.id);
        }
      })
    });
    return connections;
  }
};

function living(cluster: ICluster): boolean {
  return !hasEnded(cluster.phase);
}

/**
 * Put the code into the active cell if that is an empty one, otherwise above it: the cell that is
 * about to be run is the one that needs the client.
 */
function insertCell({ content }: NotebookPanel, code: string): void {
  const active = content.activeCell?.model;
  if (active?.type !== 'code' || active.sharedModel.getSource().trim() !== '') {
    NotebookActions.insertAbove(content);
  }
  content.activeCell?.model.sharedModel.setSource(code);
}
