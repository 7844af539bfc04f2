/**
 * Readers of wire data: `unknown` in, the contract's types out.
 *
 * They are tolerant: a field that is missing or absurd gets a harmless value, so that one odd
 * cluster never empties the list. Only what cannot be addressed at all (no id) is dropped.
 */
import type {
  Ability,
  ClusterEvent,
  ICatalogue,
  ICluster,
  IConnectCode,
  IDeployment,
  IEnvironment,
  IListing,
  ILogLine,
  IPage,
  IProblem,
  IStep,
  IView,
  Phase
} from './contract';
import { readAdvice, readJob } from './explanation-guards';
import { all, count, fields, list, maybe, moment, quantity, text } from './read';
import { paragraph, SENTENCE_LIMIT } from './text';

const PHASES: ReadonlySet<string> = new Set<Phase>([
  'starting',
  'waiting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'lost'
]);

const ABILITIES: ReadonlySet<string> = new Set<Ability>([
  'scale',
  'adapt',
  'restart',
  'stop',
  'detach',
  'keep',
  'dashboard',
  'logs'
]);

/** Ids name URLs: letters, digits, dot, dash and underscore, and never a path. */
const ID = /^(?!\.+$)[\w.-]{1,128}$/;

export function readProblem(value: unknown): IProblem {
  const data = fields(value);
  return {
    code: text(data.code) || 'internal',
    message: typeof data.message === 'string' ? paragraph(data.message) : '',
    hint: typeof data.hint === 'string' ? paragraph(data.hint) : '',
    details: fields(data.details)
  };
}

function readStep(value: unknown): IStep | null {
  const data = fields(value);
  const name = text(data.name);
  const state = data.state === 'done' || data.state === 'failed' ? data.state : 'active';
  return name
    ? {
        name,
        title: text(data.title) || name,
        state,
        started: moment(data.started),
        finished: maybe(data.finished, moment)
      }
    : null;
}

/** A cluster, or null when it has no id to address it by. */
export function readCluster(value: unknown): ICluster | null {
  const data = fields(value);
  if (typeof data.id !== 'string' || !ID.test(data.id)) {
    return null;
  }
  const environment = fields(data.environment);
  const scheduler = fields(data.scheduler);
  const workers = fields(data.workers);
  const memory = fields(data.memory);
  const tasks = fields(data.tasks);
  const lease = fields(data.lease);
  return {
    id: data.id,
    name: text(data.name) || data.id,
    deployment: text(data.deployment),
    profile: text(data.profile) || null,
    origin: data.origin === 'kernel' ? 'kernel' : 'host',
    kind: text(data.kind),
    // A phase of a later version: not an ended one, for to forget a living cluster is to stop it.
    phase:
      typeof data.phase === 'string' && PHASES.has(data.phase) ? (data.phase as Phase) : 'waiting',
    reason: maybe(data.reason, readProblem),
    steps: all(data.steps, readStep),
    environment: text(environment.title) || text(environment.name),
    schedulerId: text(scheduler.id) || text(scheduler.address) || null,
    workers: {
      wanted: count(workers.wanted),
      running: count(workers.running),
      minimum: maybe(workers.minimum, count),
      maximum: maybe(workers.maximum, count),
      groups: Object.fromEntries(
        Object.entries(fields(workers.groups)).map(([group, number]) => [group, count(number)])
      )
    },
    cores: count(data.cores),
    cpu: quantity(data.cpu),
    memory: { used: quantity(memory.used), limit: quantity(memory.limit) },
    tasks: {
      processing: count(tasks.processing),
      waiting: count(tasks.waiting),
      memory: count(tasks.memory),
      erred: count(tasks.erred)
    },
    clients: count(data.clients),
    lease: {
      pinned: lease.pinned === true,
      idle: maybe(lease.idle, quantity),
      noClient: maybe(lease.no_client, quantity),
      maxAge: maybe(lease.max_age, quantity),
      deadline: maybe(lease.deadline, moment),
      cause: text(lease.cause) || null
    },
    events: list(data.events).map(item => {
      const event = fields(item);
      return {
        at: moment(event.at),
        kind: text(event.kind),
        text: text(event.text, SENTENCE_LIMIT)
      };
    }),
    jobs: all(data.jobs, readJob),
    advice: all(data.advice, readAdvice),
    warnings: all(data.warnings, readAdvice),
    can: new Set(
      list(data.can).filter(
        (item): item is Ability => typeof item === 'string' && ABILITIES.has(item)
      )
    ),
    hasLog: text(data.log) !== '',
    created: moment(data.created),
    updated: moment(data.updated)
  };
}

