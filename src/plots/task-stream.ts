/** What each thread did and when: a bar a task, in the colour of its prefix. */
import { cssColour } from '../plot/colours';
import { CoveragePainter } from '../plot/coverage';
import { formatClock, formatSeconds, formatValue } from '../plot/format';
import { InkBox } from '../plot/inks';
import { Axes, fitText } from '../plot/plane';
import type {
  IHit,
  ILegendItem,
  IPainter,
  IPlane,
  IPlot,
  IStage,
  ISurface,
  ITable
} from '../plot/plot';
import type { ITheme } from '../plot/theme';
import type { IRange } from '../plot/time-axis';
import { Ways } from '../plot/ways';
import { prefixLegend } from './legend';
import { findTask } from './find-task';
import { statistics } from './statistics';
import { StreamRows } from './stream-rows';
import { actionName, newestTasks, prefixTable, taskRows } from './task-tables';

/** Bars from which a sharper picture than one pixel a CSS pixel shows nothing more. */
const MANY = 200_000;

class TaskStreamPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
    const { words } = stage;
    this.ways = new Ways(
      words.__('A row of the table for each'),
      [
        ['prefix', words.__('Prefix'), words.__('A row for each prefix and cell')],
        ['task', words.__('Task'), words.__('A row for each task, the newest first')]
      ],
      true
    );
  }

  readonly ways: Ways<'prefix' | 'task'>;

  get plane(): IPlane {
    return this._axes.plane;
  }

  draw(surface: ISurface): void {
    const { axis, filter, store } = this._stage;
    const { g, theme } = surface;
    this._axes.layout(surface, axis.from, axis.to);
    this._rows.update(store);
    const { plane } = this._axes;
    const ratio = this._painted > MANY ? 1 : surface.ratio;
    const width = Math.max(1, Math.round((plane.right - plane.left) * ratio));
    const height = Math.max(1, Math.round((plane.bottom - plane.top) * ratio));
    const image = this._imageOf(g, width, height);
    this._limit();
    this._painted = this._painter.paint(
      this._pixels,
      width,
      height,
      this._rows.series,
      { from: axis.from, to: axis.to, top: this._top, bottom: this._bottom },
      this._inks.read(store, theme, filter)
    );
    clearAround(surface, plane);
    if (ratio === surface.ratio) {
      g.putImageData(image, Math.round(plane.left * ratio), Math.round(plane.top * ratio));
    } else {
      this._enlarge(g, image);
    }
    this._axes.drawTime(surface, false);
    this._drawWorkers(surface);
  }

  hit(x: number, y: number): IHit | null {
    const { plane, time } = this._axes;
    const { words } = this._stage;
    const height = plane.bottom - plane.top;
    const position = this._top + ((y - plane.top) / height) * (this._bottom - this._top);
    const lane = this._rows.lanes[Math.floor(position)];
    if (lane === undefined || y < plane.top || y > plane.bottom) {
      return null;
    }
    const { cells, filter, store } = this._stage;
    const nearest = (2 * (time.high - time.low)) / (plane.right - plane.left);
    const task = findTask(store, lane, time.invert(x), nearest, filter);
    const { name, thread } = store.lanes[lane];
    const where = words.__('Worker %1, thread %2', name, thread);
    if (task === null) {
      return { lines: [where] };
    }
    const { cell, prefix, span } = store.kinds[task.kind];
    const lines = [
      prefix,
      words.__(
        '%1: %2 from %3',
        actionName(task.what, words),
        formatSeconds(task.duration),
        formatClock(task.start, 1e-3)
      ),
      words.__('Result: %1', formatValue(task.nbytes, 'bytes')),
      where
    ];
    if (span !== null) {
      lines.push(words.__('Span: %1', span));
    }
    const title = cell === null ? null : cells.title(cell);
    if (title !== null) {
      lines.push(words.__('%1 (click to go there)', title));
    } else if (cell !== null) {
      lines.push(words.__('Cell: %1', cell));
    }
    return { lines, row: task.row, cell: title === null ? null : cell };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    return prefixLegend(this._stage, theme, true);
  }

  table(): ITable {
    const { axis } = this._stage;
    const { from, to } = axis.selection ?? axis;
    return this.ways.chosen === 'task'
      ? newestTasks(this._stage, from, to)
      : prefixTable(this._stage, from, to);
  }

  rows(): ITable<string | number> {
    const { axis, filter, store } = this._stage;
    return taskRows(store, axis.from, axis.to, filter);
  }

  statistics(range: IRange): ReadonlyArray<readonly [string, string]> {
    const { filter, store, words } = this._stage;
    const sum = statistics(store, range.from, range.to, prefix => filter.hides(prefix));
    const part = (seconds: number): string =>
      `${formatSeconds(seconds)} (${formatValue(seconds / (sum.threads || 1), 'percent')})`;
    return [
      [words.__('Selected'), formatSeconds(range.to - range.from)],
      [words.__('Tasks'), sum.tasks.toLocaleString()],
      [words.__('Failed'), sum.erred.toLocaleString()],
      [words.__('Compute'), part(sum.compute)],
      [words.__('Transfer'), part(sum.transfer)],
      [words.__('Disk'), part(sum.disk)],
      [words.__('Idle'), part(sum.idle)],
      [words.__('Results'), formatValue(sum.nbytes, 'bytes')]
    ];
  }

  zoomRows(factor: number, y: number): void {
    const { plane } = this._axes;
    const share = Math.min(1, Math.max(0, (y - plane.top) / (plane.bottom - plane.top)));
    const around = this._top + share * (this._bottom - this._top);
    this._top = around + (this._top - around) * factor;
    this._bottom = around + (this._bottom - around) * factor;
    this._whole = this._bottom - this._top >= this._rows.lanes.length;
    this._limit();
  }

  panRows(share: number): void {
    const by = share * (this._bottom - this._top);
    this._top += by;
    this._bottom += by;
    this._limit();
  }

  /** Keep the rows that are shown among those that there are. */
  private _limit(): void {
    const count = Math.max(1, this._rows.lanes.length);
    const shown = this._whole ? count : Math.min(count, Math.max(1, this._bottom - this._top));
    this._top = this._whole ? 0 : Math.min(Math.max(0, this._top), count - shown);
    this._bottom = this._top + shown;
  }

  private _imageOf(g: CanvasRenderingContext2D, width: number, height: number): ImageData {
    if (this._image?.width !== width || this._image.height !== height) {
      this._image = g.createImageData(width, height);
      this._pixels = new Uint32Array(this._image.data.buffer);
    }
    return this._image;
  }

  /** A picture of fewer pixels than the screen has. */
  private _enlarge(g: CanvasRenderingContext2D, image: ImageData): void {
    this._buffer ??= document.createElement('canvas');
    if (this._buffer.width !== image.width || this._buffer.height !== image.height) {
      this._buffer.width = image.width;
      this._buffer.height = image.height;
    }
    this._buffer.getContext('2d')?.putImageData(image, 0, 0);
    const { plane } = this._axes;
    g.imageSmoothingEnabled = false;
    g.drawImage(
      this._buffer,
      plane.left,
      plane.top,
      plane.right - plane.left,
      plane.bottom - plane.top
    );
  }

  /** The names of the workers beside their threads, as far as there is room. */
  private _drawWorkers(surface: ISurface): void {
    const { g, theme } = surface;
    const { plane } = this._axes;
    const { lanes } = this._stage.store;
    const scale = (plane.bottom - plane.top) / (this._bottom - this._top);
    g.font = theme.font;
    g.textAlign = 'right';
    g.textBaseline = 'middle';
    let free = plane.top - 1;
    let first = Math.max(0, Math.floor(this._top));
    while (first < Math.min(this._rows.lanes.length, this._bottom)) {
      const { name, worker } = lanes[this._rows.lanes[first]];
      let last = first + 1;
      while (last < this._rows.lanes.length && lanes[this._rows.lanes[last]].worker === worker) {
        last += 1;
      }
      const y0 = Math.max(plane.top, plane.top + (first - this._top) * scale);
      const y1 = Math.min(plane.bottom, plane.top + (last - this._top) * scale);
      g.fillStyle = cssColour(theme.grid);
      if (scale * (last - first) >= 6) {
        g.fillRect(plane.left - 4, Math.round(y0), 4, 1);
      }
      const middle = (y0 + y1) / 2;
      if (middle - 6 >= free && middle + 6 <= plane.bottom + 6) {
        g.fillStyle = cssColour(theme.muted);
        g.fillText(this._labelOf(g, name), plane.left - 6, middle);
        free = middle + 8;
      }
      first = last;
    }
  }

  /** A worker's name as it fits beside the rows; measured once. */
  private _labelOf(g: CanvasRenderingContext2D, name: string): string {
    let label = this._labels.get(name);
    if (label === undefined) {
      label = fitText(g, name, this._axes.plane.left - 12);
      this._labels.set(name, label);
    }
    return label;
  }

  private readonly _stage: IStage;
  private readonly _axes = new Axes();
  private readonly _rows = new StreamRows();
  private readonly _painter = new CoveragePainter();
  private readonly _inks = new InkBox();
  private readonly _labels = new Map<string, string>();
  private _image: ImageData | null = null;
  private _pixels = new Uint32Array(0);
  private _buffer: HTMLCanvasElement | null = null;
  private _painted = 0;
  /** The rows that are shown; all of them until somebody asks for fewer. */
  private _top = 0;
  private _bottom = 1;
  private _whole = true;
}

/** Paint over what is beside the bars: they themselves cover all of theirs. */
function clearAround(surface: ISurface, plane: IPlane): void {
  const { g, height, theme, width } = surface;
  g.fillStyle = cssColour(theme.background);
  g.fillRect(0, 0, width, plane.top);
  g.fillRect(0, plane.bottom, width, height - plane.bottom);
  g.fillRect(0, plane.top, plane.left, plane.bottom - plane.top);
  g.fillRect(plane.right, plane.top, width - plane.right, plane.bottom - plane.top);
}

export const taskStream: IPlot = {
  name: 'task-stream',
  tables: ['tasks'],
  description: words =>
    words.__(
      'One row for each thread, one bar for each task, in the colour of its prefix; gaps are idle. Transfers are red, disk is orange.'
    ),
  create: stage => new TaskStreamPainter(stage)
};
