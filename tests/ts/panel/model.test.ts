import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { readEvent } from '../../../src/api/guards';
import { ClusterManager } from '../../../src/clusters/manager';
import { PanelModel } from '../../../src/panel/model';
import { wireCluster, type Wire } from '../builders';
import { forgetfulStarter, json, ManualFeed, NoNotebook, ScriptedServer } from '../doubles';

let feed: ManualFeed;
let panel: PanelModel;
let server: ScriptedServer;

beforeEach(async () => {
  server = new ScriptedServer();
  const clusters = [
    wireCluster({ id: 'alive', created: 3 }),
    wireCluster({ id: 'failed-before', phase: 'failed', created: 2 })
  ];
  server.answer = () => json(200, { clusters });
  feed = new ManualFeed();
  const manager = new ClusterManager(new ClusterApi(server.settings), feed);
  panel = new PanelModel(
    manager,
    forgetfulStarter(manager),
    new NoNotebook(),
    nullTranslator.load('dasklab')
  );
  panel.visible = true;
  await manager.ready;
});

function change(cluster: Wire): void {
  const event = readEvent({ action: 'changed', cluster });
  if (event) {
    feed.push(event);
  }
}

function ids(list: 'current' | 'ended'): string[] {
  return [...panel.state()[list]];
}

describe('PanelModel', () => {
  it('folds away what had ended before', () => {
    expect(ids('current')).toEqual(['alive']);
    expect(ids('ended')).toEqual(['failed-before']);
  });

  it('keeps a failure in sight that happened before the user’s eyes', async () => {
    change(wireCluster({ id: 'alive', phase: 'lost', updated: 2e9, created: 3 }));
    await expect.poll(() => panel.clusters.get('alive')?.phase).toBe('lost');
    expect(ids('current')).toEqual(['alive']);
    expect(ids('ended')).toEqual(['failed-before']);
  });

  it('folds away what was stopped on purpose', async () => {
    change(wireCluster({ id: 'alive', phase: 'stopped', updated: 2e9, created: 3 }));
    await expect.poll(() => ids('current')).toEqual([]);
    expect(ids('ended')).toEqual(['alive', 'failed-before']);
  });

  it('stands still while hidden and catches up when shown', async () => {
    panel.visible = false;
    const before = panel.state();
    change(wireCluster({ id: 'new', created: 9 }));
    await expect.poll(() => panel.clusters.state.clusters.length).toBe(3);
    expect(panel.state()).toBe(before);
    panel.visible = true;
    expect(ids('current')).toEqual(['new', 'alive']);
  });

  it('gives a form of its own to each launch that failed, also while one is open', async () => {
    const refusal = (message: string): void => {
      server.answer = () => json(400, { error: { code: 'refused', message } });
    };
    panel.formOpen = true;
    const before = panel.state();
    refusal('One.');
    await panel.startLast();
    const first = panel.state();
    expect(first.formOpen).toBe(true);
    expect(first.form).not.toBe(before.form);
    expect(panel.seed.failure?.message).toBe('One.');
    refusal('Two.');
    await panel.startLast();
    expect(panel.state().form).not.toBe(first.form);
    expect(panel.seed.failure?.message).toBe('Two.');
  });
});
