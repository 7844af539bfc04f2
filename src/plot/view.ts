/**
 * One plot in the page: its bar, its picture or table, its legend. It draws when its stage changed
 * and it is visible; who shows it says when it is, and gives it up with `dispose`.
 */
import { Bar, type IBarTarget } from './bar';
import { Canvas } from './canvas';
import { define, element, setText } from './dom';
import { drawEvents, eventsAt, tableOf } from './event-marks';
import { fileName, save, toCsv } from './files';
import { Gestures, type IGestureTarget } from './gestures';
import { LegendView } from './legend-view';
import { frames } from './loop';
import type { IPainter, IPlot, IStage, IViewOptions } from './plot';
import { poster } from './poster';
import { TableView } from './table-view';
import { readTheme, watchTheme, type ITheme } from './theme';
import { Tooltip } from './tooltip';

/** Milliseconds between two readings of an open table: nobody reads faster. */
const TABLE = 500;

let views = 0;

export class PlotView implements IBarTarget, IGestureTarget {
  /**
   * @param title - The plot's title, in the user's language.
   * @param name - What is plotted, for the names of files: the cluster.
   */
  constructor(plot: IPlot, stage: IStage, title: string, name: string, options: IViewOptions = {}) {
    const { words } = stage;
    this._stage = stage;
    this.inPage = options.inPage === true;
    this._plot = plot;
    this._fileTitle = `${plot.name} ${name}`;
    this._pictureTitle = `${title} · ${name}`;
    this.painter = plot.create(stage);
    this.node = element('section', 'dasklab-Plot');
    this.node.setAttribute('aria-label', title);
    const table = `dasklab-plot-table-${(views += 1)}`;
    this._bar = new Bar(this.node, plot, stage, this, title, table);
    this._bar.still = options.still === true;
    this._canvas = new Canvas(
      this.node,
      `${title}. ${plot.description(words)}`,
      words.__(
        'Space pauses and follows; arrows move; plus and minus zoom; Home shows everything; S selects what is shown.'
      )
    );
    this.canvas = this._canvas.node;
    this._tooltip = new Tooltip(this._canvas.stage, stage);
    this._nothing = element('p', 'dasklab-Plot-nothing', this._canvas.stage);
    this._nothing.textContent = words.__('Nothing has come in yet.');
    this._said = element('p', 'dasklab-Plot-said', this._canvas.stage);
    this._said.setAttribute('role', 'status');
    this._facts = element('dl', 'dasklab-Plot-facts', this.node);
    this._facts.setAttribute('aria-live', 'polite');
    this._facts.hidden = true;
    this._table = new TableView(this.node, words.__('%1 as a table', title), cell =>
      stage.cells.show(cell)
    );
    this._table.node.id = table;
    this._legend = new LegendView(this.node, stage.filter, words);
    this._canvas.stage.hidden = plot.asTable === true;
    this._table.node.hidden = plot.asTable !== true;
    new Gestures(this);
    this._ends = [
      stage.store.changed.add(this._onData),
      stage.axis.changed.add(this._onAxis),
      stage.axis.marked.add(this._onMarked),
      stage.filter.changed.add(this.redraw),
      stage.told.add(this.redraw),
      watchTheme(() => {
        this._theme = null;
        this.redraw();
      })
    ];
    this._observer = new ResizeObserver(this.redraw);
    this._observer.observe(this._canvas.stage);
  }

  readonly node: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly inPage: boolean;
  readonly painter: IPainter;

  get stage(): IStage {
    return this._stage;
  }

  get visible(): boolean {
    return this._visible;
  }

  set visible(visible: boolean) {
    const appears = visible && !this._visible;
    this._visible = visible;
    if (appears) {
      this.redraw();
    }
  }

  /** What is to be said of the connection or the cluster; empty for nothing. */
  set status(text: string) {
    this._bar.status = text;
  }

  readonly redraw = (): void => frames.request(this);

  dispose(): void {
    this._visible = false;
    this._ends.forEach(end => end());
    this._observer.disconnect();
    this._tooltip.hide();
    clearTimeout(this._tableTimer ?? undefined);
    frames.forget(this);
    this.node.remove();
  }

  /** Called by the loop of frames. */
  draw(): void {
    this._theme ??= readTheme(this.node);
    const surface = this._plot.asTable ? null : this._canvas.surface(this._theme);
    const filled = this._stage.store.now > 0;
    this._nothing.hidden = filled;
    this._canvas.node.style.visibility = filled ? '' : 'hidden';
    if (surface !== null && filled) {
      this.painter.draw(surface);
      drawEvents(surface, this.painter.plane, this._stage);
      this._canvas.mark(this.painter.plane, this._stage.axis);
    }
    const said = filled ? (this.painter.said?.() ?? '') : '';
    setText(this._said, said);
    this._said.hidden = said === '';
    this._updateLegend(this._theme);
    this._bar.update();
    this._updateTable();
  }

