import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Starter } from '../clusters/starter';
import { IClusters, IStarter } from '../tokens';

/** Where JupyterLab keeps what was launched last: with the workspace, so that it follows its user. */
const KEY = 'dasklab:last-launch';

/** Starts clusters for the panel, the launcher and the commands. */
export const starter: JupyterFrontEndPlugin<IStarter> = {
  id: 'dasklab:starter',
  description: 'Starts Dask clusters where the notebook in front works, as the last time.',
  autoStart: true,
  requires: [IClusters],
  optional: [INotebookTracker, IStateDB],
  provides: IStarter,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    notebooks: INotebookTracker | null,
    state: IStateDB | null
  ): IStarter => {
    const surroundings = {
      get folder(): string | null {
        const path = notebooks?.currentWidget?.context.path;
        return path === undefined
          ? null
          : PathExt.dirname(app.serviceManager.contents.localPath(path));
      },
      get environment(): string | null {
        return notebooks?.currentWidget?.sessionContext.session?.kernel?.name ?? null;
      }
    };
    const memory = state && {
      fetch: (): Promise<unknown> => state.fetch(KEY),
      // Settings are JSON, as they came from the server or go to it.
      save: (choice: object): Promise<void> =>
        state.save(KEY, JSON.parse(JSON.stringify(choice)) as ReadonlyPartialJSONObject)
    };
    return new Starter(clusters, surroundings, memory);
  }
};
