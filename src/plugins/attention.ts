import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { Attention } from '../telemetry/attention';
import { IAttention, IPreferences } from '../tokens';

const MINUTE = 60_000;

/** Whether somebody is at this page; by itself it only matters where somebody counts activity. */
export const attention: JupyterFrontEndPlugin<IAttention> = {
  id: 'dasklab:attention',
  description: 'Pauses live plots and logs of Dask clusters in a page that nobody uses.',
  autoStart: true,
  requires: [IPreferences],
  provides: IAttention,
  activate: (app: JupyterFrontEnd, preferences: IPreferences): IAttention => {
    const found = new Attention();
    // Only a Hub's proxy takes what this page sends for activity; our server does not.
    if (PageConfig.getOption('hubPrefix') !== '') {
      const read = (): void => {
        const { pauseAfter } = preferences.values;
        found.patience = pauseAfter > 0 ? pauseAfter * MINUTE : null;
      };
      preferences.changed.connect(read);
      read();
    }
    return found;
  }
};
