/** How it stands with the telemetry of a cluster: in words, and whether to ask for more of it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { hasEnded } from '../api/contract';
import type { IClusters } from '../clusters/manager';
import type { PlotSession } from '../plots/session';
import { endStatus, hasSaidAll, offStatus, streamStatus } from '../plots/stream-status';

/** Whether there is something to connect to. */
export function wantsTelemetry(clusters: IClusters, session: PlotSession): boolean {
  const cluster = clusters.get(session.cluster);
  // Of a cluster that has ended, what its host kept is read once, if it was not seen before.
  return (
    cluster !== null &&
    cluster.phase !== 'starting' &&
    !(hasEnded(cluster.phase) && session.store.whole)
  );
}

/** What is to be said; empty for nothing. */
export function plotStatus(
  clusters: IClusters,
  session: PlotSession,
  clusterName: string,
  trans: TranslationBundle
): string {
  const { store } = session;
  const cluster = clusters.get(session.cluster);
  const known = store.complete;
  if (cluster === null) {
    return !clusters.state.loaded
      ? trans.__('Looking for the cluster…')
      : known
        ? trans.__('“%1” is gone. This is its history.', clusterName)
        : trans.__('“%1” is no longer known, and nothing was seen of it here.', clusterName);
  }
  if (hasEnded(cluster.phase) || hasSaidAll(session)) {
    return endStatus(session, clusterName, trans);
  }
  if (cluster.phase === 'starting' && store.end === null) {
    return trans.__('“%1” is starting.', clusterName);
  }
  return offStatus(session, trans) || streamStatus(session, trans);
}
