/** What the user has set, as the rest of the front end sees it. */
import { Signal, type ISignal } from '@lumino/signaling';
import { DEFAULT_LAYOUTS, readLayouts, type Layouts } from './layouts';

export interface IPreferenceValues {
  /** No panel in the sidebar until it is asked for by name. */
  readonly hidePanel: boolean;
  /** Names of the dashboard pages that stand first, in this order. */
  readonly favouritePages: ReadonlyArray<string>;
  /** Layouts of dashboard panes by name. */
  readonly layouts: Layouts;
  /** The name of the one that is opened where none is named. */
  readonly defaultLayout: string;
  /** Whether failures, losses and ends of leases are told outside the panel. */
  readonly notifications: boolean;
  /** Whether to ask before a cluster is stopped. */
  readonly confirmStop: boolean;
  /** Whether kernels show a strip beneath every cell that uses Dask. */
  readonly strips: boolean;
  /** Minutes without input after which a page behind a Hub asks for nothing; 0 for never. */
  readonly pauseAfter: number;
  /** Whether dashboard pages are dark in a dark theme. */
  readonly darkPages: boolean;
}

export interface IPreferences {
  readonly values: IPreferenceValues;
  readonly changed: ISignal<IPreferences, void>;
}

/** What holds where nothing is set; the settings' schema says the same. */
export const DEFAULTS: IPreferenceValues = {
  hidePanel: false,
  favouritePages: [
    'status',
    'individual-task-stream',
    'individual-progress',
    'individual-workers-memory'
  ],
  layouts: DEFAULT_LAYOUTS,
  defaultLayout: 'Tasks',
  notifications: true,
  confirmStop: true,
  strips: false,
  pauseAfter: 10,
  darkPages: true
};

export class Preferences implements IPreferences {
  get values(): IPreferenceValues {
    return this._values;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take in settings; what is missing or of another type is as by default. */
  read(settings: Readonly<Record<string, unknown>>): void {
    const flag = (value: unknown, other: boolean): boolean =>
      typeof value === 'boolean' ? value : other;
    const { defaultLayout, favouritePages: pages, pauseAfter } = settings;
    this._values = {
      hidePanel: flag(settings.hidePanel, DEFAULTS.hidePanel),
      favouritePages: Array.isArray(pages)
        ? pages.filter(page => typeof page === 'string')
        : DEFAULTS.favouritePages,
      layouts: readLayouts(settings.layouts),
      defaultLayout: typeof defaultLayout === 'string' ? defaultLayout : DEFAULTS.defaultLayout,
      notifications: flag(settings.notifications, DEFAULTS.notifications),
      confirmStop: flag(settings.confirmStop, DEFAULTS.confirmStop),
      strips: flag(settings.strips, DEFAULTS.strips),
      pauseAfter:
        typeof pauseAfter === 'number' && pauseAfter >= 0 ? pauseAfter : DEFAULTS.pauseAfter,
      darkPages: flag(settings.darkPages, DEFAULTS.darkPages)
    };
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _values = DEFAULTS;
}
