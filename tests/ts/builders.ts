/** Clusters as the server sends them. Used by the unit tests and by the browser tests. */

import type { ICluster } from '../../src/api/contract';
import { readCluster } from '../../src/api/guards';

export type Wire = Record<string, unknown>;

/** Epoch seconds of the built clusters; a fixed moment keeps pictures comparable. */
export const EPOCH = 1_790_000_000;

const GIB = 2 ** 30;

/** A running local cluster with two workers; `changes` are merged into it, one level deep. */
export function wireCluster(changes: Wire = {}): Wire {
  const base: Wire = {
    version: 1,
    id: 'c1',
    name: 'local-1',
    deployment: 'local',
    profile: null,
    origin: 'host',
    phase: 'running',
    reason: null,
    steps: [],
    environment: { python: '/opt/python', name: 'python3', title: 'Python 3 (ipykernel)' },
    scheduler: { address: 'tcp://127.0.0.1:41234', id: 'Scheduler-1' },
    workers: { wanted: 2, running: 2, minimum: null, maximum: null },
    cores: 4,
    memory: { used: 1.3 * GIB, limit: 8 * GIB },
    cpu: 0.4,
    tasks: { processing: 0, waiting: 0, memory: 0, erred: 0 },
    clients: 1,
    lease: {
      pinned: false,
      idle: 3600,
      no_client: 1200,
      max_age: 604800,
      deadline: null,
      cause: null
    },
    options: {},
    events: [],
    jobs: [],
    advice: [],
    warnings: [],
    can: ['scale', 'adapt', 'restart', 'stop', 'keep', 'dashboard', 'logs'],
    created: EPOCH,
    updated: EPOCH,
    log: '/tmp/host.log',
    cwd: '/tmp'
  };
  const merged = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const old = base[key];
    merged[key] = isObject(old) && isObject(value) ? { ...old, ...value } : value;
  }
  return merged;
}

/** The same as the front end reads it. */
export function cluster(changes: Wire = {}): ICluster {
  const read = readCluster(wireCluster(changes));
  if (!read) {
    throw new Error('not a cluster');
  }
  return read;
}

/** A cluster that has just been accepted. */
export function wireStarting(changes: Wire = {}): Wire {
  return wireCluster({
    phase: 'starting',
    scheduler: null,
    workers: { running: 0 },
    cores: 0,
    memory: { used: 0, limit: 0 },
    clients: 0,
    can: ['stop', 'logs'],
    steps: [
      { name: 'host', title: 'Start the host', state: 'done', started: EPOCH, finished: EPOCH },
      {
        name: 'scheduler',
        title: 'Start the scheduler',
        state: 'active',
        started: EPOCH,
        finished: null
      }
    ],
    ...changes
  });
}

/** A way to run Dask, with an option of each kind in two groups. */
export function wireDeployment(changes: Wire = {}): Wire {
  return {
    name: 'local',
    title: 'Local',
    description: 'Workers on this machine.',
    available: true,
    missing: null,
    locked: {},
    workers: { number: true, adaptive: true, least: 0, why: '', hint: '' },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        threads_per_worker: {
          type: 'integer',
          title: 'Threads per worker',
          description: 'Tasks a worker runs at a time.',
          minimum: 1,
          maximum: 1024
        },
        memory_limit: {
          type: 'string',
          title: 'Memory per worker',
          description: 'Such as 4GiB; at 95 % of it a worker is restarted.',
          pattern: '^[0-9.]+[kMGT]iB$|^auto$',
          default: 'auto'
        },
        processes: {
          type: 'boolean',
          title: 'Processes',
          description: 'A process per worker.',
          'x-group': 'Worker processes',
          default: true
        },
        method: {
          title: 'How processes start',
          'x-group': 'Worker processes',
          oneOf: [
            { const: 'forkserver', title: 'Fork server' },
            { const: 'spawn', title: 'Spawn' }
          ],
          default: 'forkserver'
        },
        environ: {
          type: 'object',
          title: 'Environment variables',
          'x-group': 'Worker processes',
          additionalProperties: { type: 'string' }
        },
        preload: {
          type: 'array',
          title: 'Preload',
          'x-group': 'Worker processes',
          items: { type: 'string', minLength: 1 }
        },
        resources: {
          type: 'object',
          title: 'Resources',
          'x-group': 'Worker processes',
          additionalProperties: { type: 'number', minimum: 0 }
        },
        walltime: {
          type: ['integer', 'null'],
          title: 'Time limit',
          'x-group': 'Queue',
          'x-unit': 'minutes',
          minimum: 1
        }
      }
    },
    ...changes
  };
}

function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
