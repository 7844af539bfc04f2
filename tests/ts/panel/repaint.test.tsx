/** What a change costs: one card, and nothing while nothing changes. */
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import type { ICluster } from '../../../src/api/contract';
import { readEvent } from '../../../src/api/guards';
import { ClusterManager } from '../../../src/clusters/manager';
import { PanelModel } from '../../../src/panel/model';
import { Panel } from '../../../src/panel/panel';
import { wireCluster, type Wire } from '../builders';
import { forgetfulStarter, json, ManualFeed, NoNotebook, ScriptedServer } from '../doubles';

const painted = vi.hoisted(() => ({ actions: 0, cards: [] as string[], panels: 0 }));

// The card's content and a part of the panel, replaced by what counts how often they render.
vi.mock('../../../src/panel/card-metrics', () => ({
  CardMetrics: (props: { cluster: ICluster }) => {
    painted.cards.push(props.cluster.id);
    return null;
  }
}));
vi.mock('../../../src/ui/icon-button', async () => {
  const { Component } = await import('react');
  class IconButton extends Component<{ label: string }> {
    override render(): null {
      painted.actions += this.props.label.startsWith('Stop “') ? 1 : 0;
      return null;
    }
  }
  return { IconButton };
});
vi.mock('../../../src/panel/ended', () => ({
  Ended: () => {
    painted.panels += 1;
    return null;
  }
}));

let feed: ManualFeed;
let manager: ClusterManager;
let model: PanelModel;
let root: Root;

beforeEach(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const server = new ScriptedServer();
  const clusters = Array.from({ length: 20 }, (_, index) =>
    wireCluster({ id: `c${index}`, name: `local-${index}`, created: index })
  );
  server.answer = () => json(200, { clusters });
  feed = new ManualFeed();
  manager = new ClusterManager(new ClusterApi(server.settings), feed);
  await manager.ready;
  model = new PanelModel(
    manager,
    forgetfulStarter(manager),
    new NoNotebook(),
    nullTranslator.load('dasklab')
  );
  model.visible = true;
  root = createRoot(document.createElement('div'));
  await act(async () => root.render(<Panel model={model} />));
  reset();
});

afterEach(async () => {
  await act(async () => root.unmount());
  manager.dispose();
});

function reset(): void {
  painted.actions = 0;
  painted.cards = [];
  painted.panels = 0;
}

/** Push a change and wait until the manager has told of it. */
async function push(changes: Wire): Promise<void> {
  const event = readEvent({
    action: 'changed',
    cluster: wireCluster({ updated: 2e9, ...changes })
  });
  await act(async () => {
    const told = new Promise<void>(resolve => {
      const listener = (): void => {
        manager.changed.disconnect(listener);
        resolve();
      };
      manager.changed.connect(listener);
    });
    if (event) {
      feed.push(event);
    }
    await told;
  });
}

describe('the panel with twenty clusters', () => {
  it('repaints the figures of the card that changed and nothing else', async () => {
    await push({ id: 'c7', name: 'local-7', cpu: 3.5, created: 7 });
    expect(painted).toEqual({ actions: 0, cards: ['c7'], panels: 0 });
  });

  it('repaints its buttons too when there is something else to do', async () => {
    await push({ id: 'c7', name: 'local-7', created: 7, can: ['stop'] });
    expect(painted).toEqual({ actions: 1, cards: ['c7'], panels: 0 });
  });

  it('repaints the list when a card comes, but no other card', async () => {
    await push({ id: 'new', created: 99 });
    expect(painted).toEqual({ actions: 1, cards: ['new'], panels: 1 });
  });

  it('paints nothing while it is hidden, and what changed when it is shown', async () => {
    await act(async () => {
      model.visible = false;
    });
    reset();
    await push({ id: 'c3', cpu: 1, created: 3 });
    expect(painted.cards).toEqual([]);
    await act(async () => {
      model.visible = true;
    });
    expect(painted).toMatchObject({ cards: ['c3'], panels: 0 });
  });
});
