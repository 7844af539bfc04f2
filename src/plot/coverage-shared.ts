/** Paints rows of bars that share a line of pixels: what is seen is their mean. */
import type { Block } from '../telemetry/columns';
import { TASK } from '../telemetry/rows';
import { inkOf, over, THINNEST, type ILine } from './coverage-pixel';
import { HIDDEN, type IInks } from './inks';

export class SharedPainter {
  /**
   * Add the bars of one of the rows, pixel by pixel.
   *
   * @param weight - Its part of the line.
   * @returns How many bars that were.
   */
  add(block: Block, line: ILine, inks: IInks, weight: number): number {
    const { columns, rows, time } = block;
    const durations = columns[TASK.duration];
    const kinds = columns[TASK.kind];
    const whats = columns[TASK.what];
    const { red, green, blue } = inks;
    const { from, to, which, width } = line;
    const scale = width / (to - from);
    if (this._sums.length !== 4 * (width + 2)) {
      this._sums = new Float32Array(4 * (width + 2));
    }
    const sums = this._sums;
    let painted = 0;
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
    return painted;
  }

  /** Lay the sums over the line, and clear them; the rows are done. */
  flush(line: ILine): void {
    const sums = this._sums;
    const { base, pixels, width } = line;
    for (let x = 0, at = 0; x < width; x++, at += 4) {
      const cover = sums[at + 3];
      if (cover > 0) {
        const old = pixels[base + x];
        const first = !(sums[at - 1] > 0);
        pixels[base + x] = over(old, sums[at], sums[at + 1], sums[at + 2], cover, first);
      }
    }
    sums.fill(0);
  }

  /** Red, green, blue and the covered share, a pixel each. */
  private _sums = new Float32Array(0);
}
