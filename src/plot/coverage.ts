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
import { HIDDEN, type IInks } from './inks';

/** A pixel that any bar touches is covered at least that much: nothing vanishes altogether. */
export const FAINTEST = 0.15;

/** Pixels of a row's height from which what is no computation gets a band of its own. */
const BANDS = 9;

/** Pixels that a bar takes at least, so that one without any duration is counted. */
const THINNEST = 0.02;

/** Pixels from which the browser's own way of filling is the faster one. */
const LONG = 24;

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
    if (this._sums.length !== 4 * (width + 2)) {
      this._sums = new Float32Array(4 * (width + 2));
    }
    this._inks = inks;
    this._pixels = pixels;
    this._painted = 0;
    pixels.fill(inks.paper);
    const scale = height / (view.bottom - view.top);
    if (scale >= 1) {
      this._paintHigh(pixels, width, height, rows, view, scale);
    } else {
      for (let y = 0; y < height; y++) {
        const first = Math.max(0, Math.floor(view.top + y / scale));
        const last = Math.min(rows.length, Math.floor(view.top + (y + 1) / scale));
        this._base = y * width;
        this._add(rows, first, Math.max(last, first + 1), view, width, ALL);
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
      const y0 = Math.max(0, Math.round((row - view.top) * scale));
      const y1 = Math.min(height, Math.round((row + 1 - view.top) * scale) - gap);
      if (y1 <= y0) {
        continue;
      }
      const banded = scale >= BANDS;
      this._base = y0 * width;
      this._add(rows, row, row + 1, view, width, banded ? COMPUTE : ALL);
      for (let y = y0 + 1; y < y1; y++) {
        pixels.copyWithin(y * width, y0 * width, (y0 + 1) * width);
      }
      const split = Math.min(y1 - 1, Math.round(y0 + (y1 - y0) * 0.66));
      if (banded && split > y0) {
        this._base = split * width;
        this._add(rows, row, row + 1, view, width, OTHERS);
        for (let y = split + 1; y < y1; y++) {
          pixels.copyWithin(y * width, split * width, (split + 1) * width);
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
    const single = last - first === 1;
    for (let row = first; row < last; row++) {
      const series = rows[row];
      if (series !== undefined) {
        const { begins, blocks, ends } = series;
        for (let index = 0; index < ends.length; index++) {
          if (ends[index] > view.from && begins[index] < view.to) {
            const block = blocks[index];
            if (single) {
              this._addLine(block, view, width, which);
            } else {
              this._addShare(block, view, width, 1 / (last - first), which);
            }
          }
        }
      }
    }
    if (single) {
      this._flush(width);
    } else {
      this._resolve(width);
    }
  }

  /**
   * The bars of a row that has the line for itself. As they come in order, a pixel is summed up in
   * a few numbers until a bar begins in another one; what overlaps is laid over what is there.
   */
  private _addLine(block: Block, view: ICoverageView, width: number, which: Which): void {
    const { columns, rows, time } = block;
    const durations = columns[TASK.duration];
    const kinds = columns[TASK.kind];
    const whats = columns[TASK.what];
    const { ofAction, ofError, ofKind, red, green, blue, packed } = this._inks;
    const { from, to } = view;
    const scale = width / (to - from);
    const pixels = this._pixels;
    const base = this._base;
    const edge = this._edge;
    let painted = 0;
    let at = this._at;
    let r = edge[0];
    let g = edge[1];
    let b = edge[2];
    let cover = edge[3];
    for (let row = block.from(from); row < rows; row++) {
      const start = time[row];
      if (start >= to) {
        break;
      }
      const x = (start - from) * scale;
      let x1 = x + durations[row] * scale;
      let ink = ofKind[kinds[row]];
      if (x1 <= 0 || ink === HIDDEN) {
        continue;
      }
      // Most rows are computations that went well, and need no second look.
      const what = whats[row] & (ACTION | ERRED);
      if (which !== ALL && (which === COMPUTE) !== ((what & ACTION) === 0)) {
        continue;
      }
      if (what !== 0) {
        ink = what >= ERRED ? ofError : ofAction[what];
      }
      painted += 1;
      const x0 = x < 0 ? 0 : x;
      x1 = x1 < x0 + THINNEST ? x0 + THINNEST : x1;
      x1 = x1 > width ? width : x1;
      const begin = x0 | 0;
      const end = x1 | 0;
      if (begin !== at) {
        if (cover > 0) {
          pixels[base + at] = over(pixels[base + at], r, g, b, cover);
        }
        at = begin;
        r = g = b = cover = 0;
      }
      let share = begin === end ? x1 - x0 : begin + 1 - x0;
      r += share * red[ink];
      g += share * green[ink];
      b += share * blue[ink];
      cover += share;
      if (begin === end) {
        continue;
      }
      pixels[base + at] = over(pixels[base + at], r, g, b, cover);
      if (end - begin > LONG) {
        pixels.fill(packed[ink], base + begin + 1, base + end);
      } else {
        const colour = packed[ink];
        for (let pixel = base + begin + 1; pixel < base + end; pixel++) {
          pixels[pixel] = colour;
        }
      }
      at = end;
      share = x1 - end;
      r = share * red[ink];
      g = share * green[ink];
      b = share * blue[ink];
      cover = share;
    }
    this._painted += painted;
    this._at = at;
    edge[0] = r;
    edge[1] = g;
    edge[2] = b;
    edge[3] = cover;
  }

  /** Lay the pixel over the line that was being summed up. */
  private _flush(width: number): void {
    const edge = this._edge;
    if (edge[3] > 0 && this._at < width) {
      const at = this._base + this._at;
      this._pixels[at] = over(this._pixels[at], edge[0], edge[1], edge[2], edge[3]);
    }
    edge.fill(0);
    this._at = -1;
  }

  /** The bars of one of several rows that share the line: added up pixel by pixel. */
  private _addShare(
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
    const { ofAction, ofError, ofKind, red, green, blue } = this._inks;
    const { from, to } = view;
    const scale = width / (to - from);
    const sums = this._sums;
    for (let row = block.from(from); row < rows; row++) {
      const start = time[row];
      if (start >= to) {
        break;
      }
      const x = (start - from) * scale;
      let x1 = x + durations[row] * scale;
      let ink = ofKind[kinds[row]];
      if (x1 <= 0 || ink === HIDDEN) {
        continue;
      }
      // Most rows are computations that went well, and need no second look.
      const what = whats[row] & (ACTION | ERRED);
      if (which !== ALL && (which === COMPUTE) !== ((what & ACTION) === 0)) {
        continue;
      }
      if (what !== 0) {
        ink = what >= ERRED ? ofError : ofAction[what];
      }
      this._painted += 1;
      const x0 = x < 0 ? 0 : x;
      x1 = x1 < x0 + THINNEST ? x0 + THINNEST : x1;
      x1 = x1 > width ? width : x1;
      const end = x1 | 0;
      for (let pixel = x0 | 0; pixel <= end; pixel++) {
        const left = pixel > x0 ? pixel : x0;
        const right = pixel + 1 < x1 ? pixel + 1 : x1;
        const share = (right - left) * weight;
        const at = pixel << 2;
        sums[at] += share * red[ink];
        sums[at + 1] += share * green[ink];
        sums[at + 2] += share * blue[ink];
        sums[at + 3] += share;
      }
    }
  }

  /** Lay the sums over the line, and clear them. */
  private _resolve(width: number): void {
    const sums = this._sums;
    const pixels = this._pixels;
    const base = this._base;
    for (let x = 0, at = 0; x < width; x++, at += 4) {
      const cover = sums[at + 3];
      if (cover > 0) {
        pixels[base + x] = over(pixels[base + x], sums[at], sums[at + 1], sums[at + 2], cover);
      }
    }
    sums.fill(0);
  }

  private _inks!: IInks;
  private _pixels: Uint32Array = new Uint32Array(0);
  /** Where the line that is painted begins. */
  private _base = 0;
  /** Red, green, blue and the covered share, a pixel each. */
  private _sums = new Float32Array(0);
  /** The pixel that is being summed up, and its sums. */
  private _at = -1;
  private readonly _edge = new Float64Array(4);
  private _painted = 0;
}

/** A pixel with colours over it that cover a part of it; they come multiplied with that part. */
function over(old: number, red: number, green: number, blue: number, cover: number): number {
  if (cover > 0.999 && cover <= 1) {
    return 0xff000000 | ((blue + 0.5) << 16) | ((green + 0.5) << 8) | (red + 0.5);
  }
  const alpha = cover < FAINTEST ? FAINTEST : cover > 1 ? 1 : cover;
  const part = alpha / cover;
  const rest = 1 - alpha;
  return (
    0xff000000 |
    ((blue * part + ((old >> 16) & 255) * rest + 0.5) << 16) |
    ((green * part + ((old >> 8) & 255) * rest + 0.5) << 8) |
    (red * part + (old & 255) * rest + 0.5)
  );
}
