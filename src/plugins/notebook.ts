import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { hasEnded, type ICluster } from '../api/contract';
import { ApiError } from '../api/errors';
import { Connections } from '../clusters/connections';
import { IClusters, IConnections } from '../tokens';
import { connectIcon, daskIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, onCard, pickCluster } from './pick';

/** Milliseconds that a kernel has to say whether it knows dasklab; a busy one cannot. */
const PROBE_DEADLINE = 1_000;

const PROBE = '__import__("importlib.util").util.find_spec("dasklab") is not None';

/** Connects the notebook in front to a cluster. */
export const notebook: JupyterFrontEndPlugin<IConnections> = {
  id: 'dasklab:notebook',
  description: 'Inserts and runs the code that connects a notebook to a Dask cluster.',
  autoStart: true,
  requires: [IClusters, INotebookTracker],
  optional: [ITranslator, ICommandPalette],
  provides: IConnections,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    notebooks: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): IConnections => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const connections = new Connections();
    const front = (): void => {
      connections.front = kernelOf(notebooks.currentWidget)?.id ?? null;
    };
    notebooks.currentChanged.connect(front);
    const watch = ({ sessionContext }: NotebookPanel): void => {
      sessionContext.kernelChanged.connect(front);
      sessionContext.statusChanged.connect((context, status) => {
        const kernel = context.session?.kernel;
        if (kernel && (status === 'restarting' || status === 'autorestarting')) {
          connections.forget(kernel.id);
        }
      });
    };
    notebooks.forEach(watch);
    notebooks.widgetAdded.connect((_, added) => watch(added));
    app.commands.addCommand(CommandIDs.connectNotebook, {
      label: args =>
        args.toolbar === true
          ? trans.__('Dask')
          : args.card === true
            ? trans.__('Connect the Notebook')
            : trans.__('Connect the Notebook to a Dask Cluster'),
      caption: trans.__('Connect this notebook to a Dask cluster'),
      icon: args => (args.toolbar === true ? daskIcon : connectIcon),
      describedBy: {
        args: { type: 'object', properties: { cluster: clusterArgument(trans) } }
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
          await app.commands.execute(CommandIDs.newCluster);
          return;
        }
        const cluster = await pickCluster(onCard(app, args), clusters, living, trans);
        if (target === null || cluster === null) {
          return;
        }
        const kernel = kernelOf(target);
        const language = (await kernel?.spec)?.language;
        if (language !== undefined && language.toLowerCase() !== 'python') {
          throw new ApiError({
            code: 'notebook.language',
            message: trans.__('The kernel of this notebook does not speak Python.'),
            hint: trans.__('Choose a Python kernel for it first.')
          });
        }
        const [code, known] = await Promise.all([
          clusters.api.code(cluster.id),
          kernel === null ? false : knowsDasklab(kernel)
        ]);
        const source = known ? code.connect : code.plain;
        if (source === '') {
          throw new ApiError({
            code: 'cluster.starting',
            message: trans.__('“%1” has no scheduler to connect to yet.', cluster.name),
            hint: trans.__('Wait until it runs.')
          });
        }
        // The client as the last line, so that the cell shows what it is connected to.
        await runInNewCell(target, `${source}\nclient`);
        const connected = kernelOf(target);
        if (connected) {
          connections.connect(connected.id, cluster.id);
        }
      })
    });
    palette?.addItem({ command: CommandIDs.connectNotebook, category: trans.__('Dask') });
    return connections;
  }
};

function kernelOf(target: NotebookPanel | null): Kernel.IKernelConnection | null {
  return target?.sessionContext.session?.kernel ?? null;
}

function living(cluster: ICluster): boolean {
  return !hasEnded(cluster.phase);
}

/** Whether the kernel can import dasklab, asked without leaving a trace in the notebook. */
async function knowsDasklab(kernel: Kernel.IKernelConnection): Promise<boolean> {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { dasklab: PROBE }
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), PROBE_DEADLINE);
  });
  try {
    const reply = await Promise.race([future.done, deadline]);
    return (
      reply?.content.status === 'ok' &&
      JSON.stringify(reply.content.user_expressions).includes('True')
    );
  } catch {
    // The kernel was restarted meanwhile: it says nothing.
    return false;
  } finally {
    clearTimeout(timer);
    future.dispose();
  }
}

/**
 * Put the code into the active cell if that is an empty one, otherwise above it: the cell that is
 * about to be run is the one that needs the client.
 */
async function runInNewCell(target: NotebookPanel, code: string): Promise<void> {
  const { content, sessionContext } = target;
  const active = content.activeCell?.model;
  if (active?.type !== 'code' || active.sharedModel.getSource().trim() !== '') {
    NotebookActions.insertAbove(content);
  }
  content.activeCell?.model.sharedModel.setSource(code);
  await NotebookActions.runAndAdvance(content, sessionContext);
}
