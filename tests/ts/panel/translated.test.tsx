/** Words of the server in the language of the page, from a catalogue as language packs bring it. */
import { Gettext } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { readCluster, readCatalogue } from '../../../src/api/guards';
import { ClusterManager } from '../../../src/clusters/manager';
import OptionsForm from '../../../src/form/options-form';
import { PanelContext } from '../../../src/panel/context';
import { DeploymentField } from '../../../src/panel/deployment-field';
import { PanelModel } from '../../../src/panel/model';
import { Steps } from '../../../src/panel/steps';
import { translated } from '../../../src/ui/server-words';
import { wireDeployment, wireStarting } from '../builders';
import { forgetfulStarter, json, ManualFeed, NoNotebook, ScriptedServer } from '../doubles';

const GERMAN: Record<string, string> = {
  Local: 'Lokal',
  'Workers on this machine.': 'Worker auf diesem Rechner.',
  'Threads per worker': 'Threads je Worker',
  'Tasks a worker runs at a time.': 'Aufgaben, die ein Worker zugleich ausführt.',
  'Worker processes': 'Prozesse',
  'Start the scheduler': 'Der Scheduler startet'
};

const trans = new Gettext({ domain: 'dasklab', locale: 'de' });
trans.loadJSON(
  {
    '': { domain: 'dasklab', language: 'de', pluralForms: 'nplurals=2; plural=(n != 1);' },
    ...Object.fromEntries(Object.entries(GERMAN).map(([text, said]) => [text, [said]]))
  } as unknown as Parameters<typeof trans.loadJSON>[0],
  'dasklab'
);

describe('translated', () => {
  it('leaves as it is what nobody has translated, what is empty, and what has a sign for values', () => {
    expect(['Local', 'Slurm', '', 'at %1', '100 %%'].map(text => translated(text, trans))).toEqual([
      'Lokal',
      'Slurm',
      '',
      'at %1',
      '100 %%'
    ]);
  });
});

describe('the panel', () => {
  let root: Root;
  let node: HTMLElement;
  let manager: ClusterManager;

  async function show(content: React.ReactNode): Promise<string> {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    const server = new ScriptedServer();
    server.answer = () => json(200, { clusters: [] });
    manager = new ClusterManager(new ClusterApi(server.settings), new ManualFeed());
    await manager.ready;
    const model = new PanelModel(manager, forgetfulStarter(manager), new NoNotebook(), trans);
    node = document.createElement('div');
    root = createRoot(node);
    await act(async () =>
      root.render(<PanelContext.Provider value={model}>{content}</PanelContext.Provider>)
    );
    model.dispose();
    return node.textContent ?? '';
  }

  afterEach(async () => {
    await act(async () => root.unmount());
    manager.dispose();
  });

  const wire = [wireDeployment(), wireDeployment({ name: 'other', title: 'Other' })];
  const { deployments } = readCatalogue({ deployments: wire });

  it('speaks of deployments in the user’s language', async () => {
    const said = await show(
      <DeploymentField deployments={deployments} current="local" onPick={() => {}} />
    );
    expect(said).toContain('Lokal');
    expect(said).toContain('Worker auf diesem Rechner.');
    expect(said).toContain('Other');
  });

  it('asks for options in it, by label, help and group', async () => {
    const said = await show(
      <OptionsForm
        deployment={deployments[0]}
        options={{}}
        refused={[]}
        strict={false}
        trans={trans}
        onChange={() => {}}
        onChecked={() => {}}
      />
    );
    expect(said).toContain('Threads je Worker');
    expect(said).toContain('Aufgaben, die ein Worker zugleich ausführt.');
    expect(said).toContain('Prozesse');
    expect(said).toContain('Memory per worker');
  });

  it('tells the steps of a launch in it', async () => {
    const cluster = readCluster(wireStarting());
    const said = await show(<Steps steps={cluster?.steps ?? []} phase="starting" />);
    expect(said).toContain('Der Scheduler startet');
  });
});
