import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { ApiError } from '../../../src/api/errors';
import { wireCluster } from '../builders';
import { json, ScriptedServer } from '../doubles';

let server: ScriptedServer;
let api: ClusterApi;

beforeEach(() => {
  server = new ScriptedServer();
  api = new ClusterApi(server.settings);
});

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('requests', () => {
  const root = 'http://host.example/user/alice/dasklab/api';

  it('go below the base URL', async () => {
    server.answer = () => json(200, { clusters: [wireCluster()], problems: [] });
    const listing = await api.list();
    expect(listing.clusters).toHaveLength(1);
    expect(server.requests).toEqual([{ method: 'GET', url: `${root}/clusters`, body: null }]);
  });

  it('wait for longer than the server waits for a host', async () => {
    const deadline = vi.spyOn(AbortSignal, 'timeout');
    server.answer = () => json(200, { clusters: [], problems: [] });
    await api.list();
    expect(deadline.mock.lastCall?.[0]).toBeGreaterThan(60_000);
    deadline.mockRestore();
  });

  it('for profile and task graph say only what is meant', async () => {
    await api.profile('c', null, 12.5);
    await api.profile('c', 1, null);
    await api.taskGraph('c', null);
    await api.taskGraph('c', 'tasks-1f');
    expect(
      server.requests.map(({ url }) => url.slice(`${root}/clusters/c/telemetry/`.length))
    ).toEqual(['profile?until=12.5', 'profile?since=1', 'graph', 'graph?known=tasks-1f']);
  });

  it('carry what was asked for', async () => {
    server.answer = () => json(202, wireCluster());
    await api.launch({
      id: 'f00',
      deployment: 'local',
      profile: null,
      options: {},
      name: null,
      workers: { minimum: 0, maximum: 4 },
      environment: 'python3',
      cwd: 'notebooks'
    });
    await api.scale('c1', 3);
    await api.keep('c1', true);
    await api.restart('c1');
    expect(server.requests).toEqual([
      {
        method: 'POST',
        url: `${root}/clusters`,
        body: {
          id: 'f00',
          deployment: 'local',
          name: null,
          workers: { minimum: 0, maximum: 4 },
          environment: 'python3',
          cwd: 'notebooks',
          options: {},
          profile: null
        }
      },
      { method: 'POST', url: `${root}/clusters/c1/scale`, body: { workers: 3 } },
      { method: 'POST', url: `${root}/clusters/c1/keep`, body: { pinned: true } },
      { method: 'POST', url: `${root}/clusters/c1/restart`, body: {} }
    ]);
  });

  it('escape what stands in a URL', async () => {
    await api.logs('a/../b?c', 'workers', 200);
    expect(server.requests[0].url).toBe(
      `${root}/clusters/a%2F..%2Fb%3Fc/logs?source=workers&lines=200`
    );
    expect(api.dashboardUrl('c1', 'a b')).toBe(
      'http://host.example/user/alice/dasklab/dashboard/c1/a%20b'
    );
  });

  it('read the removal of an ended cluster as forgetting', async () => {
    server.answer = () => json(204, null);
    expect(await api.remove('c1')).toBeNull();
    server.answer = () => json(202, wireCluster({ phase: 'stopping' }));
    expect((await api.remove('c1'))?.phase).toBe('stopping');
  });
});

describe('failures', () => {
  it('carry the words of the server', async () => {
    const error = { code: 'workers.invalid', message: 'Too many.', hint: 'Fewer.', details: {} };
    server.answer = () => json(400, { error });
    expect(await failure(api.scale('c1', 9))).toMatchObject({ ...error, status: 400 });
  });

  it.each([
    [401, 'server.signed_out'],
    [403, 'server.signed_out'],
    [404, 'server.missing'],
    [500, 'server.unreadable'],
    [503, 'server.unreachable']
  ])('of Jupyter itself have a code: %i', async (status, code) => {
    server.answer = () => json(status, { message: 'x' });
    expect(await failure(api.list())).toMatchObject({ code, status });
  });

  it('of the network have one too', async () => {
    server.answer = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await failure(api.list())).toMatchObject({ code: 'server.unreachable', status: 0 });
  });

  it.each(['<html>login</html>', '{"clusters":'])('of reading too: %s', async text => {
    server.answer = () => new Response(text, { status: 200 });
    expect((await failure(api.list())).code).toBe('server.unreadable');
  });

  it('refuse a cluster that is none and a view that is not ours', async () => {
    server.answer = () => json(202, { hello: 1 });
    expect((await failure(api.restart('c1'))).code).toBe('server.unreadable');
    server.answer = () => json(200, { url: 'https://evil.example/', expires: 1 });
    expect((await failure(api.view('c1', 'status'))).code).toBe('server.unreadable');
  });
});

describe('the clock', () => {
  it('follows the server where they differ, and not where they agree', async () => {
    const at = (ms: number): string => new Date(Date.now() + ms).toUTCString();
    server.answer = () => json(200, {}, { Date: at(600_000) });
    await api.list();
    expect(api.clockSkew / 1000).toBeCloseTo(600, -1);
    server.answer = () => json(200, {}, { Date: at(0) });
    await api.list();
    expect(api.clockSkew).toBe(0);
  });
});
