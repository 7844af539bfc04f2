/** Paints a row of bars that has its pixels for itself. */
import type { Block } from '../telemetry/columns';
import { TASK } from '../telemetry/rows';
import { inkOf, over, THINNEST, type ILine } from './coverage-pixel';
import { HIDDEN, type IInks } from './inks';

/** Pixels from which the browser's own way of filling is the faster one. */
const LONG = 24;

export class RowPainter {
  /**
   * The bars of a row that has the line for itself. As they come in order, a pixel is summed up in
   * a few numbers until a bar begins in another one; what overlaps is laid over what is there.
   */
  add(block: Block, line: ILine, inks: IInks): number {
    const { columns, rows, time } = block;
    const durations = columns[TASK.duration];
    const kinds = columns[TASK.kind];
    const whats = columns[TASK.what];
    const { red, green, blue, packed } = inks;
    const { base, from, pixels, to, which, width } = line;
    const scale = width / (to - from);
    const edge = this._edge;
    let painted = 0;
    let at = this._at;
    let last = this._last;
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
      const ink = x1 <= 0 ? HIDDEN : inkOf(kinds[row], whats[row], which, inks);
      if (ink === HIDDEN) {
        continue;
      }
      painted += 1;
      const x0 = x < 0 ? 0 : x;
      x1 = x1 < x0 + THINNEST ? x0 + THINNEST : x1;
      x1 = x1 > width ? width : x1;
      const begin = x0 | 0;
      const end = x1 | 0;
      if (begin !== at) {
        if (cover > 0) {
          pixels[base + at] = over(pixels[base + at], r, g, b, cover, at - last > 1);
          last = at;
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
      pixels[base + at] = over(pixels[base + at], r, g, b, cover, false);
      if (end - begin > LONG) {
        pixels.fill(packed[ink], base + begin + 1, base + end);
      } else {
        const colour = packed[ink];
        for (let pixel = base + begin + 1; pixel < base + end; pixel++) {
          pixels[pixel] = colour;
        }
      }
      at = end;
      last = end - 1;
      share = x1 - end;
      r = share * red[ink];
      g = share * green[ink];
      b = share * blue[ink];
      cover = share;
    }
    this._at = at;
    this._last = last;
    edge[0] = r;
    edge[1] = g;
    edge[2] = b;
    edge[3] = cover;
    return painted;
  }

  /** Lay the pixel over the line that was being summed up; the row is done. */
  flush(line: ILine): void {
    const edge = this._edge;
    if (edge[3] > 0 && this._at < line.width) {
      const at = line.base + this._at;
      const first = this._at - this._last > 1;
      line.pixels[at] = over(line.pixels[at], edge[0], edge[1], edge[2], edge[3], first);
    }
    edge.fill(0);
    this._at = -1;
    this._last = -9;
  }

  /** The pixel that is being summed up, and its sums: red, green, blue, the covered share. */
  private _at = -1;
  /** The one before it that something is in. */
  private _last = -9;
  private readonly _edge = new Float64Array(4);
}
