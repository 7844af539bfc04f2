/** The colours of bars as the painter wants them: numbers by the number of a kind of task. */
import type { TelemetryStore } from '../telemetry/store';
import { colourOf, packColour, parseColour, visibleOn, type Rgb } from './colours';
import type { Filter } from './filter';
import type { ITheme } from './theme';

/** No ink at all. */
export const HIDDEN = 65_535;

export interface IInks {
  /** What is beneath, packed. */
  readonly paper: number;
  /** The ink of a kind ({@link HIDDEN} for what is left out), of an action, and of a failure. */
  readonly ofKind: Uint16Array;
  readonly ofAction: Uint16Array;
  readonly ofError: number;
  /** By ink. */
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
  readonly packed: Uint32Array;
}

/** Dask's colours for what is no computation, by action: transfer red, disk orange, the rest grey. */
export const ACTION_COLOURS: ReadonlyArray<Rgb> = [
  [0, 0, 0],
  [229, 28, 35],
  [255, 152, 0],
  [255, 152, 0],
  [128, 128, 128],
  [160, 160, 160]
];

const ACTIONS = ACTION_COLOURS.length;

/** A failed task: black as in Dask, and white where black would not be seen. */
export function errorColour(theme: ITheme): Rgb {
  return theme.dark ? [255, 255, 255] : [0, 0, 0];
}

export function themedColour(prefix: string, theme: ITheme): Rgb {
  return visibleOn(parseColour(colourOf(prefix)), theme.background);
}

/** Keeps the inks of a store; made anew when kinds, the theme or the filter change. */
export class InkBox {
  read(store: TelemetryStore, theme: ITheme, filter: Filter): IInks {
    const kinds = store.kinds.length;
    if (
      this._inks === null ||
      kinds !== this._kinds ||
      theme !== this._theme ||
      filter.version !== this._version
    ) {
      this._kinds = kinds;
      this._theme = theme;
      this._version = filter.version;
      this._inks = mixInks(store, theme, filter);
    }
    return this._inks;
  }

  private _inks: IInks | null = null;
  private _kinds = -1;
  private _theme: ITheme | null = null;
  private _version = -1;
}

function mixInks(store: TelemetryStore, theme: ITheme, filter: Filter): IInks {
  const kinds = store.kinds;
  // One ink for a prefix, whatever number of kinds it has; 16 bits are enough for all kinds.
  const inks: Rgb[] = ACTION_COLOURS.map(colour => visibleOn(colour, theme.background));
  inks[0] = errorColour(theme);
  const known = new Map<string, number>();
  const ofKind = new Uint16Array(kinds.length);
  kinds.forEach(({ prefix }, index) => {
    let ink = known.get(prefix);
    if (ink === undefined) {
      ink = inks.push(themedColour(prefix, theme)) - 1;
      known.set(prefix, ink);
    }
    ofKind[index] = filter.hides(prefix) ? HIDDEN : ink;
  });
  return {
    paper: packColour(theme.background),
    ofKind,
    ofAction: Uint16Array.from({ length: 16 }, (_, action) => Math.min(action, ACTIONS - 1)),
    ofError: 0,
    red: Float32Array.from(inks, ink => ink[0]),
    green: Float32Array.from(inks, ink => ink[1]),
    blue: Float32Array.from(inks, ink => ink[2]),
    packed: Uint32Array.from(inks, packColour)
  };
}
