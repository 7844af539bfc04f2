/** The panes of dashboard pages: found again, made, placed, and what can be done in a dead one. */
import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { CommandToolbarButton } from '@jupyterlab/ui-components';
import type { DockLayout, Widget } from '@lumino/widgets';
import type { ICluster, IPage } from '../api/contract';
import { mayLaunch, type IMode } from '../api/mode';
import type { IClusters } from '../clusters/manager';
import type { DashboardPane } from '../panel/dashboard-pane';
import { daskIcon } from '../ui/icons';
import type { IOffer } from '../ui/message';
import type { IPreferences } from '../ui/preferences';
import { CommandIDs } from './ids';
import { hasDashboard } from './pick';

type Pane = MainAreaWidget<DashboardPane>;

/** Which cluster, also when it is gone. */
export type ClusterName = Pick<ICluster, 'id' | 'name'>;

export interface IPlace {
  mode?: DockLayout.InsertMode;
  ref?: string;
}

/** What others may ask of the panes. */
export interface IDashboards {
  /** Makes the pane of a page at the moment it is dropped; of one that is open, gives that. */
  factory(cluster: ClusterName, page: IPage): Promise<() => Widget>;
}

interface IPanesOptions {
  app: JupyterFrontEnd;
  clusters: IClusters;
  mode: IMode;
  preferences: IPreferences;
  trans: TranslationBundle;
  translator: ITranslator | null;
}

export class DashboardPanes implements IDashboards {
  constructor(options: IPanesOptions) {
    this._options = options;
    options.preferences.changed.connect(() => this.tracker.forEach(pane => this._paint(pane)));
  }

  readonly tracker = new WidgetTracker<Pane>({ namespace: 'dasklab-dashboards' });

  async factory(cluster: ClusterName, page: IPage): Promise<() => Pane> {
    const { DashboardPane: Content } = await import('../panel/dashboard-pane');
    return () => this._find(cluster, page) ?? this._make(Content, cluster, page);
  }

  /**
   * Open a page in a pane, or bring the pane to the front that has it.
   *
   * @param where - Where a layout wants it; a pane that is put there does not come to the front.
   */
  async open(
    shell: ILabShell,
    cluster: ClusterName,
    page: IPage,
    where: IPlace | null
  ): Promise<Pane> {
    const make = await this.factory(cluster, page);
    const known = this._find(cluster, page);
    const pane = known ?? make();
    if (!known) {
      shell.add(pane, 'main', where ? { activate: false, ...where } : this._place(shell));
    }
    if (where === null) {
      // Of a layout only what is in front is loaded, the rest when looked at; and the focus
      // stays where it was.
      shell.activateById(pane.id);
    }
    return pane;
  }

  private _find(cluster: ClusterName, page: IPage): Pane | undefined {
    return this.tracker.find(
      each => each.content.cluster === cluster.id && each.content.page === page.name
    );
  }

  private _make(Content: typeof DashboardPane, cluster: ClusterName, page: IPage): Pane {
    const { app, clusters, trans, translator } = this._options;
    const content = new Content({
      clusters,
      trans,
      cluster: cluster.id,
      clusterName: cluster.name,
      page: page.name,
      pageTitle: page.title,
      offers: () => this._offers(pane, page)
    });
    // What the shell does to a tab when it adds one; a pane that is dropped is not added by it.
    content.title.icon = daskIcon.bindprops({ stylesheet: 'mainAreaTab' });
    const pane: Pane = new MainAreaWidget({ content, translator: translator ?? undefined });
    pane.id = `dasklab-dashboard-${cluster.id}-${encodeURIComponent(page.name)}`;
    pane.title.dataset = { ...pane.title.dataset, id: pane.id };
    pane.toolbar.addItem(
      'reload',
      new CommandToolbarButton({
        commands: app.commands,
        id: CommandIDs.reloadDashboardPage,
        label: ''
      })
    );
    this._paint(pane);
    void this.tracker.add(pane);
    return pane;
  }

  /** In a dark theme pages are dark, unless their user wants them as Dask draws them. */
  private _paint(pane: Pane): void {
    pane.content.toggleClass('dasklab-mod-white', !this._options.preferences.values.darkPages);
  }

  /** The first pane beside what is in front, so that both are seen; the next ones behind it. */
  private _place(shell: ILabShell): IPlace {
    const last = this.tracker.currentWidget;
    if (last?.isAttached) {
      return { mode: 'tab-after', ref: last.id };
    }
    const front = shell.currentWidget;
    // Nobody reads the launcher beside a plot.
    return front && !front.id.startsWith('launcher') ? { mode: 'split-right', ref: front.id } : {};
  }

  /** In a pane whose cluster is gone: the page of one that lives, a new cluster, or nothing. */
  private _offers(pane: Pane, page: IPage): IOffer[] {
    const { app, clusters, mode, trans } = this._options;
    const living = clusters.state.clusters.filter(hasDashboard);
    const [only] = living.length === 1 ? living : [];
    const run = (command: string, args = {}): void => void app.commands.execute(command, args);
    const offers: IOffer[] = [];
    if (living.length > 0) {
      offers.push({
        label: only
          ? trans.__('Show this page of “%1”', only.name)
          : trans.__('Show this page of another cluster…'),
        run: () =>
          run(CommandIDs.openDashboardPage, {
            ...(only ? { cluster: only.id } : {}),
            page: page.name,
            title: page.title,
            replace: pane.id
          })
      });
    } else if (mayLaunch(mode)) {
      offers.push({
        label: trans.__('Start a cluster'),
        run: () => run(CommandIDs.newCluster)
      });
    }
    return [...offers, { label: trans.__('Close this pane'), run: () => pane.close() }];
  }

  private readonly _options: IPanesOptions;
}