export function readListing(value: unknown): IListing {
  const data = fields(value);
  return {
    clusters: all(data.clusters, readCluster),
    problems: list(data.problems).map(readProblem)
  };
}

/** A pushed change, or null when it is none that can be used. */
export function readEvent(value: unknown): ClusterEvent | null {
  const data = fields(value);
  if (data.action === 'changed') {
    const cluster = readCluster(data.cluster);
    return cluster && { action: 'changed', cluster };
  }
  if (data.action === 'forgotten' && typeof data.id === 'string') {
    return { action: 'forgotten', id: data.id };
  }
  return null;
}

export function readCatalogue(value: unknown): ICatalogue {
  const data = fields(value);
  return {
    deployments: all(data.deployments, readDeployment),
    mostWorkers: maybe(fields(data.limits).workers, count)
  };
}

function readDeployment(value: unknown): IDeployment | null {
  const data = fields(value);
  const name = text(data.name);
  const workers = fields(data.workers);
  return name
    ? {
        name,
        title: text(data.title) || name,
        description: text(data.description, SENTENCE_LIMIT),
        schema: fields(data.schema),
        workers: {
          number: workers.number !== false,
          adaptive: workers.adaptive !== false,
          why: text(workers.why, SENTENCE_LIMIT)
        },
        locked: fields(data.locked),
        available: data.available === true,
        missing: maybe(data.missing, readProblem)
      }
    : null;
}

export function readEnvironments(value: unknown): IEnvironment[] {
  return all(fields(value).environments, item => {
    const data = fields(item);
    const name = text(data.name);
    return name ? { name, title: text(data.title) || name } : null;
  });
}

export function readLogs(value: unknown): ILogLine[] {
  return list(fields(value).lines).map(item => {
    const data = fields(item);
    return {
      source: text(data.source),
      at: maybe(data.at, moment),
      level: text(data.level),
      text: typeof data.text === 'string' ? paragraph(data.text) : ''
    };
  });
}

export function readPages(value: unknown): IPage[] {
  return all(fields(value).pages, item => {
    const data = fields(item);
    const name = text(data.name);
    return name ? { name, title: text(data.title) || name } : null;
  });
}

/** Keys of tasks: hostile texts of any length, so they are cut. */
export function readKeys(value: unknown): string[] {
  return all(fields(value).keys, key => (typeof key === 'string' ? key.slice(0, 2_000) : null));
}

/** A view, or null when its URL is none of this server's own views. */
export function readView(value: unknown, baseUrl: string): IView | null {
  const data = fields(value);
  if (typeof data.url !== 'string') {
    return null;
  }
  // The frame must never be sent elsewhere, whatever answered: same origin, below our own path.
  const base = new URL('dasklab/view/', baseUrl);
  const url = new URL(data.url, base);
  const inside = url.origin === base.origin && url.pathname.startsWith(base.pathname);
  return inside ? { url: url.href, expires: moment(data.expires) } : null;
}

export function readCode(value: unknown): IConnectCode {
  const data = fields(value);
  const code = (item: unknown): string => (typeof item === 'string' ? item.slice(0, 10_000) : '');
  return { connect: code(data.connect), plain: code(data.plain) };
}
