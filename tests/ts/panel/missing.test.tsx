/** Advice of what was given up can be acted upon where it stands. */
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { ClusterManager } from '../../../src/clusters/manager';
import { Card } from '../../../src/panel/card';
import { PanelContext } from '../../../src/panel/context';
import { PanelModel } from '../../../src/panel/model';
import { wireCluster, type Wire } from '../builders';
import { forgetfulStarter, json, ManualFeed, NoNotebook, ScriptedServer } from '../doubles';

const GIVEN_UP = { code: 'jobs.dying', message: 'No more are submitted.', again: true };

let manager: ClusterManager;
let place: HTMLElement;
let root: Root;
let server: ScriptedServer;

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  place = document.createElement('div');
  root = createRoot(place);
});

afterEach(async () => {
  await act(async () => root.unmount());
  manager.dispose();
});

async function show(changes: Wire, mode = new NoNotebook().mode): Promise<HTMLButtonElement[]> {
  server = new ScriptedServer();
  const wire = wireCluster({ phase: 'waiting', ...changes });
  server.answer = () => json(200, { clusters: [wire] });
  manager = new ClusterManager(new ClusterApi(server.settings), new ManualFeed());
  await manager.ready;
  server.answer = () => json(202, wire);
  const actions = Object.assign(new NoNotebook(), { mode });
  const trans = nullTranslator.load('dasklab');
  const model = new PanelModel(manager, forgetfulStarter(manager), actions, trans);
  await act(async () =>
    root.render(
      <PanelContext.Provider value={model}>
        <Card id="c1" />
      </PanelContext.Provider>
    )
  );
  const buttons = [...place.querySelectorAll<HTMLButtonElement>('.dasklab-Advice button')];
  return buttons.filter(({ textContent }) => textContent === 'Try again');
}

it.each([
  [{ wanted: 3 }, 3],
  [
    { minimum: 1, maximum: 4 },
    { minimum: 1, maximum: 4 }
  ],
  [
    { wanted: 3, groups: { gpu: 2 } },
    { workers: 1, groups: { gpu: 2 } }
  ]
])('asks again for the scaling as it is: %j', async (workers, asked) => {
  const [again] = await show({ workers, advice: [GIVEN_UP] });
  await act(async () => again.click());
  expect(server.requests.at(-1)).toMatchObject({ method: 'POST', body: { workers: asked } });
  expect(server.requests.at(-1)?.url).toContain('clusters/c1/scale');
});

it('offers nothing where it is tried again by itself, or cannot be', async () => {
  expect(await show({ advice: [{ ...GIVEN_UP, again: false }] })).toEqual([]);
  expect(await show({ advice: [GIVEN_UP], can: ['stop'] })).toEqual([]);
  expect(await show({ advice: [GIVEN_UP] }, { allowLaunch: true, readOnly: true })).toEqual([]);
});
