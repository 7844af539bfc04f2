import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it } from 'vitest';
import { confirmStop } from '../../../src/panel/confirm';
import { Preferences } from '../../../src/ui/preferences';
import { cluster, wireStarting, type Wire } from '../builders';

const trans = nullTranslator.load('dasklab');
/** The scheduler is up, and nobody has come. */
const WAITING: Wire = { phase: 'waiting', workers: { wanted: 2, running: 0 }, clients: 0 };
const LOSS = 'Running tasks end, and results in the memory of its workers are lost.';
const PLACE = 'Its jobs lose their place in the queue.';

function question(): string | null {
  return document.querySelector('.jp-Dialog-body')?.textContent ?? null;
}

afterEach(() => {
  document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-reject')?.click();
});

describe('stopping a cluster', () => {
  it.each([
    ['starts', wireStarting()],
    ['waits for its first worker', WAITING],
    ['is told of by jobs that have ended', { ...WAITING, jobs: [{ id: '7', state: 'ended' }] }]
  ])('asks nothing while it %s', async (_, changes) => {
    expect(await confirmStop(cluster(changes), new Preferences(), trans)).toBe(true);
    expect(question()).toBeNull();
  });

  it.each([
    ['runs', {}, `${LOSS} 1 client is connected.`],
    ['has lost its workers', { events: [{ at: 1, kind: 'workers-gone', text: '' }] }, LOSS],
    ['restarts its workers', { events: [{ at: 1, kind: 'restart', text: '' }] }, LOSS],
    ['has a client', { clients: 2 }, `${LOSS} 2 clients are connected.`],
    ['has tasks that wait with it', { tasks: { waiting: 3 } }, LOSS],
    ['has results', { tasks: { memory: 1 } }, LOSS],
    ['stands in a queue', { jobs: [{ id: '7', state: 'pending' }] }, PLACE]
  ])('asks when it %s', async (what, changes, sentence) => {
    const one = cluster(what === 'runs' ? {} : { ...WAITING, ...changes });
    const answer = confirmStop(one, new Preferences(), trans);
    await expect.poll(question).toBe(sentence);
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-reject')?.click();
    expect(await answer).toBe(false);
  });

  it('asks nothing of who does not want to be asked', async () => {
    const preferences = new Preferences();
    preferences.read({ confirmStop: false });
    expect(await confirmStop(cluster(), preferences, trans)).toBe(true);
  });
});
