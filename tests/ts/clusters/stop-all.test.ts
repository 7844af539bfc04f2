import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { ClusterManager } from '../../../src/clusters/manager';
import { stopAll, stoppable, stopAllText } from '../../../src/clusters/stop-all';
import { cluster, wireCluster, wireStarting } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';

const trans = nullTranslator.load('dasklab');
const ALPHA = { id: 'a', name: 'alpha' };
const BETA = { id: 'b', name: 'beta' };
const FOUND = { id: 'g', name: 'gateway', can: ['scale', 'stop', 'detach'] };

let server: ScriptedServer;
let manager: ClusterManager;

beforeEach(async () => {
  server = new ScriptedServer();
  server.answer = () =>
    json(200, { clusters: [ALPHA, BETA, FOUND].map(wireCluster), problems: [] });
  manager = new ClusterManager(new ClusterApi(server.settings), new ManualFeed());
  await manager.ready;
  server.requests.length = 0;
});

function asked(): string[] {
  return server.requests.map(({ method, url }) => `${method} ${url.split('/clusters/')[1]}`).sort();
}

describe('stopping all', () => {
  it('is about those that live, also those that only start', () => {
    const phases = ['starting', 'waiting', 'running', 'stopping', 'stopped', 'failed', 'lost'];
    const all = phases.map(phase => cluster({ id: phase, phase }));
    expect(stoppable(all).map(({ id }) => id)).toEqual(['starting', 'waiting', 'running']);
    expect(stoppable([cluster(wireStarting())])).toHaveLength(1);
  });

  it('stops what was started, and detaches what was found running', async () => {
    server.answer = () => json(202, wireCluster({ phase: 'stopping' }));
    await stopAll(manager.state.clusters, manager);
    expect(asked()).toEqual(['DELETE a', 'DELETE b', 'POST g/detach']);
  });

  it('asks all of them before it says that one could not be stopped', async () => {
    const error = { code: 'internal', message: 'No.', hint: '', details: {} };
    server.answer = () => json(500, { error });
    await expect(stopAll(manager.state.clusters, manager)).rejects.toThrow('No.');
    expect(server.requests).toHaveLength(3);
  });

  it('says beforehand what becomes of which', () => {
    const [alpha, beta, found] = [ALPHA, BETA, FOUND].map(cluster);
    const loss = 'running tasks end, and results in the memory of their workers are lost.';
    const detached = 'Found running and only detached, so that others can go on: “gateway”.';
    expect(stopAllText([alpha, beta], trans)).toBe(`“alpha”, “beta”: ${loss}`);
    expect(stopAllText([alpha, found], trans)).toBe(`“alpha”: ${loss} ${detached}`);
    expect(stopAllText([found], trans)).toBe(detached);
  });
});
