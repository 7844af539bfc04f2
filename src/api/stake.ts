/** What follows from a cluster as it is: how many of its workers are in groups, what stopping loses. */
import type { ICluster, IWorkers } from './contract';

/** Lines of a history that are of a cluster which had workers. */
const HAD_WORKERS: ReadonlySet<string> = new Set(['workers-gone', 'restart']);

/** Workers of all groups together. */
export function inGroups({ groups }: IWorkers): number {
  return Object.values(groups).reduce((sum, number) => sum + number, 0);
}

/**
 * Whether somebody would lose something if the cluster was stopped. One that waits does so for its
 * first worker, or it has lost all that it had: its history tells.
 */
export function isInUse({ clients, events, phase, tasks, workers }: ICluster): boolean {
  const known = tasks.processing + tasks.waiting + tasks.memory + tasks.erred;
  return phase === 'waiting'
    ? workers.running + clients + known > 0 || events.some(({ kind }) => HAD_WORKERS.has(kind))
    : phase !== 'starting';
}

/** Whether workers of the cluster have a place in a queue. */
export function isQueued({ jobs, phase }: ICluster): boolean {
  return phase === 'waiting' && jobs.some(({ state }) => state === 'pending');
}
