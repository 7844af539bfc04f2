import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { ApiError } from '../api/errors';
import { currentCluster } from '../clusters/connections';
import { IClusters, IConnections } from '../tokens';
import { dashboardsIcon } from '../ui/icons';
import type { IPredecessorPane } from '../ui/predecessor';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, hasDashboard, onCard, pickCluster } from './pick';
import { hasPredecessor, predecessorLayout } from './predecessor';

interface IPane {
  /** Names of the page in the versions of distributed; the first that there is. */
  readonly pages: ReadonlyArray<string>;
  readonly mode: IPredecessorPane['mode'];
  /** The page of the pane it stands beside; the one before it by default. */
  readonly ref?: string | null;
}

/** Each pane stands to the one before it, the first to what is in front. */
const PANES: ReadonlyArray<IPane> = [
  { pages: ['individual-task-stream'], mode: 'split-right' },
  { pages: ['individual-progress'], mode: 'split-bottom' },
  { pages: ['individual-workers-memory'], mode: 'split-bottom' },
  { pages: ['individual-cluster-map', 'individual-cpu'], mode: 'tab-after' }
];

/** The panes to look at while something computes, beside the notebook. */
export const layout: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:layout',
  description: 'Opens a layout of dashboard pages beside the notebook.',
  autoStart: true,
  requires: [IClusters],
  optional: [ILabShell, IConnections, ITranslator, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    labShell: ILabShell | null,
    connections: IConnections | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ): void => {
    if (labShell === null || hasPredecessor(app)) {
      // One document at a time has no room for a layout; dask-labextension has this command too,
      // and fails altogether where it is taken.
      return;
    }
    const trans = (translator ?? nullTranslator).load('dasklab');
    app.commands.addCommand(CommandIDs.openLayout, {
      label: args =>
        args.card === true
          ? trans.__('Open Dashboard Layout')
          : trans.__('Open the Dask Dashboard Layout'),
      icon: dashboardsIcon,
      isVisible: args => fitsMenu(app, args, clusters, hasDashboard),
      describedBy: { args: { type: 'object', properties: { cluster: clusterArgument(trans) } } },
      execute: reporting(trans, async args => {
        await clusters.ready;
        // The link that distributed sends along is not looked at: it names a host, and which
        // addresses there are is for the server's records to say.
        const asked = onCard(app, args);
        const current = currentCluster(clusters.state.clusters, connections?.current ?? null);
        const cluster = await pickCluster(
          asked.cluster === undefined && current ? { cluster: current.id } : asked,
          clusters,
          hasDashboard,
          trans
        );
        if (cluster === null) {
          return;
        }
        const front = labShell.currentWidget?.id ?? null;
        const known = await clusters.api.pages(cluster.id);
        const wanted: ReadonlyArray<IPane> =
          (await predecessorLayout(settings))?.map(pane => ({ ...pane, pages: [pane.page] })) ??
          PANES;
        const panes = wanted.flatMap(({ pages, mode, ref }) => {
          const page = pages.map(name => known.find(each => each.name === name)).find(Boolean);
          return page ? [{ page, mode, ref }] : [];
        });
        if (panes.length === 0) {
          throw new ApiError({
            code: 'page.unknown',
            message: trans.__('“%1” has none of the pages of this layout.', cluster.name)
          });
        }
        const opened = new Map<string, string>();
        let before = front;
        for (const { page, mode, ref } of panes) {
          const beside = (ref === undefined ? before : opened.get(ref ?? '')) ?? front;
          const pane = (await app.commands.execute(CommandIDs.openDashboardPage, {
            cluster: cluster.id,
            page: page.name,
            title: page.title,
            ...(beside === null ? {} : { mode, ref: beside })
          })) as Widget | undefined;
          before = pane?.id ?? before;
          opened.set(page.name, before ?? '');
        }
      })
    });
    palette?.addItem({ command: CommandIDs.openLayout, category: trans.__('Dask') });
  }
};
