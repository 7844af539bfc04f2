/** What a plot is, and what it is given: the seam between the engine and `src/plots/`. */
import type { ICallTree } from '../telemetry/call-tree';
import type { Listeners } from '../telemetry/listeners';
import type { IProgress, TableName } from '../telemetry/schema';
import type { ITaskGraph } from '../telemetry/task-graph';
import type { TelemetryStore } from '../telemetry/store';
import type { Rgb } from './colours';
import type { Filter } from './filter';
import type { ITheme } from './theme';
import type { IRange, TimeAxis } from './time-axis';
import type { Ways } from './ways';

/** As much of a translation bundle as is needed. */
export interface IWords {
  __(text: string, ...values: ReadonlyArray<string | number>): string;
  _n(one: string, many: string, count: number, ...values: ReadonlyArray<string | number>): string;
}

/** Where a plot is shown. */
export interface IViewOptions {
  /** It stands in a page that scrolls: the wheel zooms only once it was clicked. */
  readonly inPage?: boolean;
  /** Nothing new will come in. */
  readonly still?: boolean;
}

/** One plot: a file in `src/plots/` and a line in its list. */
export interface IPlot {
  /** As commands and saved layouts name it; the words for it are in `plots/names.ts`. */
  readonly name: string;
  /** The tables that it needs. */
  readonly tables: ReadonlyArray<TableName>;
  /** All of it is text: the table is shown instead of a picture. */
  readonly asTable?: boolean;
  /** What can be seen in it, in a sentence. */
  description(words: IWords): string;
  create(stage: IStage): IPainter;
}

/** The notebook cells that tasks come from, as far as who shows plots knows them. */
export interface ICellDoor {
  /** What a user calls the cell of an id; null if it is in no open notebook. */
  title(cell: string): string | null;
  /** Go there. */
  show(cell: string): void;
}

/** What a host tells when it is asked; whoever draws it says what of it is wanted. */
export interface IAsked<Q, T> {
  /** The last answer. */
  readonly value: T | null;
  /** Why there is no newer one, for the user; empty if there is. */
  readonly failure: string;
  want(question: Q): void;
}

/** Which profile: of what time (null for no end), and what it is told of has come so far. */
export interface IProfileQuestion {
  readonly since: number | null;
  readonly until: number | null;
  readonly work: number;
}

/** How far prefixes and groups are, by name. */
export interface IStanding {
  readonly progress: ReadonlyMap<string, IProgress>;
  readonly groups: ReadonlyMap<string, IProgress>;
}

/** What the plots of a cluster share. */
export interface IStage {
  readonly store: TelemetryStore;
  readonly axis: TimeAxis;
  /** Now, or when it was paused: then it is the same until it follows again. */
  readonly standing: IStanding;
  readonly filter: Filter;
  readonly words: IWords;
  readonly cells: ICellDoor;
  readonly profile: IAsked<IProfileQuestion, ICallTree>;
  /** Asked for with the work that had been done, so that it is asked for again with more. */
  readonly graph: IAsked<number, ITaskGraph>;
  /** Told when an answer has come. */
  readonly told: Listeners;
  /** The key of a task by the number of its row; null if nobody knows any more. */
  keyOf(row: number): Promise<string | null>;
}

/** Where to draw, in CSS pixels. */
export interface ISurface {
  readonly g: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
  readonly theme: ITheme;
}

/** What is under the pointer. */
export interface IHit {
  /** The first line is the heading. */
  readonly lines: ReadonlyArray<string>;
  /** The number of a task's row, whose key is worth asking for. */
  readonly row?: number;
  /** The id of the notebook cell that it comes from: a click goes there. */
  readonly cell?: string | null;
}

export interface ILegendItem {
  readonly label: string;
  readonly colour: Rgb;
  /** The prefix that it filters; without, it only explains. */
  readonly prefix?: string;
  /** Drawn as a line rather than an area. */
  readonly line?: boolean;
}

/** What a table says; a link leads to a notebook cell. */
export type Value = string | number | { readonly label: string; readonly cell: string };

export interface ITable<T extends Value = Value> {
  readonly headings: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<ReadonlyArray<T>>;
}

/** The time part of a plot, in CSS pixels. */
export interface IPlane {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Draws one plot of one stage. It owns no timer, no listener and no element. */
export interface IPainter {
  /** Where the linked time axis lies; null for plots without one. */
  readonly plane: IPlane | null;
  readonly ways?: Ways;
  draw(surface: ISurface): void;
  hit(x: number, y: number): IHit | null;
  legend(theme: ITheme): ReadonlyArray<ILegendItem>;
  /** The same as text: what is read where the picture cannot be seen. */
  table(): ITable;
  /** Everything that is shown, in SI units, for a file. */
  rows(): ITable<string | number>;
  /** What is to be said above the picture, such as why there is none; empty for nothing. */
  said?(): string;
  /** For pictures that are moved as a map is; `dx` and `dy` in CSS pixels. */
  readonly map?: {
    move(dx: number, dy: number): void;
    zoom(factor: number, x: number, y: number): void;
    /** Show all of it. */
    fit(): void;
  };
  /** The pointer was pressed and released there; whether anything else is shown now. */
  press?(x: number, y: number): boolean;
  /** A key of the painter's own; where to look then, null for nowhere. False: it is none. */
  key?(key: string): { x: number; y: number } | null | false;
  /** What a selected range comes to. */
  statistics?(range: IRange): ReadonlyArray<readonly [label: string, value: string]>;
  /** Show more or fewer rows (a factor) around a height, or others (a share of those shown). */
  zoomRows?(factor: number, y: number): void;
  panRows?(share: number): void;
}
