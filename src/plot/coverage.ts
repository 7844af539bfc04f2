/**
 * Paints bars by the area that they cover. Where bars are narrower than a pixel, a pixel is the
 * mean of what lies in it, weighted by time; where rows are lower than a pixel, of its rows too. So
 * no zoom shows gaps where work was continuous, nor work where there was next to none, as drawing
 * one bar over the other, or the nearest one, does.
 *
 * Works on numbers only: no canvas, no clock, and no memory is taken while it paints.
 */
import type { Series } from '../telemetry/columns';
import { ALL, COMPUTE, OTHERS, type ILine, type Which } from './coverage-pixel';
import { RowPainter } from './coverage-row';
import { SharedPainter } from './coverage-shared';
import type { IInks } from './inks';

/** Pixels of a row's height from which what is no computation gets a band of its own. */
const BANDS = 9;

/** Pixels of a row's height from which there is a gap between rows. */
const GAPS = 4;

type Rows = ReadonlyArray<Series | undefined>;

export interface ICoverageView {
  /** Epoch seconds at the left and right edges. */
  readonly from: number;
  readonly to: number;
  /** Rows at the upper and lower edges; fractions are parts of rows. */
  readonly top: number;
  readonly bottom: number;
}

export class CoveragePainter {
  /**
   * Paint into `pixels`, `width` times `height`.
   *
   * @param rows - What is in each row, from top to bottom; undefined is an empty one.
   * @param inks - The colours, and which kinds are left out.
   * @returns How many bars were painted.
   */
  paint(
    pixels: Uint32Array,
    width: number,
    height: number,
    rows: Rows,
    view: ICoverageView,
    inks: IInks
  ): number {
    const line = this._line;
    line.pixels = pixels;
    line.width = width;
    line.from = view.from;
    line.to = view.to;
    this._painted = 0;
    pixels.fill(inks.paper);
    const scale = height / (view.bottom - view.top);
    if (scale >= 1) {
      this._paintHigh(height, rows, view, inks, scale);
    } else {
      for (let y = 0; y < height; y++) {
        const first = Math.max(0, Math.floor(view.top + y / scale));
        const last = Math.min(rows.length, Math.floor(view.top + (y + 1) / scale));
        this._add(y, rows, first, Math.max(last, first + 1), inks, ALL);
      }
    }
    return this._painted;
  }

  /** Rows of a pixel or more: painted once, and copied down. */
  private _paintHigh(
    height: number,
    rows: Rows,
    view: ICoverageView,
    inks: IInks,
    scale: number
  ): void {
    const gap = scale >= GAPS ? 1 : 0;
    const last = Math.min(rows.length, Math.ceil(view.bottom));
    for (let row = Math.max(0, Math.floor(view.top)); row < last; row++) {
      const y0 = Math.max(0, Math.round((row - view.top) * scale));
      const y1 = Math.min(height, Math.round((row + 1 - view.top) * scale) - gap);
      if (y1 <= y0) {
        continue;
      }
      const banded = scale >= BANDS;
      this._add(y0, rows, row, row + 1, inks, banded ? COMPUTE : ALL);
      this._copy(y0, y1);
      const split = Math.min(y1 - 1, Math.round(y0 + (y1 - y0) * 0.66));
      if (banded && split > y0) {
        this._add(split, rows, row, row + 1, inks, OTHERS);
        this._copy(split, y1);
      }
    }
  }

  private _copy(from: number, to: number): void {
    const { pixels, width } = this._line;
    for (let y = from + 1; y < to; y++) {
      pixels.copyWithin(y * width, from * width, (from + 1) * width);
    }
  }

  /** Lay the bars of one row, or the mean of several, over a line of pixels. */
  private _add(
    y: number,
    rows: Rows,
    first: number,
    last: number,
    inks: IInks,
    which: Which
  ): void {
    const line = this._line;
    const single = last - first === 1;
    line.base = y * line.width;
    line.which = which;
    for (let row = first; row < last; row++) {
      const series = rows[row];
      if (series !== undefined) {
        const { begins, blocks, ends } = series;
        for (let index = 0; index < ends.length; index++) {
          if (ends[index] > line.from && begins[index] < line.to) {
            this._painted += single
              ? this._row.add(blocks[index], line, inks)
              : this._shared.add(blocks[index], line, inks, 1 / (last - first));
          }
        }
      }
    }
    if (single) {
      this._row.flush(line);
    } else {
      this._shared.flush(line);
    }
  }

  private readonly _row = new RowPainter();
  private readonly _shared = new SharedPainter();
  private readonly _line: ILine = {
    pixels: new Uint32Array(0),
    base: 0,
    width: 0,
    from: 0,
    to: 1,
    which: ALL
  };
  private _painted = 0;
}
