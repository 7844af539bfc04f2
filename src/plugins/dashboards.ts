import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandToolbarButton, refreshIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { DockLayout } from '@lumino/widgets';
import type { ICluster, IPage } from '../api/contract';
import type { DashboardPane } from '../panel/dashboard-pane';
import { IClusters } from '../tokens';
import { daskIcon, dashboardsIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, hasDashboard, onCard, pickCluster, textArgument } from './pick';

type Pane = MainAreaWidget<DashboardPane>;

interface IPlace {
  mode?: DockLayout.InsertMode;
  ref?: string;
}

const MODES: ReadonlyArray<DockLayout.InsertMode> = [
  'split-top',
  'split-left',
  'split-right',
  'split-bottom',
  'tab-before',
  'tab-after'
];

/** Dashboard pages in panes of the main area, which come back with the layout. */
export const dashboards: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:dashboards',
  description: 'Opens dashboard pages of Dask clusters in the main area.',
  autoStart: true,
  requires: [IClusters],
  optional: [ITranslator, ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const tracker = new WidgetTracker<Pane>({ namespace: 'dasklab-dashboards' });

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
            ref: { type: 'string', description: trans.__('Id of that other one') }
          }
        }
      },
      execute: reporting(trans, async args => {
        const page = textArgument(args, 'page');
        const id = textArgument(args, 'cluster');
        const name = textArgument(args, 'clusterName');
        if (page !== null && id !== null && name !== null) {
          // From a saved layout: nothing is asked before it stands, the server may be slow or gone.
          return open(id, name, { name: page, title: titleOf(args, page) }, true);
        }
        const cluster = await pickCluster(onCard(app, args), clusters, hasDashboard, trans);
        const picked =
          page !== null ? { name: page, title: titleOf(args, page) } : await pickPage(cluster);
        return cluster && picked
          ? open(cluster.id, cluster.name, picked, false, placeArgument(args))
          : undefined;
      })
    });
    app.commands.addCommand(CommandIDs.reloadDashboardPage, {
      label: trans.__('Reload the Page'),
      icon: refreshIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => tracker.currentWidget !== null,
      execute: () => tracker.currentWidget?.content.reload()
    });
    palette?.addItem({ command: CommandIDs.openDashboardPage, category: trans.__('Dask') });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openDashboardPage,
        name: pane => `${pane.content.cluster}:${pane.content.page}`,
        args: pane => pane.content.arguments
      });
    }

    async function pickPage(cluster: ICluster | null): Promise<IPage | null> {
      const pages = cluster ? await clusters.api.pages(cluster.id) : [];
      const items = pages.map(page => page.title);
      const answer = cluster
        ? await InputDialog.getItem({ title: trans.__('Which dashboard page?'), items })
        : null;
      return pages[items.indexOf(answer?.button.accept ? (answer.value ?? '') : '')] ?? null;
    }

    async function open(
      id: string,
      name: string,
      page: IPage,
      restoring: boolean,
      where: IPlace | null = null
    ): Promise<Pane | undefined> {
      if (labShell === null) {
        // A shell with one document, such as Notebook's: the page gets a browser tab.
        const url = clusters.api.dashboardUrl(id, page.name);
        window.open(url, '_blank', 'noopener,noreferrer');
        return undefined;
      }
      const { DashboardPane } = await import('../panel/dashboard-pane');
      const known = tracker.find(
        each => each.content.cluster === id && each.content.page === page.name
      );
      const pane =
        known ??
        wrap(
          new DashboardPane({
            clusters,
            trans,
            cluster: id,
            clusterName: name,
            page: page.name,
            pageTitle: page.title
          })
        );
      if (!known) {
        labShell.add(
          pane,
          'main',
          restoring || where ? { activate: false, ...where } : place(labShell)
        );
        void tracker.add(pane);
      }
      if (!restoring && where === null) {
        // Of a layout only what is in front is loaded, the rest when looked at; and the focus
        // stays where it was.
        labShell.activateById(pane.id);
      }
      return pane;
    }

    /** The first pane beside what is in front, so that both are seen; the next ones behind it. */
    function place(shell: ILabShell): IPlace {
      const last = tracker.currentWidget;
      if (last?.isAttached) {
        return { mode: 'tab-after', ref: last.id };
      }
      const front = shell.currentWidget;
      // Nobody reads the launcher beside a plot.
      return front && !front.id.startsWith('launcher')
        ? { mode: 'split-right', ref: front.id }
        : {};
    }

    function wrap(content: DashboardPane): Pane {
      content.title.icon = daskIcon;
      const pane = new MainAreaWidget({ content, translator: translator ?? undefined });
      pane.id = `dasklab-dashboard-${content.cluster}-${encodeURIComponent(content.page)}`;
      pane.toolbar.addItem(
        'reload',
        new CommandToolbarButton({
          commands: app.commands,
          id: CommandIDs.reloadDashboardPage,
          label: ''
        })
      );
      return pane;
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
  const mode = MODES.find(each => each === args.mode);
  const ref = textArgument(args, 'ref');
  return mode && ref !== null ? { mode, ref } : null;
}
