import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { PLOT_NAMES } from '../plots/names';
import { CommandIDs } from './ids';

type Item = readonly [command: string, args?: ReadonlyJSONObject];

/** What stands in the palette, all of it here: so that a server which hides dasklab leaves it out. */
const ITEMS: ReadonlyArray<Item> = [
  [CommandIDs.openPanel],
  [CommandIDs.newCluster],
  [CommandIDs.startCluster, { reveal: true }],
  [CommandIDs.scaleCluster],
  [CommandIDs.restartCluster],
  [CommandIDs.keepCluster],
  [CommandIDs.stopCluster],
  [CommandIDs.forgetCluster],
  [CommandIDs.stopAllClusters],
  [CommandIDs.connectNotebook],
  [CommandIDs.openDashboardPage],
  [CommandIDs.openDefaultLayout],
  [CommandIDs.openNamedLayout],
  [CommandIDs.openLog],
  [CommandIDs.openPlot],
  ...PLOT_NAMES.map((plot): Item => [CommandIDs.openPlot, { plot }])
];

/** The commands in JupyterLab's palette. It shows none whose plugin is not there. */
export const palette: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:palette',
  description: 'Lists the commands of Dask clusters in the command palette.',
  autoStart: true,
  requires: [ICommandPalette],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    commands: ICommandPalette,
    translator: ITranslator | null
  ): void => {
    const category = (translator ?? nullTranslator).load('dasklab').__('Dask');
    for (const [command, args] of ITEMS) {
      commands.addItem({ command, category, args });
    }
  }
};
