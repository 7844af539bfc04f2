/** How it stands with a stream of telemetry, in words. */
import type { IWords } from '../plot/plot';
import type { PlotSession } from './session';

/** Whether the cluster has said its last. */
export function hasSaidAll({ store }: PlotSession): boolean {
  return store.end !== null && store.end.phase !== 'off';
}

/** Of a cluster that has ended. */
export function endStatus(session: PlotSession, clusterName: string, words: IWords): string {
  return session.store.complete
    ? words.__('“%1” has ended. This is its history.', clusterName)
    : session.source.connection === 'ended'
      ? words.__('“%1” has ended, and nothing of it was kept.', clusterName)
      : words.__('“%1” has ended. Reading what was kept of it…', clusterName);
}

/** Of one that lives; empty for nothing. */
export function streamStatus({ axis, source, store }: PlotSession, words: IWords): string {
  if (source.resting) {
    return words.__('Paused: this page is unused');
  }
  if (source.connection === 'broken') {
    return words.__('The connection is lost. It is tried again…');
  }
  if (!store.complete) {
    return words.__('Waiting for the first data…');
  }
  const parts = [];
  if (!axis.following) {
    parts.push(words.__('Paused'));
  }
  if (store.dropped > 0) {
    const gone = store.dropped.toLocaleString();
    parts.push(
      words._n(
        '%2 older task is not kept here',
        '%2 older tasks are not kept here',
        store.dropped,
        gone
      )
    );
  }
  return parts.join(' · ');
}

/** Of a cluster that tells nothing; empty where it does. */
export function offStatus({ store }: PlotSession, words: IWords): string {
  return store.end?.phase === 'off'
    ? store.end.reason || words.__('Telemetry is switched off for this cluster.')
    : '';
}
