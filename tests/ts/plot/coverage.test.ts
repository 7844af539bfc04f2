import { describe, expect, it } from 'vitest';
import { CoveragePainter, type ICoverageView } from '../../../src/plot/coverage';
import { FAINTEST } from '../../../src/plot/coverage-pixel';
import { HIDDEN, type IInks } from '../../../src/plot/inks';
import { Grouped } from '../../../src/telemetry/columns';
import { TASK } from '../../../src/telemetry/rows';

/** Kind 0 is red, kind 1 green; action 1 blue; the paper is black, so channels are shares. */
const INKS: IInks = {
  paper: 0xff000000,
  ofKind: Uint16Array.of(1, 2),
  ofAction: Uint16Array.of(0, 3, 3, 3, 3, 3),
  ofError: 0,
  red: Float32Array.of(255, 255, 0, 0),
  green: Float32Array.of(255, 0, 255, 0),
  blue: Float32Array.of(255, 0, 0, 255),
  packed: Uint32Array.of(0xffffffff, 0xff0000ff, 0xff00ff00, 0xffff0000)
};

type Bar = readonly [lane: number, start: number, duration: number, kind?: number, what?: number];

function table(bars: ReadonlyArray<Bar>): Grouped {
  const found = new Grouped(['f64', 'f32', 'f32', 'u16', 'u8', 'u32'], TASK.duration, 1e6);
  bars.forEach(([lane, start, duration, kind = 0, what = 0], row) =>
    found.append(lane, [start, duration, 0, kind, what, row])
  );
  return found;
}

/** The picture as shares of red, green and blue, by pixel. */
function paint(
  bars: ReadonlyArray<Bar>,
  view: Partial<ICoverageView>,
  width: number,
  height: number,
  inks: IInks = INKS
): number[][][] {
  const { groups } = table(bars);
  const pixels = new Uint32Array(width * height);
  new CoveragePainter().paint(
    pixels,
    width,
    height,
    groups,
    { from: 0, to: 10, top: 0, bottom: groups.length, ...view },
    inks
  );
  const part = (pixel: number, shift: number): number =>
    Math.round((((pixel >> shift) & 255) / 255) * 100) / 100;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const pixel = pixels[y * width + x];
      return [part(pixel, 0), part(pixel, 8), part(pixel, 16)];
    })
  );
}

const reds = (line: number[][]): number[] => line.map(pixel => pixel[0]);

describe('the coverage of pixels', () => {
  it('is whole within a bar and the covered part at its ends', () => {
    const [line] = paint([[0, 1.5, 2.25]], {}, 10, 1);
    expect(reds(line)).toEqual([0, 0.5, 1, 0.75, 0, 0, 0, 0, 0, 0]);
  });

  it('is the mean of what lies in a pixel, weighted by time', () => {
    const bars: Bar[] = [
      [0, 0, 0.5, 0],
      [0, 0.5, 0.25, 1]
    ];
    expect(paint(bars, {}, 10, 1)[0][0]).toEqual([0.5, 0.25, 0]);
  });

  it('shows continuous work as continuous, at every zoom', () => {
    const bars = Array.from({ length: 997 }, (_, index): Bar => [0, index / 99.7, 1 / 99.7]);
    for (const width of [3, 10, 61, 400, 1_999]) {
      const [line] = paint(bars, {}, width, 1);
      expect(Math.min(...reds(line))).toBeGreaterThan(0.98);
    }
  });

  it('adds up to the time that was spent, at every zoom', () => {
    const bars = Array.from({ length: 300 }, (_, index): Bar => [0, index / 30, 0.02]);
    for (const width of [10, 37, 150]) {
      const sum = reds(paint(bars, {}, width, 1)[0]).reduce((all, share) => all + share, 0);
      expect(sum / width).toBeCloseTo(0.6, 1);
    }
  });

  it('shows as little load as there is, far out as well', () => {
    // One percent of the time in ten thousand tasks, of one row and of two that share a pixel.
    const bars = [0, 1].flatMap(lane =>
      Array.from({ length: 10_000 }, (_, index): Bar => [lane, index / 1_000, 1e-5])
    );
    for (const lanes of [1, 2]) {
      const [line] = paint(bars.slice(0, lanes * 10_000), {}, 20, 1);
      expect(Math.max(...reds(line).slice(1))).toBeLessThan(0.02);
    }
  });

  it('never lets a bar vanish', () => {
    const [line] = paint([[0, 5.01, 1e-7]], {}, 10, 1);
    expect(line[5][0]).toBeCloseTo(FAINTEST, 1);
    expect(reds(line).filter(share => share > 0)).toHaveLength(1);
    expect(reds(paint([[0, 5, 0]], {}, 10, 1)[0]).some(share => share > 0)).toBe(true);
    // Nor a few that stand beside each other, of one row and of two that share a pixel.
    const few = [5.1, 6.2, 7.3].flatMap((at): Bar[] => [0, 1].map(lane => [lane, at, 1e-3]));
    for (const bars of [few.filter(([lane]) => lane === 0), few]) {
      expect(Math.max(...reds(paint(bars, {}, 10, 1)[0]))).toBeCloseTo(FAINTEST, 1);
    }
  });

  it('is the mean of the rows where several share a pixel', () => {
    const bars: Bar[] = [0, 1, 2, 3].map(lane => [lane, 0, lane === 3 ? 10 : 5]);
    const [line] = paint(bars, {}, 10, 1);
    expect(line[2][0]).toBe(1);
    expect(line[7][0]).toBe(0.25);
  });

  it('gives each row its pixels, with a gap between them', () => {
    const picture = paint(
      [
        [0, 0, 10, 0],
        [1, 0, 10, 1]
      ],
      {},
      2,
      10
    );
    expect(picture.map(line => line[0])).toEqual([
      ...Array.from({ length: 4 }, () => [1, 0, 0]),
      [0, 0, 0],
      ...Array.from({ length: 4 }, () => [0, 1, 0]),
      [0, 0, 0]
    ]);
  });

  it('shows transfers in a band of their own where there is room, else mixed in', () => {
    const bars: Bar[] = [
      [0, 0, 10, 0, 0],
      [0, 0, 10, 0, 1]
    ];
    const high = paint(bars, {}, 1, 20).map(line => line[0]);
    expect(high[2]).toEqual([1, 0, 0]);
    expect(high[16]).toEqual([0, 0, 1]);
  });

  it('leaves out what is filtered, and paints failures in their own ink', () => {
    const hidden = { ...INKS, ofKind: Uint16Array.of(HIDDEN, 2) };
    expect(paint([[0, 0, 5]], {}, 1, 1, hidden)[0][0]).toEqual([0, 0, 0]);
    expect(paint([[0, 0, 10, 1, 16]], {}, 1, 1)[0][0]).toEqual([1, 1, 1]);
  });

  it('paints only what lies in the window', () => {
    const bars: Bar[] = [
      [0, 0, 100],
      [0, 200, 1]
    ];
    expect(reds(paint(bars, { from: 50, to: 60 }, 3, 1)[0])).toEqual([1, 1, 1]);
    expect(reds(paint(bars, { from: 150, to: 160 }, 3, 1)[0])).toEqual([0, 0, 0]);
  });

  it('shows some of the rows, also parts of them', () => {
    const bars = [0, 1, 2, 3].map((lane): Bar => [lane, 0, 10, lane % 2]);
    const picture = paint(bars, { top: 1, bottom: 2 }, 1, 3);
    expect(picture[0][0]).toEqual([0, 1, 0]);
  });
});
