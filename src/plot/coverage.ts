/**
 * Paints bars by the area that they cover. Where bars are narrower than a pixel, a pixel is the
 * mean of what lies in it, weighted by time; where rows are lower than a pixel, of its rows too. So
 * no zoom shows gaps where work was continuous, nor work where there was next to none, as drawing
 * one bar over the other, or the nearest one, does.
 *
 * Works on numbers only: no canvas, no clock, and no memory is taken while it paints.
 */
import type { Block, Series } from '../telemetry/columns';
import { ACTION, ERRED } from '../telemetry/schema';
import { TASK } from '../telemetry/rows';
import type { IInks } from './inks';

/** A pixel that any bar touches is covered at least that much: nothing vanishes altogether. */
export const FAINTEST = 0.15;

/** Pixels of a row's height from which what is no computation gets a band of its own. */
const BANDS = 9;

/** Pixels that a bar takes at least, so that one without any duration is counted. */
const THINNEST = 0.02;

const ALL = 0;
const COMPUTE = 1;
const OTHERS = 2;
type Which = typeof ALL | typeof COMPUTE | typeof OTHERS;

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
    rows: ReadonlyArray<Series | undefined>,
    view: ICoverageView,
    inks: IInks
  ): number {
    if (this._line.length !== width) {
      this._line = new Uint32Array(width);
      this._sums = new Float32Array(4 * (width + 2));
    }
    this._inks = inks;
    this._painted = 0;
    pixels.fill(inks.paper);
    const scale = height / (view.bottom - view.top);
    if (scale >= 1) {
      this._paintHigh(pixels, width, height, rows, view, scale);
    } else {
      for (let y = 0; y < height; y++) {
        const first = Math.max(0, Math.floor(view.top + y / scale));
        const last = Math.min(rows.length, Math.floor(view.top + (y + 1) / scale));
        this._line.fill(inks.paper);
        this._add(rows, first, Math.max(last, first + 1), view, width, ALL);
        pixels.set(this._line, y * width);
      }
    }
    return this._painted;
  }

  /** Rows of a pixel or more. */
  private _paintHigh(
    pixels: Uint32Array,
    width: number,
    height: number,
    rows: ReadonlyArray<Series | undefined>,
    view: ICoverageView,
    scale: number
  ): void {
    const gap = scale >= 4 ? 1 : 0;
    const last = Math.min(rows.length, Math.ceil(view.bottom));
    for (let row = Math.max(0, Math.floor(view.top)); row < last; row++) {
      const y0 = Math.round((row - view.top) * scale);
      const y1 = Math.min(height, Math.round((row + 1 - view.top) * scale) - gap);
      const banded = scale >= BANDS;
      this._line.fill(this._inks.paper);
      this._add(rows, row, row + 1, view, width, banded ? COMPUTE : ALL);
      const split = banded ? Math.round(y0 + (y1 - y0) * 0.66) : y1;
      for (let y = Math.max(0, y0); y < Math.min(split, y1); y++) {
        pixels.set(this._line, y * width);
      }
      if (banded) {
        this._add(rows, row, row + 1, view, width, OTHERS);
        for (let y = Math.max(0, split); y < y1; y++) {
          pixels.set(this._line, y * width);
        }
      }
    }
  }

  /** Lay the bars of some rows, or of their mean, over the line. */
  private _add(
    rows: ReadonlyArray<Series | undefined>,
    first: number,
    last: number,
    view: ICoverageView,
    width: number,
    which: Which
  ): void {
    this._low = width;
    this._high = -1;
    for (let row = first; row < last; row++) {
      const blocks = rows[row]?.blocks;
      if (blocks !== undefined) {
        for (let index = 0; index < blocks.length; index++) {
          const block = blocks[index];
          if (block.end > view.from && block.time[0] < view.to) {
            this._addBlock(block, view, width, 1 / (last - first), which);
          }
        }
      }
    }
    if (this._high >= this._low) {
      this._resolve(Math.min(width - 1, this._high));
    }
  }

  private _addBlock(
    block: Block,
    view: ICoverageView,
    width: number,
    weight: number,
    which: Which
  ): void {
    const { columns, rows, time } = block;
    const durations = columns[TASK.duration];
    const kinds = columns[TASK.kind];
    const whats = columns[TASK.what];
    const { hidden, ofAction, ofError, ofKind, red, green, blue, packed } = this._inks;
    const { from, to } = view;
    const scale = width / (to - from);
    const sums = this._sums;
    const line = this._line;
    let painted = 0;
    let low = this._low;
    let high = this._high;
    for (let row = block.from(from); row < rows; row++) {
      const start = time[row];
      if (start >= to) {
        break;
      }
      let x0 = (start - from) * scale;
      let x1 = x0 + durations[row] * scale;
      const what = whats[row];
      const action = what & ACTION;
      const kind = kinds[row];
      if (
        x1 <= 0 ||
        hidden[kind] === 1 ||
        (which !== ALL && (which === COMPUTE) !== (action === 0))
      ) {
        continue;
      }
      painted += 1;
      const ink = (what & ERRED) !== 0 ? ofError : action === 0 ? ofKind[kind] : ofAction[action];
      x0 = x0 < 0 ? 0 : x0;
      x1 = x1 < x0 + THINNEST ? x0 + THINNEST : x1;
      x1 = x1 > width ? width : x1;
      const a = x0 | 0;
      const b = x1 | 0;
      if (a < low) {
        low = a;
      }
      if (b > high) {
        high = b;
      }
      let share = (a === b ? x1 - x0 : a + 1 - x0) * weight;
      let at = a << 2;
      sums[at] += share * red[ink];
      sums[at + 1] += share * green[ink];
      sums[at + 2] += share * blue[ink];
      sums[at + 3] += share;
      if (a === b) {
        continue;
      }
      if (weight === 1) {
        // Whole pixels of a single row: nothing to mix.
        if (b > a + 1) {
          line.fill(packed[ink], a + 1, b);
        }
      } else {
        for (at = (a + 1) << 2; at < b << 2; at += 4) {
          sums[at] += weight * red[ink];
          sums[at + 1] += weight * green[ink];
          sums[at + 2] += weight * blue[ink];
          sums[at + 3] += weight;
        }
      }
      share = (x1 - b) * weight;
      at = b << 2;
      sums[at] += share * red[ink];
      sums[at + 1] += share * green[ink];
      sums[at + 2] += share * blue[ink];
      sums[at + 3] += share;
    }
    this._painted += painted;
    this._low = low;
    this._high = high;
  }

  /** Lay the sums over the line, and clear them. */
  private _resolve(high: number): void {
    const sums = this._sums;
    const line = this._line;
    const faintest = FAINTEST;
    for (let x = this._low; x <= high; x++) {
      const at = x << 2;
      const cover = sums[at + 3];
      if (cover > 0) {
        const alpha = cover < faintest ? faintest : cover > 1 ? 1 : cover;
        const part = alpha / cover;
        const rest = 1 - alpha;
        const old = line[x];
        line[x] =
          (0xff000000 |
            (((sums[at + 2] * part + ((old >> 16) & 255) * rest + 0.5) | 0) << 16) |
            (((sums[at + 1] * part + ((old >> 8) & 255) * rest + 0.5) | 0) << 8) |
            ((sums[at] * part + (old & 255) * rest + 0.5) | 0)) >>>
          0;
      }
    }
    sums.fill(0, this._low << 2, (high + 2) << 2);
  }

  private _inks!: IInks;
  private _line = new Uint32Array(0);
  /** Red, green, blue and the covered share, a pixel each. */
  private _sums = new Float32Array(0);
  /** The pixels that were touched. */
  private _low = 0;
  private _high = -1;
  private _painted = 0;
}
