import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { mayLaunch } from '../api/mode';
import { IMode } from '../tokens';
import { CommandIDs } from './ids';

/** A card in the launcher. */
export const launcher: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:launcher',
  description: 'Adds a card for a new Dask cluster to the launcher.',
  autoStart: true,
  requires: [IMode],
  optional: [ILauncher, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mode: IMode,
    cards: ILauncher | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    // The launcher shows also what is disabled.
    if (mayLaunch(mode)) {
      cards?.add({
        command: CommandIDs.startCluster,
        args: { launcher: true, reveal: true },
        category: trans.__('Dask')
      });
    }
  }
};
