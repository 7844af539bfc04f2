/** Launching as the last time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { ClusterManager } from '../../../src/clusters/manager';
import { choiceOf, DEFAULT_CHOICE, readChoice, type IChoice } from '../../../src/clusters/settings';
import { Starter, type IMemory } from '../../../src/clusters/starter';
import { readProfile } from '../../../src/api/profile-guards';
import { wireCluster } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';

const BIG = { ...DEFAULT_CHOICE, profile: 'big', workers: 4, options: { a: 1 } };

let server: ScriptedServer;
let manager: ClusterManager;

beforeEach(async () => {
  server = new ScriptedServer();
  server.answer = () => json(200, { clusters: [] });
  manager = new ClusterManager(new ClusterApi(server.settings), new ManualFeed());
  await manager.ready;
});

afterEach(() => manager.dispose());

class Notes implements IMemory {
  constructor(public kept: unknown) {}
  async fetch(): Promise<unknown> {
    return this.kept;
  }
  async save(choice: IChoice): Promise<void> {
    this.kept = choice;
  }
}

function starter(memory: IMemory | null, environment: string | null = null): Starter {
  return new Starter(manager, { folder: 'work', environment }, memory);
}

describe('Starter', () => {
  it('remembers what the server accepted, and nothing that it refused', async () => {
    const memory = new Notes(undefined);
    const one = starter(memory);
    await one.ready;
    expect(one.last).toBe(DEFAULT_CHOICE);
    server.answer = () => json(403, { error: { code: 'refused', message: 'No.' } });
    await expect(one.start(BIG)).rejects.toMatchObject({ code: 'refused' });
    expect(memory.kept).toBeUndefined();
    server.answer = () => json(202, wireCluster());
    await one.start(BIG);
    expect([one.last, memory.kept]).toEqual([BIG, BIG]);
    const next = starter(memory);
    await next.ready;
    expect(next.last).toEqual(BIG);
  });

  it('warms up what was launched last, and minds no refusal', async () => {
    const one = starter(new Notes({ ...BIG, profile: 'mine' }), null);
    server.answer = () => json(403, { error: { code: 'refused', message: 'No.' } });
    await one.warm();
    const asked = server.requests.at(-1);
    expect(asked?.url).toMatch(/\/standby$/);
    expect(asked?.body).toMatchObject({ profile: 'mine', cwd: 'work' });
  });

  it('sends of a profile only its name, of settings all of them', async () => {
    server.answer = () => json(202, wireCluster());
    const one = starter(null);
    await one.start(BIG, 'mine', 'i'.repeat(32));
    expect(server.requests.at(-1)?.body).toEqual({
      id: 'i'.repeat(32),
      name: 'mine',
      cwd: 'work',
      profile: 'big',
      deployment: 'local',
      workers: null,
      environment: null,
      options: {}
    });
    await one.start({ ...BIG, profile: null });
    expect(server.requests.at(-1)?.body).toMatchObject({ workers: 4, options: { a: 1 } });
  });

  it('launches in the notebook’s environment where nothing else is said, if it can', async () => {
    server.answer = () => json(200, { environments: [{ name: 'geo' }] });
    const asked = (choice: IChoice, kernel: string | null) =>
      starter(null, kernel)
        .request(choice)
        .then(request => request.environment);
    expect(await asked(DEFAULT_CHOICE, 'geo')).toBe('geo');
    expect(await asked(DEFAULT_CHOICE, 'ir')).toBeNull();
    expect(await asked(DEFAULT_CHOICE, null)).toBeNull();
    expect(await asked({ ...DEFAULT_CHOICE, environment: 'x' }, 'geo')).toBe('x');
    expect(await asked({ ...BIG, environment: 'x' }, 'geo')).toBeNull();
  });

  it('launches although nothing can be remembered', async () => {
    server.answer = () => json(202, wireCluster());
    const broken: IMemory = {
      fetch: () => Promise.reject(new Error('no')),
      save: () => Promise.reject(new Error('no'))
    };
    const one = starter(broken);
    await one.ready;
    await one.start(BIG);
    expect(one.last).toBe(BIG);
  });
});

describe('readChoice', () => {
  it.each([undefined, null, 5, 'x', [], {}])('takes %j for the defaults', value => {
    expect(readChoice(value)).toEqual(DEFAULT_CHOICE);
  });

  it('reads what was kept, and bears what is odd in it', () => {
    expect(readChoice(JSON.parse(JSON.stringify(BIG)))).toEqual(BIG);
    expect(readChoice({ ...BIG, workers: 'many', options: [1], profile: 5 })).toEqual({
      ...DEFAULT_CHOICE
    });
  });

  it('is of a profile what that says', () => {
    const profile = readProfile({ name: 'p', workers: { minimum: 1, maximum: 3 } });
    expect(profile && choiceOf(profile)).toEqual({
      ...DEFAULT_CHOICE,
      profile: 'p',
      workers: { minimum: 1, maximum: 3 }
    });
  });
});
