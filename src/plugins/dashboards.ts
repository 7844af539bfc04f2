import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ICluster, IPage } from '../api/contract';
import { IClusters, IDashboards, IMode, IPreferences } from '../tokens';
import { dashboardsIcon } from '../ui/icons';
import { INSERT_MODES } from '../ui/layouts';
import { reporting } from '../ui/notify';
import { translated } from '../ui/server-words';
import { CommandIDs } from './ids';
import { DashboardPanes, type IPlace } from './panes';
import { clusterArgument, fitsMenu, hasDashboard, onCard, pickCluster, textArgument } from './pick';

/** Dashboard pages in panes of the main area, which come back with the layout. */
export const dashboards: JupyterFrontEndPlugin<IDashboards> = {
  id: 'dasklab:dashboards',
  description: 'Opens dashboard pages of Dask clusters in the main area.',
  autoStart: true,
  requires: [IClusters, IMode, IPreferences],
  optional: [ITranslator, ILabShell, ILayoutRestorer],
  provides: IDashboards,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    mode: IMode,
    preferences: IPreferences,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): IDashboards => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const panes = new DashboardPanes({ app, clusters, mode, preferences, trans, translator });
    const { tracker } = panes;

    app.commands.addCommand(CommandIDs.openDashboardPage, {
      label: args =>
        args.card === true
          ? trans.__('Open Dashboard Page…')
          : trans.__('Open a Dask Dashboard Page…'),
      isVisible: args => fitsMenu(app, args, clusters, hasDashboard),
      icon: dashboardsIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cluster: clusterArgument(trans),
            page: { type: 'string', description: trans.__('Name of the page, such as “status”') },
            title: { type: 'string', description: trans.__('Title of the page') },
            clusterName: { type: 'string', description: trans.__('Name of the cluster') },
            mode: { type: 'string', description: trans.__('How the pane stands to another one') },
            ref: { type: 'string', description: trans.__('Id of that other one') },
            replace: { type: 'string', description: trans.__('Id of a pane to close for it') }
          }
        }
      },
      execute: reporting(trans, async args => {
        const page = textArgument(args, 'page');
        const id = textArgument(args, 'cluster');
        const name = textArgument(args, 'clusterName');
        if (page !== null && id !== null && name !== null && labShell !== null) {
          // From a saved layout: nothing is asked before it stands, the server may be slow or gone.
          return panes.open(labShell, { id, name }, { name: page, title: titleOf(args, page) }, {});
        }
        const cluster = await pickCluster(onCard(app, args), clusters, hasDashboard, trans);
        const picked =
          page !== null ? { name: page, title: titleOf(args, page) } : await pickPage(cluster);
        if (cluster === null || picked === null) {
          return undefined;
        }
        if (labShell === null) {
          // A shell with one document, such as Notebook's: the page gets a browser tab.
          const url = clusters.api.dashboardUrl(cluster.id, picked.name);
          window.open(url, '_blank', 'noopener,noreferrer');
          return undefined;
        }
        const old = textArgument(args, 'replace');
        const dead = tracker.find(each => each.id === old);
        const place = dead ? ({ mode: 'tab-after', ref: dead.id } as const) : placeArgument(args);
        const pane = await panes.open(labShell, cluster, picked, place);
        if (dead && dead !== pane) {
          dead.close();
          labShell.activateById(pane.id);
        }
        return pane;
      })
    });
    app.commands.addCommand(CommandIDs.reloadDashboardPage, {
      label: trans.__('Reload the Page'),
      icon: refreshIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => tracker.currentWidget !== null,
      execute: () => tracker.currentWidget?.content.reload()
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openDashboardPage,
        name: pane => `${pane.content.cluster}:${pane.content.page}`,
        args: pane => pane.content.arguments
      });
    }
    return panes;

    async function pickPage(cluster: ICluster | null): Promise<IPage | null> {
      const found = cluster ? await clusters.api.pages(cluster.id) : [];
      const pages = found.map(page => ({ ...page, title: translated(page.title, trans) }));
      const items = pages.map(page => page.title);
      const answer = cluster
        ? await InputDialog.getItem({ title: trans.__('Which dashboard page?'), items })
        : null;
      return pages[items.indexOf(answer?.button.accept ? (answer.value ?? '') : '')] ?? null;
    }
  }
};

/** The page's title; of a link that does not say it `individual-task-stream` gives Task Stream. */
function titleOf(args: ReadonlyPartialJSONObject, page: string): string {
  const words = page.replace(/^individual-/, '').split(/[-_/]+/);
  const guess = words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  return textArgument(args, 'title') ?? guess;
}

/** Where a layout wants a pane; null leaves it to us. */
function placeArgument(args: ReadonlyPartialJSONObject): IPlace | null {
  const mode = INSERT_MODES.find(each => each === args.mode);
  const ref = textArgument(args, 'ref');
  return mode && ref !== null ? { mode, ref } : null;
}
