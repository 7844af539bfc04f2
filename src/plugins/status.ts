import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { currentCluster } from '../clusters/connections';
import { IClusters, IConnections } from '../tokens';
import { CommandIDs } from './ids';

/** The cluster of the notebook in front, in the status bar. */
export const status: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:status',
  description: 'Shows the Dask cluster of the current notebook in the status bar.',
  autoStart: true,
  requires: [IClusters],
  optional: [IStatusBar, IConnections, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    statusBar: IStatusBar | null,
    connections: IConnections | null,
    translator: ITranslator | null
  ): void => {
    if (statusBar === null) {
      return;
    }
    const menu = new MenuSvg({ commands: app.commands });
    const trans = (translator ?? nullTranslator).load('dasklab');
    void import('../panel/status-item').then(({ StatusItem }) => {
      const item = new StatusItem(trans, openMenu);
      const activeStateChanged = new Signal<typeof item, void>(item);
      const update = (): void => {
        const before = item.cluster;
        item.cluster = currentCluster(clusters.state.clusters, connections?.current ?? null);
        if ((before === null) !== (item.cluster === null)) {
          activeStateChanged.emit();
        }
      };
      clusters.changed.connect(update);
      connections?.changed.connect(update);
      statusBar.registerStatusItem('dasklab:status', {
        item,
        align: 'left',
        rank: 100,
        isActive: () => item.cluster !== null,
        activeStateChanged
      });
      update();

      function openMenu(button: HTMLElement): void {
        const cluster = item.cluster?.id ?? '';
        menu.clearItems();
        for (const command of [
          CommandIDs.showCluster,
          CommandIDs.connectNotebook,
          CommandIDs.openDashboardPage,
          CommandIDs.openDefaultLayout,
          CommandIDs.openLog,
          CommandIDs.scaleCluster,
          CommandIDs.keepCluster,
          CommandIDs.restartCluster,
          CommandIDs.stopCluster
        ]) {
          menu.addItem({ command, args: { cluster, card: true } });
        }
        const box = button.getBoundingClientRect();
        // Above the bar: a menu that does not fit below its point opens above it.
        menu.open(box.left, box.top);
      }
    });
  }
};
