/** What the user reads where the server sends only a code. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICluster, IProblem, ISettings, IWorkers, Phase } from '../api/contract';
import { inGroups } from '../api/stake';
import { LOCAL_CODES } from '../api/errors';
import type { IMode } from '../api/mode';
import { formatBytes, formatCores, formatCount } from './units';

export function phaseName(phase: Phase, trans: TranslationBundle): string {
  switch (phase) {
    case 'starting':
      return trans.__('Starting');
    case 'waiting':
      return trans.__('Waiting');
    case 'running':
      return trans.__('Running');
    case 'stopping':
      return trans.__('Stopping');
    case 'stopped':
      return trans.__('Stopped');
    case 'failed':
      return trans.__('Failed');
    case 'lost':
      return trans.__('Lost');
  }
}

/** Why no cluster can be launched here, as the server would say it; null where one can. */
export function launchRefusal(mode: IMode, trans: TranslationBundle): string | null {
  return mode.readOnly
    ? trans.__('Clusters can only be looked at on this server, not changed.')
    : mode.allowLaunch
      ? null
      : trans.__('Launching is turned off on this server.');
}

/** Workers that run, of those that are wanted. */
export function workersText(workers: IWorkers, trans: TranslationBundle): string {
  const { running, wanted, minimum, maximum } = workers;
  const grouped = inGroups(workers);
  const text =
    maximum === null
      ? trans.__('%1 of %2', running, wanted)
      : trans.__('%1 of %2–%3', running, (minimum ?? 0) + grouped, maximum + grouped);
  return grouped > 0 ? trans.__('%1 (%2)', text, groupsText(workers)) : text;
}

/** The same in a sentence, for a tooltip. */
export function workersTitle(workers: IWorkers, trans: TranslationBundle): string {
  const { running, wanted, minimum, maximum } = workers;
  const text =
    maximum === null
      ? trans.__('%1 workers run of %2 that are wanted', running, wanted)
      : trans.__(
          '%1 workers run; adaptive: as many as the work needs, from %2 to %3',
          running,
          minimum ?? 0,
          maximum
        );
  return inGroups(workers) > 0
    ? trans.__('%1; of worker groups: %2', text, groupsText(workers))
    : text;
}

/** What is wanted of worker groups: `2 gpu, 1 big`. */
function groupsText({ groups }: IWorkers): string {
  return Object.entries(groups)
    .filter(([, number]) => number > 0)
    .map(([group, number]) => `${number} ${group}`)
    .join(', ');
}

/** Cores in use, of how many. */
export function cpuText(cluster: ICluster, trans: TranslationBundle): string {
  const used = formatCores(cluster.cpu, document.documentElement.lang || undefined);
  return trans._n('%2 of %1 core', '%2 of %1 cores', cluster.cores, used);
}

/** A cluster's profile, deployment or, of a notebook's own, class; and its environment. */
export function originText(cluster: ICluster, trans: TranslationBundle): string {
  const { deployment, environment, kind, origin, profile } = cluster;
  const where =
    origin === 'kernel'
      ? [kind, trans.__('from a notebook')].filter(Boolean).join(' · ')
      : profile
        ? trans.__('%1 (%2)', profile, deployment)
        : deployment;
  return [where, environment].filter(Boolean).join(' · ');
}

/** What a launch asks for, in a few words: a profile, or a deployment and its workers. */
export function choiceText(
  choice: ISettings & { readonly profile: string | null },
  trans: TranslationBundle
): string {
  const { profile, deployment, workers, options } = choice;
  if (profile !== null) {
    return trans.__('profile %1', profile);
  }
  const set = Object.keys(options).length;
  return [
    deployment,
    workers === null
      ? ''
      : typeof workers === 'number'
        ? trans._n('%1 worker', '%1 workers', workers)
        : trans.__('%1 to %2 workers', workers.minimum, workers.maximum),
    set > 0 ? trans._n('%1 option', '%1 options', set) : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/** A problem's two sentences, with words for those that arise on this side. */
export function problemText(
  problem: IProblem,
  trans: TranslationBundle
): { message: string; hint: string } {
  const { code, message, hint } = problem;
  switch (code) {
    case LOCAL_CODES.unreachable:
      return {
        message: trans.__('The Jupyter server does not answer.'),
        hint: hint || trans.__('Check that it is running and that you are online, then try again.')
      };
    case LOCAL_CODES.missing:
      return {
        message: trans.__('This Jupyter server does not know dasklab.'),
        hint:
          hint ||
          trans.__('Run “jupyter server extension enable dasklab” there and restart the server.')
      };
    case LOCAL_CODES.signedOut:
      return {
        message: message || trans.__('The Jupyter server did not accept the request.'),
        hint: hint || trans.__('Reload the page to sign in again.')
      };
    case LOCAL_CODES.unreadable:
      return {
        message: message || trans.__('The Jupyter server gave an answer that cannot be read.'),
        hint:
          hint || trans.__('Its log says more. Versions of dasklab that differ may be the cause.')
      };
    default:
      return { message: message || trans.__('Something went wrong (%1).', code), hint };
  }
}

/** What the status bar says of a cluster: workers, memory and tasks, or why it has none. */
export function statusText(cluster: ICluster, trans: TranslationBundle): string {
  if (cluster.phase !== 'running') {
    return phaseName(cluster.phase, trans);
  }
  const locale = document.documentElement.lang || undefined;
  const { memory, tasks, workers } = cluster;
  const todo = tasks.processing + tasks.waiting;
  return [
    trans._n('%1 worker', '%1 workers', workers.running),
    formatBytes(memory.used, locale),
    todo > 0 ? trans._n('%2 task', '%2 tasks', todo, formatCount(todo, locale)) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

/** The same in sentences, for a tooltip. */
export function statusTitle(cluster: ICluster, trans: TranslationBundle): string {
  return [
    trans.__('Dask cluster “%1”: %2', cluster.name, phaseName(cluster.phase, trans)),
    workersTitle(cluster.workers, trans),
    cpuText(cluster, trans)
  ].join('\n');
}
