/** The plots by name. Light, so that menus can offer them before any of their code is loaded. */
import type { IWords } from '../plot/plot';

/** In the order in which they are offered. */
export const PLOT_NAMES = [
  'task-stream',
  'progress',
  'memory',
  'workers-memory',
  'cpu',
  'occupancy',
  'event-loop',
  'durations',
  'workers',
  'transfers',
  'graph',
  'profile'
] as const;

export type PlotName = (typeof PLOT_NAMES)[number];

/** What only a scheduler tells, when it is asked; of a cluster that has ended it is not kept. */
const ASKED: ReadonlySet<PlotName> = new Set(['graph', 'profile']);

/** The plots that can be drawn of a cluster, while it lives or from what its host has kept. */
export function plotsOf(ended: boolean): ReadonlyArray<PlotName> {
  return ended ? PLOT_NAMES.filter(name => !ASKED.has(name)) : PLOT_NAMES;
}

/** The name that a text is; null if there is no such plot. */
export function plotName(text: string): PlotName | null {
  return PLOT_NAMES.find(name => name === text) ?? null;
}

export function plotTitle(name: PlotName, words: IWords): string {
  switch (name) {
    case 'task-stream':
      return words.__('Task Stream');
    case 'progress':
      return words.__('Progress');
    case 'memory':
      return words.__('Memory');
    case 'workers-memory':
      return words.__('Workers’ Memory');
    case 'cpu':
      return words.__('CPU, Network and Disk');
    case 'occupancy':
      return words.__('Occupancy and Queue');
    case 'event-loop':
      return words.__('Event Loop and GIL');
    case 'durations':
      return words.__('Durations');
    case 'workers':
      return words.__('Workers');
    case 'transfers':
      return words.__('Transfers');
    case 'graph':
      return words.__('Task Graph');
    case 'profile':
      return words.__('Profile');
  }
}
