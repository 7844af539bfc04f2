import type { MimeData } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { ICluster, IPage } from '../api/contract';
import type { IMode } from '../api/mode';
import type { PlotName } from '../plots/names';
import type { IPreferences } from '../ui/preferences';

/**
 * What the panel may ask of the application around it. Given by the plugin, because only plugins
 * know the application; whatever fails there is told to the user there.
 */
export interface IPanelActions {
  readonly preferences: IPreferences;
  /** What the server allows. */
  readonly mode: IMode;
  /** The name of the notebook in front, null without one. */
  readonly notebook: string | null;
  readonly notebookChanged: ISignal<IPanelActions, void>;
  connect(cluster: ICluster): Promise<void>;
  /** A cell that connects, to be dropped into a notebook; null if it cannot be had. */
  dragConnect(cluster: ICluster): Promise<MimeData | null>;
  openPage(cluster: ICluster, page: IPage): Promise<void>;
  /** The pane of a page, to be dropped into the main area; null where there is no room for any. */
  dragPage(cluster: ICluster, page: IPage): Promise<MimeData | null>;
  /** Names of the layouts that can be opened: none where there is no room for panes. */
  readonly layouts: ReadonlyArray<string>;
  openLayout(cluster: ICluster, layout: string): Promise<void>;
  openLog(cluster: ICluster): Promise<void>;
  /** Stop them all, when the user has said yes. */
  stopAll(): Promise<void>;
  /** A cell that plots, to be dropped into a notebook; null if it cannot be had. */
  dragPlot(cluster: ICluster, plot: PlotName): Promise<MimeData | null>;
  openPlot(cluster: ICluster, plot: PlotName): Promise<void>;
  /** Open the menu of profiles and other ways to start a cluster, beneath a button. */
  openNewMenu(button: HTMLElement): Promise<void>;
}
