/** dask-labextension, where it is installed as well: what of it is in use, and how it was set. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { JSONExt } from '@lumino/coreutils';
import type { ILayoutPane } from '../ui/layouts';
import { readPredecessorLayout } from '../ui/predecessor';

const PLUGIN = 'dask-labextension:plugin';

/** What it comes with: not a wish of the user's. */
const STOCK = {
  'individual-task-stream': { mode: 'split-right', ref: null },
  'individual-workers-memory': { mode: 'split-bottom', ref: 'individual-task-stream' },
  'individual-progress': { mode: 'split-right', ref: 'individual-workers-memory' }
};

/** Whether its panel is there too, with commands of its own. */
export function hasPredecessor(app: JupyterFrontEnd): boolean {
  return app.hasPlugin(PLUGIN);
}

/** Its default layout, if it is installed and somebody has changed that; null otherwise. */
export async function predecessorLayout(
  registry: ISettingRegistry | null
): Promise<ReadonlyArray<ILayoutPane> | null> {
  // Asked first: settings that are not there are an error in the browser's console.
  if (!registry || !(await registry.connector.list('ids')).ids.includes(PLUGIN)) {
    return null;
  }
  const value = (await registry.load(PLUGIN)).get('defaultLayout').composite;
  const panes = JSONExt.deepEqual(value ?? null, STOCK) ? [] : readPredecessorLayout(value);
  return panes.length > 0 ? panes : null;
}
