import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MimeData } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';
import type { ICluster, IPage } from '../api/contract';
import type { IMode } from '../api/mode';
import type { IClusters } from '../clusters/manager';
import type { IPanelActions } from '../panel/actions';
import type { PlotName } from '../plots/names';
import { reporting } from '../ui/notify';
import type { IPreferences } from '../ui/preferences';
import { connectSource, plotSource } from './connect-code';
import { CommandIDs } from './ids';
import { kernelOf } from './kernel';
import type { IDashboards } from './panes';

/** What a notebook takes when it is dropped on it: cells, as they are saved. */
const CELLS = 'application/vnd.jupyter.cells';

/** What the dock panel takes: a function that gives the widget to dock. */
const WIDGET = 'application/vnd.lumino.widget-factory';

type KernelOrNone = ReturnType<typeof kernelOf>;

interface IActionsOptions {
  app: JupyterFrontEnd;
  clusters: IClusters;
  trans: TranslationBundle;
  notebooks: INotebookTracker | null;
  preferences: IPreferences;
  mode: IMode;
  dashboards: IDashboards | null;
  openNewMenu(button: HTMLElement): Promise<void>;
}

/** The panel's wishes as commands of the application, and what is pulled out of it. */
export class PanelActions implements IPanelActions {
  constructor(options: IActionsOptions) {
    this._options = options;
    this.preferences = options.preferences;
    this.mode = options.mode;
    options.notebooks?.currentChanged.connect(this._onCurrentChanged, this);
  }

  readonly preferences: IPreferences;
  readonly mode: IMode;

  get notebook(): string | null {
    return this._options.notebooks?.currentWidget?.title.label ?? null;
  }

  get notebookChanged(): ISignal<this, void> {
    return this._notebookChanged;
  }

  get layouts(): ReadonlyArray<string> {
    return this._options.app.commands.hasCommand(CommandIDs.openNamedLayout)
      ? Object.keys(this.preferences.values.layouts)
      : [];
  }

  openNewMenu(button: HTMLElement): Promise<void> {
    return this._options.openNewMenu(button);
  }

  connect(cluster: ICluster): Promise<void> {
    return this._run(CommandIDs.connectNotebook, { cluster: cluster.id });
  }

  dragConnect(cluster: ICluster): Promise<MimeData | null> {
    const { clusters, trans } = this._options;
    return this._cell(kernel => connectSource(clusters, cluster, kernel, trans));
  }

  openPage(cluster: ICluster, page: IPage): Promise<void> {
    const { name, title } = page;
    return this._run(CommandIDs.openDashboardPage, { cluster: cluster.id, page: name, title });
  }

  async dragPage(cluster: ICluster, page: IPage): Promise<MimeData | null> {
    const factory = await this._options.dashboards?.factory(cluster, page);
    return factory ? carrying(WIDGET, factory) : null;
  }

  openLayout(cluster: ICluster, layout: string): Promise<void> {
    return this._run(CommandIDs.openNamedLayout, { cluster: cluster.id, layout });
  }

  openPlot(cluster: ICluster, plot: PlotName): Promise<void> {
    return this._run(CommandIDs.openPlot, { cluster: cluster.id, plot });
  }

  dragPlot(cluster: ICluster, plot: PlotName): Promise<MimeData | null> {
    return this._cell(kernel => plotSource(cluster, plot, kernel, this._options.trans));
  }

  openLog(cluster: ICluster): Promise<void> {
    return this._run(CommandIDs.openLog, { cluster: cluster.id });
  }

  stopAll(): Promise<void> {
    return this._run(CommandIDs.stopAllClusters, {});
  }

  /** A cell with code for the kernel of the notebook in front. */
  private async _cell(write: (kernel: KernelOrNone) => Promise<string>): Promise<MimeData | null> {
    const { notebooks, trans } = this._options;
    const kernel = kernelOf(notebooks?.currentWidget ?? null);
    const source = await reporting(trans, write)(kernel);
    return source === undefined
      ? null
      : carrying(CELLS, [
          { cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null }
        ]);
  }

  private async _run(command: string, args: Readonly<Record<string, string>>): Promise<void> {
    await this._options.app.commands.execute(command, args);
  }

  private _onCurrentChanged(): void {
    this._notebookChanged.emit();
  }

  private readonly _options: IActionsOptions;
  private readonly _notebookChanged = new Signal<this, void>(this);
}

function carrying(type: string, data: unknown): MimeData {
  const mimeData = new MimeData();
  mimeData.setData(type, data);
  return mimeData;
}
