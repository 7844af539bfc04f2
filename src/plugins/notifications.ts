import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ICluster } from '../api/contract';
import { abilities } from '../api/mode';
import { Alerts, type IAlert } from '../clusters/alerts';
import { leaseCause } from '../clusters/lease';
import { IClusters, IMode, IPreferences } from '../tokens';
import { problemText } from '../ui/words';
import { CommandIDs } from './ids';

/** Tells of what should not be missed while the panel is out of sight. */
export const notifications: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:notifications',
  description: 'Notifies of what fails at Dask clusters, and of leases that end.',
  autoStart: true,
  requires: [IClusters, IPreferences, IMode],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    preferences: IPreferences,
    mode: IMode,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    /** Notifications that stand, by the cluster whose lease they speak of. */
    const warnings = new Map<string, string>();

    new Alerts(clusters).raised.connect((_, alert) => {
      const { cluster, kind } = alert;
      if (kind === 'settled') {
        Notification.dismiss(warnings.get(cluster.id) ?? '');
        warnings.delete(cluster.id);
      } else if (preferences.values.notifications) {
        const action =
          kind === 'ending' ? keep(cluster) : kind === 'ended' ? null : showLog(cluster);
        const isError = kind === 'failed' || kind === 'refused';
        const id = Notification.emit(text(alert), isError ? 'error' : 'warning', {
          autoClose: false,
          actions: action ? [action] : []
        });
        if (kind === 'ending') {
          warnings.set(cluster.id, id);
        }
      }
    });

    function text({ cluster, event, kind }: IAlert): string {
      const { lease, name, reason } = cluster;
      if (kind === 'ending') {
        return [
          trans.__('The Dask cluster “%1” will stop within five minutes.', name),
          leaseCause(lease.cause, trans)
        ].join(' ');
      }
      const title =
        kind === 'failed'
          ? trans.__('The Dask cluster “%1” has failed.', name)
          : kind === 'lost'
            ? trans.__('The Dask cluster “%1” was lost.', name)
            : kind === 'ended'
              ? trans.__('The Dask cluster “%1” has stopped.', name)
              : event?.kind === 'scale-failed'
                ? trans.__('The Dask cluster “%1” could not be scaled.', name)
                : trans.__('The workers of “%1” could not be restarted.', name);
      const why = event?.text ?? (reason && problemText(reason, trans).message);
      return [title, why].filter(Boolean).join('\n');
    }

    function keep(cluster: ICluster): Notification.IAction | null {
      return abilities(cluster.can, mode).has('keep')
        ? {
            label: trans.__('Keep'),
            caption: trans.__('Keep “%1” whatever its lease says', cluster.name),
            displayType: 'accent',
            callback: () =>
              void app.commands.execute(CommandIDs.keepCluster, {
                cluster: cluster.id,
                pinned: true
              })
          }
        : null;
    }

    function showLog(cluster: ICluster): Notification.IAction | null {
      return cluster.hasLog
        ? {
            label: trans.__('Show the Log'),
            callback: () => void app.commands.execute(CommandIDs.openLog, { cluster: cluster.id })
          }
        : null;
    }
  }
};
