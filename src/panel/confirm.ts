/** Questions before what cannot be undone. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICluster } from '../api/contract';
import { isInUse, isQueued } from '../api/stake';
import { stopAllText } from '../clusters/stop-all';
import type { IPreferences } from '../ui/preferences';

/**
 * Ask before a cluster is stopped, if that is wanted; one that nobody has used yet has nothing to
 * lose. Of one that was found running, always: it is more than what was begun here.
 */
export async function confirmStop(
  cluster: ICluster,
  preferences: IPreferences,
  trans: TranslationBundle
): Promise<boolean> {
  const found = cluster.can.has('detach');
  const idle = !isInUse(cluster) && !isQueued(cluster);
  if (!found && (idle || !preferences.values.confirmStop)) {
    return true;
  }
  const real = found
    ? trans.__(
        'It was found running and others may use it: this ends the cluster itself. Detach only takes it off this list.'
      )
    : '';
  return ask(
    trans.__('Stop “%1”?', cluster.name),
    [real, stopText(cluster, trans), clientsText(cluster, trans)],
    trans.__('Stop'),
    trans
  );
}

/** Ask before all are stopped; always, for nobody knows them all by heart. */
export async function confirmStopAll(
  clusters: ReadonlyArray<ICluster>,
  trans: TranslationBundle
): Promise<boolean> {
  return ask(
    trans.__('Stop all clusters?'),
    [stopAllText(clusters, trans)],
    trans.__('Stop all'),
    trans
  );
}

export async function confirmRestart(
  cluster: ICluster,
  trans: TranslationBundle
): Promise<boolean> {
  return ask(
    trans.__('Restart the workers of “%1”?', cluster.name),
    [lossText(trans), clientsText(cluster, trans)],
    trans.__('Restart'),
    trans
  );
}

/** What is lost with a cluster. */
function stopText(cluster: ICluster, trans: TranslationBundle): string {
  const place = trans.__('Its jobs lose their place in the queue.');
  const parts = [isInUse(cluster) ? lossText(trans) : '', isQueued(cluster) ? place : ''];
  return parts.filter(Boolean).join(' ');
}

function lossText(trans: TranslationBundle): string {
  return trans.__('Running tasks end, and results in the memory of its workers are lost.');
}

function clientsText(cluster: ICluster, trans: TranslationBundle): string {
  return cluster.clients > 0
    ? trans._n('%1 client is connected.', '%1 clients are connected.', cluster.clients)
    : '';
}

async function ask(
  title: string,
  sentences: string[],
  accept: string,
  trans: TranslationBundle
): Promise<boolean> {
  const result = await showDialog({
    title,
    body: sentences.filter(Boolean).join(' '),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: accept })
    ]
  });
  return result.button.accept;
}
