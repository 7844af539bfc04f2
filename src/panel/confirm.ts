/** Questions before what cannot be undone. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { isComing, type ICluster } from '../api/contract';

/** Ask before a cluster is stopped; one that only starts has nothing to lose. */
export async function confirmStop(cluster: ICluster, trans: TranslationBundle): Promise<boolean> {
  if (isComing(cluster.phase)) {
    return true;
  }
  return ask(
    trans.__('Stop “%1”?', cluster.name),
    [lossText(trans), clientsText(cluster, trans)],
    trans.__('Stop'),
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