  pointAt(position: { x: number; y: number } | null): void {
    const { axis } = this._stage;
    const { plane } = this.painter;
    const inside =
      position !== null &&
      (plane === null || (position.x >= plane.left && position.x <= plane.right));
    const [x, y] = [position?.x ?? 0, position?.y ?? 0];
    const hit = inside ? (eventsAt(this._stage, plane, x, y) ?? this.painter.hit(x, y)) : null;
    this.canvas.style.cursor = hit?.cell ? 'pointer' : '';
    if (position !== null && hit !== null) {
      const { clientHeight, clientWidth } = this._canvas.stage;
      this._tooltip.show(hit, position.x, position.y, clientWidth, clientHeight);
    } else {
      this._tooltip.hide();
    }
    axis.point(
      position !== null && inside && plane !== null
        ? axis.from +
            ((position.x - plane.left) / (plane.right - plane.left)) * (axis.to - axis.from)
        : NaN
    );
  }

  clickAt({ x, y }: { x: number; y: number }): void {
    if (this.painter.press?.(x, y)) {
      this._tooltip.hide();
      this.redraw();
    }
    const cell = this.painter.hit(x, y)?.cell;
    if (cell) {
      this._stage.cells.show(cell);
    }
  }

  savePicture(): void {
    const { filter } = this._stage;
    const theme = this._theme ?? readTheme(this.node);
    const legend = this.painter
      .legend(theme)
      .filter(({ prefix }) => prefix === undefined || !filter.hides(prefix));
    const sheet = poster(this.canvas, this._pictureTitle, legend, theme);
    sheet.toBlob(file => file && save(fileName(this._fileTitle, 'png'), file), 'image/png');
  }

  saveRows(): void {
    const text = toCsv(this.painter.rows());
    save(fileName(this._fileTitle, 'csv'), new Blob([text], { type: 'text/csv' }));
  }

  /** Show a shorter (below 1) or longer time, or less or more of a map. */
  zoom(factor: number): void {
    const { map } = this.painter;
    if (map === undefined) {
      this._stage.axis.zoom(factor);
    } else {
      const { clientHeight, clientWidth } = this._canvas.stage;
      map.zoom(1 / factor, clientWidth / 2, clientHeight / 2);
      this.redraw();
    }
  }

  showAll(): void {
    if (this.painter.map === undefined) {
      this._stage.axis.follow(true);
    } else {
      this.painter.map.fit();
      this.redraw();
    }
  }

  look(): void {
    this._tableTime = -Infinity;
    this.redraw();
  }

  /** Show the table, or no longer; whether it is shown now. */
  toggleTable(): boolean {
    const { node } = this._table;
    node.hidden = !node.hidden;
    this.look();
    return !node.hidden;
  }

  private readonly _onData = (): void => {
    // What is paused stands still, whatever comes in.
    if (this._stage.axis.following || this._stage.store.version <= 1) {
      this.redraw();
    }
  };

  private readonly _onAxis = (): void => {
    this._tooltip.hide();
    this.redraw();
  };

  private readonly _onMarked = (): void => {
    this._canvas.mark(this.painter.plane, this._stage.axis);
    const { selection } = this._stage.axis;
    if (selection !== this._selected) {
      this._selected = selection;
      this._updateFacts();
      if (this.painter.plane === null || !this._table.node.hidden) {
        this.look();
      }
    }
  };

  /** The legend is made anew when it may say something else, such as after more work, if rarely. */
  private _updateLegend(theme: ITheme): void {
    const { filter, store } = this._stage;
    const key = [store.kinds.length, store.work >> 5, filter.version, !this.painter.plane].join();
    if (key !== this._legendKey || theme !== this._legendTheme) {
      this._legendKey = key;
      this._legendTheme = theme;
      this._legend.update(this.painter.legend(theme));
    }
  }

  private _updateTable(): void {
    const now = performance.now();
    if (this._table.node.hidden) {
      return;
    }
    if (now - this._tableTime >= TABLE) {
      this._tableTime = now;
      this._table.update(tableOf(this.painter, this._stage));
    } else if (this._tableTimer === null) {
      this._tableTimer = setTimeout(() => {
        this._tableTimer = null;
        this.redraw();
      }, TABLE);
    }
  }

  private _updateFacts(): void {
    const facts = this._selected ? (this.painter.statistics?.(this._selected) ?? []) : [];
    this._facts.hidden = facts.length === 0;
    define(this._facts, facts);
  }

  private readonly _stage: IStage;
  private readonly _plot: IPlot;
  private readonly _fileTitle: string;
  private readonly _pictureTitle: string;
  private readonly _bar: Bar;
  private readonly _canvas: Canvas;
  private readonly _tooltip: Tooltip;
  private readonly _nothing: HTMLElement;
  private readonly _said: HTMLElement;
  private readonly _facts: HTMLElement;
  private readonly _table: TableView;
  private readonly _legend: LegendView;
  private readonly _observer: ResizeObserver;
  private readonly _ends: ReadonlyArray<() => void>;
  private _theme: ITheme | null = null;
  private _legendTheme: ITheme | null = null;
  private _legendKey = '';
  private _selected: IStage['axis']['selection'] = null;
  private _tableTime = -Infinity;
  private _tableTimer: ReturnType<typeof setTimeout> | null = null;
  private _visible = false;
}
