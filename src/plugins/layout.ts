import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';
import type { ICluster } from '../api/contract';
import { ApiError } from '../api/errors';
import { currentCluster } from '../clusters/connections';
import { IClusters, IConnections, IPreferences } from '../tokens';
import { dashboardsIcon } from '../ui/icons';
import type { ILayoutPane } from '../ui/layouts';
import { reporting } from '../ui/notify';
import { translated } from '../ui/server-words';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, hasDashboard, onCard, pickCluster, textArgument } from './pick';
import { hasPredecessor, predecessorLayout } from './predecessor';

/** The panes to look at while something computes, beside the notebook, as the settings say. */
export const layout: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:layout',
  description: 'Opens layouts of dashboard pages beside the notebook.',
  autoStart: true,
  requires: [IClusters, IPreferences],
  optional: [ILabShell, IConnections, ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    preferences: IPreferences,
    labShell: ILabShell | null,
    connections: IConnections | null,
    translator: ITranslator | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const layoutName = {
      type: 'string',
      description: trans.__('Name of the layout, of those in the settings')
    };
    const describedBy = {
      args: {
        type: 'object',
        properties: {
          cluster: clusterArgument(trans),
          layout: layoutName,
          url: { type: 'string', description: trans.__('Link to a dashboard of ours') }
        }
      }
    };
    const isVisible = (args: ReadonlyPartialJSONObject): boolean =>
      labShell !== null && fitsMenu(app, args, clusters, hasDashboard);

    const openDefault: CommandRegistry.ICommandOptions = {
      label: args =>
        args.card === true
          ? trans.__('Open Dashboard Layout')
          : trans.__('Open the Dask Dashboard Layout'),
      icon: dashboardsIcon,
      isVisible,
      describedBy,
      execute: reporting(trans, async args => {
        const cluster = await clusterFor(args);
        if (cluster && labShell === null) {
          // One document at a time has no room for a layout: buttons in outputs open a page.
          const page = { cluster: cluster.id, page: 'status' };
          await app.commands.execute(CommandIDs.openDashboardPage, page);
        } else if (cluster) {
          const name = textArgument(args, 'layout');
          const theirs = name === null ? await predecessorLayout(settings) : null;
          await open(cluster, theirs ?? named(name ?? preferences.values.defaultLayout));
        }
      })
    };
    app.commands.addCommand(CommandIDs.openDefaultLayout, openDefault);
    // dask-labextension has this one too, and fails altogether where it is taken.
    if (!hasPredecessor(app)) {
      app.commands.addCommand(CommandIDs.openClientLayout, openDefault);
    }
    if (labShell === null) {
      return;
    }
    app.commands.addCommand(CommandIDs.openNamedLayout, {
      label: args =>
        args.card === true
          ? trans.__('Open Another Layout…')
          : trans.__('Open a Dask Dashboard Layout…'),
      icon: dashboardsIcon,
      isVisible,
      describedBy,
      execute: reporting(trans, async args => {
        const cluster = await clusterFor(args);
        const name = cluster && (textArgument(args, 'layout') ?? (await pickLayout()));
        if (cluster && name !== null) {
          await open(cluster, named(name));
        }
      })
    });

    /**
     * The cluster that is meant, else that of the link that distributed sends along, else that of
     * the notebook in front. Of links only ours say which (`links.py` writes them): others name a
     * host, and which addresses there are is for the server's records to say.
     */
    async function clusterFor(args: ReadonlyPartialJSONObject): Promise<ICluster | null> {
      await clusters.ready;
      const { cluster } = onCard(app, args);
      const link = /\/dasklab\/dashboard\/([\w.-]+)\//.exec(textArgument(args, 'url') ?? '');
      const front = currentCluster(clusters.state.clusters, connections?.current ?? null);
      return pickCluster(
        { cluster: cluster ?? link?.[1] ?? front?.id },
        clusters,
        hasDashboard,
        trans
      );
    }

    async function pickLayout(): Promise<string | null> {
      const { defaultLayout, layouts } = preferences.values;
      const items = Object.keys(layouts);
      const answer = await InputDialog.getItem({
        title: trans.__('Which layout?'),
        items,
        current: Math.max(0, items.indexOf(defaultLayout))
      });
      return answer.button.accept ? answer.value : null;
    }

    /** A layout of the settings. */
    function named(name: string): ReadonlyArray<ILayoutPane> {
      const panes = Object.entries(preferences.values.layouts).find(([key]) => key === name)?.[1];
      if (!panes) {
        throw new ApiError({
          code: 'layout.unknown',
          message: trans.__('No layout is called “%1”.', name.slice(0, 80)),
          hint: trans.__('The settings of Dask name those that there are.')
        });
      }
      return panes;
    }

    async function open(cluster: ICluster, panes: ReadonlyArray<ILayoutPane>): Promise<void> {
      const front = labShell?.currentWidget?.id ?? null;
      const known = new Map((await clusters.api.pages(cluster.id)).map(page => [page.name, page]));
      const missing = panes.filter(({ page }) => !known.has(page)).map(({ page }) => page);
      if (missing.length === panes.length) {
        throw new ApiError({
          code: 'page.unknown',
          message: trans.__('“%1” has none of the pages of this layout.', cluster.name)
        });
      }
      const before = new Set(Array.from(labShell?.widgets('main') ?? [], ({ id }) => id));
      const opened = new Map<string, string>();
      let last = front;
      for (const { mode, page, ref } of panes) {
        const found = known.get(page);
        if (found) {
          const beside = (ref === null ? null : opened.get(ref)) ?? last;
          const pane = (await app.commands.execute(CommandIDs.openDashboardPage, {
            cluster: cluster.id,
            page,
            title: translated(found.title, trans),
            ...(beside === null ? {} : { mode, ref: beside })
          })) as Widget | undefined;
          last = pane?.id ?? last;
          opened.set(page, last ?? '');
        }
      }
      // What stood there already may be hidden by others.
      const again = [...opened.values()].find(id => before.has(id));
      if (again) {
        labShell?.activateById(again);
      }
      if (missing.length > 0) {
        Notification.warning(
          trans.__(
            '“%1” has no page %2: the layout is shown without.',
            cluster.name,
            missing.join(', ')
          ),
          { autoClose: 8_000 }
        );
      }
    }
  }
};
