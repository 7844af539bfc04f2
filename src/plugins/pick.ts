/** From a command's arguments to the cluster that is meant. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { hasEnded, type ICluster } from '../api/contract';
import { ApiError } from '../api/errors';
import type { IClusters } from '../clusters/manager';
import { phaseName } from '../ui/words';

/** The schema of the argument that names a cluster. */
export function clusterArgument(trans: TranslationBundle): ReadonlyJSONObject {
  return {
    type: 'string',
    description: trans.__('Id or name of the cluster; asked for if missing')
  };
}

export function textArgument(args: ReadonlyPartialJSONObject, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/**
 * The arguments of a command in the menu of one cluster, which `card: true` says: with the cluster
 * of the card filled in that a context menu was opened on, unless one is named.
 */
export function onCard(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject
): ReadonlyPartialJSONObject {
  if (args.card !== true || args.cluster !== undefined) {
    return args;
  }
  const card = app.contextMenuHitTest(node => node.dataset.cluster !== undefined);
  return { ...args, cluster: card?.dataset.cluster ?? '' };
}

/** Whether a command has a place where it stands: everywhere, but in a menu only if it fits. */
export function fitsMenu(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject,
  clusters: IClusters,
  fits: (cluster: ICluster) => boolean
): boolean {
  if (args.card !== true) {
    return true;
  }
  const cluster = clusters.get(textArgument(onCard(app, args), 'cluster') ?? '');
  return cluster !== null && fits(cluster);
}

export function hasDashboard(cluster: ICluster): boolean {
  return !hasEnded(cluster.phase) && cluster.can.has('dashboard');
}

/**
 * The cluster that `args.cluster` names; without it the only one that fits, or the one the user
 * picks. Null when the user would rather not.
 *
 * @param fits - Whether a cluster comes into question when none is named.
 */
export async function pickCluster(
  args: ReadonlyPartialJSONObject,
  clusters: IClusters,
  fits: (cluster: ICluster) => boolean,
  trans: TranslationBundle
): Promise<ICluster | null> {
  const wanted = textArgument(args, 'cluster');
  await clusters.ready;
  if (wanted !== null) {
    return clusters.find(wanted) ?? (await findAgain(wanted, clusters, trans));
  }
  const all = clusters.state.clusters.filter(fits);
  // First those that are at work.
  const candidates = [
    ...all.filter(each => !hasEnded(each.phase)),
    ...all.filter(each => hasEnded(each.phase))
  ];
  if (candidates.length === 0) {
    throw new ApiError({
      code: 'cluster.unknown',
      message: trans.__('There is no cluster for that.'),
      hint: trans.__('Start one in the Dask panel.')
    });
  }
  if (candidates.length === 1) {
    return candidates[0];
  }
  const items = candidates.map(each =>
    trans.__('%1 (%2)', each.name, phaseName(each.phase, trans).toLowerCase())
  );
  const answer = await InputDialog.getItem({ title: trans.__('Which cluster?'), items });
  return answer.button.accept && answer.value !== null
    ? candidates[items.indexOf(answer.value)]
    : null;
}

/** A link in an output may be quicker than the event that tells of its cluster. */
async function findAgain(
  wanted: string,
  clusters: IClusters,
  trans: TranslationBundle
): Promise<ICluster> {
  await clusters.refresh();
  const cluster = clusters.find(wanted);
  if (cluster === null) {
    throw (
      clusters.state.error ??
      new ApiError({
        code: 'cluster.unknown',
        message: trans.__('No cluster is called “%1”.', wanted.slice(0, 80)),
        hint: trans.__('It may have been forgotten. The Dask panel lists those that are known.')
      })
    );
  }
  return cluster;
}
