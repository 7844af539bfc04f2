import * as React from 'react';
import type { ICluster } from '../api/contract';
import type { IPanelState, PanelModel } from './model';

/** The model of the panel that a component stands in. */
export const PanelContext = React.createContext<PanelModel | null>(null);

export function usePanel(): PanelModel {
  const model = React.useContext(PanelContext);
  if (model === null) {
    throw new Error('This component stands outside a Dask panel.');
  }
  return model;
}

export function usePanelState(): IPanelState {
  const model = usePanel();
  return React.useSyncExternalStore(model.subscribe, model.state);
}

/** One cluster, rendered anew when it changes and not when another does; null when it is gone. */
export function useCluster(id: string): ICluster | null {
  const model = usePanel();
  return React.useSyncExternalStore(model.subscribe, () => model.clusters.get(id));
}

/** What changes of a cluster while it computes. */
const FIGURES: ReadonlySet<string> = new Set(['cores', 'cpu', 'memory', 'tasks', 'updated']);

/**
 * A component that shows no figures of its cluster, and so is not rendered for them. The cluster
 * alone decides: what else it is given must stay what it was.
 */
export function withoutFigures<P extends { cluster: ICluster }>(
  component: (props: P) => JSX.Element | null
): React.MemoExoticComponent<(props: P) => JSX.Element | null> {
  return React.memo(component, (before, after) => {
    const names = Object.keys(after.cluster) as (keyof ICluster)[];
    return names.every(name => FIGURES.has(name) || after.cluster[name] === before.cluster[name]);
  });
}

/** Whether the panel is looked at. A hook of its own: it must not render cards at every change. */
export function usePanelVisible(): boolean {
  const model = usePanel();
  return React.useSyncExternalStore(model.subscribe, () => model.visible);
}

/** The name of the notebook in front, null without one. */
export function useNotebook(): string | null {
  const { actions } = usePanel();
  const subscribe = React.useCallback(
    (listener: () => void) => {
      actions.notebookChanged.connect(listener);
      return () => {
        actions.notebookChanged.disconnect(listener);
      };
    },
    [actions]
  );
  return React.useSyncExternalStore(subscribe, () => actions.notebook);
}

/** Something that changes with time alone; rendered anew only when it reads differently. */
export function useClock<T extends string | number | boolean | null>(
  read: (now: number) => T,
  running: boolean
): T {
  const { clock } = usePanel();
  const subscribe = React.useCallback(
    (listener: () => void) => (running ? clock.subscribe(listener) : () => undefined),
    [clock, running]
  );
  return React.useSyncExternalStore(subscribe, () => read(clock.now()));
}
