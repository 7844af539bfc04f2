/** The states of tasks, with Dask's own meaning of the shades: faint is let go, full is in memory. */
import { mixColours, type Rgb } from '../plot/colours';
import { errorColour } from '../plot/inks';
import type { IWords } from '../plot/plot';
import type { ITheme } from '../plot/theme';
import type { IProgress } from '../telemetry/schema';

export type State = 'memory' | 'released' | 'erred' | 'processing' | 'queued' | 'noWorker';

/** From left to right; what is waiting is the rest of the bar. */
export const STATES: ReadonlyArray<State> = [
  'released',
  'memory',
  'erred',
  'processing',
  'queued',
  'noWorker'
];

export function amount(progress: IProgress, state: State): number {
  // What is forgotten was finished and let go, as what is released.
  return state === 'released' ? progress.released + progress.forgotten : progress[state];
}

export function total(progress: IProgress): number {
  return STATES.reduce((sum, state) => sum + amount(progress, state), progress.waiting);
}

export function done(progress: IProgress): number {
  return amount(progress, 'released') + progress.memory + progress.erred;
}

export function shade(state: State, colour: Rgb, theme: ITheme): Rgb {
  switch (state) {
    case 'memory':
      return colour;
    case 'released':
      return mixColours(theme.background, colour, 0.55);
    case 'erred':
      return errorColour(theme);
    case 'processing':
      return mixColours(theme.background, theme.foreground, 0.38);
    case 'queued':
      return mixColours(theme.background, theme.foreground, 0.2);
    case 'noWorker':
      return mixColours(theme.background, theme.error, 0.6);
  }
}

export function stateName(state: State, words: IWords): string {
  switch (state) {
    case 'memory':
      return words.__('In memory');
    case 'released':
      return words.__('Released');
    case 'erred':
      return words.__('Failed');
    case 'processing':
      return words.__('Processing');
    case 'queued':
      return words.__('Queued');
    case 'noWorker':
      return words.__('No worker fits');
  }
}
