import type { ISignal } from '@lumino/signaling';
import type { ICluster, IPage } from '../api/contract';
import type { IPreferences } from '../ui/preferences';

/**
 * What the panel may ask of the application around it. Given by the plugin, because only plugins
 * know the application; whatever fails there is told to the user there.
 */
export interface IPanelActions {
  readonly preferences: IPreferences;
  /** The name of the notebook in front, null without one. */
  readonly notebook: string | null;
  readonly notebookChanged: ISignal<IPanelActions, void>;
  connect(cluster: ICluster): Promise<void>;
  openPage(cluster: ICluster, page: IPage): Promise<void>;
  openLog(cluster: ICluster): Promise<void>;
  /** Open the menu of profiles and other ways to start a cluster, beneath a button. */
  openNewMenu(button: HTMLElement): Promise<void>;
}
