/**
 * Stopping all: those that were found running are detached, and go on, because others may use them.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { hasEnded, type ICluster } from '../api/contract';
import type { IClusters } from './manager';

/** Those that it would be about: all that live, also those that only start. */
export function stoppable(clusters: ReadonlyArray<ICluster>): ICluster[] {
  return clusters.filter(({ phase }) => !hasEnded(phase) && phase !== 'stopping');
}

/** What becomes of which cluster, for the question before it. */
export function stopAllText(which: ReadonlyArray<ICluster>, trans: TranslationBundle): string {
  const names = (found: boolean): string =>
    which
      .filter(each => wasFound(each) === found)
      .map(({ name }) => `“${name}”`)
      .join(', ');
  const [ours, found] = [names(false), names(true)];
  return [
    ours &&
      trans.__('%1: running tasks end, and results in the memory of their workers are lost.', ours),
    found && trans.__('Found running and only detached, so that others can go on: %1.', found)
  ]
    .filter(Boolean)
    .join(' ');
}

/** Do it at the same time; the first failure is thrown when all have been asked. */
export async function stopAll(which: ReadonlyArray<ICluster>, clusters: IClusters): Promise<void> {
  const results = await Promise.allSettled(
    which.map(each => (wasFound(each) ? clusters.detach(each.id) : clusters.remove(each.id)))
  );
  const failed = results.find(result => result.status === 'rejected');
  if (failed) {
    throw failed.reason;
  }
}

function wasFound(cluster: ICluster): boolean {
  return cluster.can.has('detach');
}
