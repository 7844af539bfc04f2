/** How it stands with the telemetry of a cluster: in words, and whether to ask for more of it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { hasEnded } from '../api/contract';
import type { IClusters } from '../clusters/manager';
import type { PlotSession } from '../plots/session';

/** Whether there is something to connect to. */
export function wantsTelemetry(clusters: IClusters, session: PlotSession): boolean {
  const cluster = clusters.get(session.cluster);
  // Of a cluster that has ended, what its host kept is read once, if it was not seen before.
  return (
    cluster !== null &&
    cluster.phase !== 'starting' &&
    !(hasEnded(cluster.phase) && session.store.complete)
  );
}

/** What is to be said; empty for nothing. */
export function plotStatus(
  clusters: IClusters,
  session: PlotSession,
  clusterName: string,
  trans: TranslationBundle
): string {
  const { axis, source, store } = session;
  const cluster = clusters.get(session.cluster);
  const known = store.complete;
  if (cluster === null) {
    return !clusters.state.loaded
      ? trans.__('Looking for the cluster…')
      : known
        ? trans.__('“%1” is gone. This is its history.', clusterName)
        : trans.__('“%1” is no longer known, and nothing was seen of it here.', clusterName);
  }
  if (hasEnded(cluster.phase) || (store.end !== null && store.end.phase !== 'off')) {
    return known
      ? trans.__('“%1” has ended. This is its history.', clusterName)
      : source.connection === 'ended'
        ? trans.__('“%1” has ended, and nothing of it was kept.', clusterName)
        : trans.__('“%1” has ended. Reading what was kept of it…', clusterName);
  }
  if (store.end?.phase === 'off') {
    return store.end.reason || trans.__('Telemetry is switched off for this cluster.');
  }
  if (cluster.phase === 'starting') {
    return trans.__('“%1” is starting.', clusterName);
  }
  if (source.connection === 'broken') {
    return trans.__('The connection is lost. It is tried again…');
  }
  if (!known) {
    return trans.__('Waiting for the first data…');
  }
  const parts = [];
  if (!axis.following) {
    parts.push(trans.__('Paused'));
  }
  if (store.dropped > 0) {
    const gone = store.dropped.toLocaleString();
    parts.push(
      trans._n(
        '%2 older task is not kept here',
        '%2 older tasks are not kept here',
        store.dropped,
        gone
      )
    );
  }
  return parts.join(' · ');
}
