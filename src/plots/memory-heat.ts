/** How full many workers are, over time: one row each, the darker the fuller. */
import { cssColour, packColour } from '../plot/colours';
import { formatClock, formatValue } from '../plot/format';
import { Axes } from '../plot/plane';
import type { IHit, ILegendItem, IPainter, IPlane, IStage, ISurface, ITable } from '../plot/plot';
import { sampleSeries } from '../plot/sampling';
import type { ITheme } from '../plot/theme';
import { SAMPLE } from '../telemetry/rows';
import { memoryTable } from './memory-bars';
import { fullness } from './memory-colours';
import { workersNow, workersShown } from './worker-samples';

/** Shades between empty and beyond the limit, a percent each. */
const SHADES = 121;

export class HeatPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  get plane(): IPlane {
    return this._axes.plane;
  }

  draw(surface: ISurface): void {
    const { g, ratio, theme } = surface;
    const { axis } = this._stage;
    this._workers = workersShown(this._stage);
    this._axes.layout(surface, axis.from, axis.to);
    const { plane } = this._axes;
    this._shade(theme);
    const width = Math.max(1, Math.floor(plane.right - plane.left));
    const height = Math.max(1, Math.floor(plane.bottom - plane.top));
    const count = this._workers.length;
    const image = this._imageOf(g, width, height);
    if (this._bins.length !== width) {
      this._bins = new Float64Array(width);
      this._line = new Uint32Array(width);
    }
    for (let y = 0, next = 0; y < height; y = next) {
      // Rows that share a pixel: the fullest of them counts, because that is the one in trouble.
      const first = Math.floor((y * count) / height);
      const last = Math.max(first + 1, Math.floor(((y + 1) * count) / height));
      next = Math.max(y + 1, Math.ceil(((first + 1) * height) / count));
      this._paintLine(first, last, axis.from, axis.to);
      for (let row = y; row < Math.min(next, height); row++) {
        this._pixels.set(this._line, row * width);
      }
    }
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, surface.width, surface.height);
    this._buffer ??= document.createElement('canvas');
    if (this._buffer.width !== width || this._buffer.height !== height) {
      this._buffer.width = width;
      this._buffer.height = height;
    }
    this._buffer.getContext('2d')?.putImageData(image, 0, 0);
    g.imageSmoothingEnabled = ratio !== Math.round(ratio);
    g.drawImage(this._buffer, plane.left, plane.top, width, height);
    this._axes.drawTime(surface, false);
    g.font = theme.font;
    g.textAlign = 'right';
    g.textBaseline = 'top';
    g.fillStyle = cssColour(theme.muted);
    g.fillText(
      this._stage.words._n('%1 worker', '%1 workers', count),
      plane.left - 6,
      plane.top,
      plane.left - 10
    );
  }

  hit(x: number, y: number): IHit | null {
    const { plane, time } = this._axes;
    const { store, words } = this._stage;
    const share = (y - plane.top) / (plane.bottom - plane.top);
    const index = this._workers[Math.floor(share * this._workers.length)];
    const worker = store.members[index];
    if (worker === undefined || y < plane.top) {
      return null;
    }
    const one = new Float64Array(1);
    const at = time.invert(x);
    sampleSeries(store.workers.groups[index], SAMPLE.process, at, at + 1e-3, one);
    return {
      lines: [
        worker.name,
        formatClock(at, 1),
        words.__(
          '%1 of %2 (%3)',
          formatValue(one[0], 'bytes'),
          formatValue(worker.limit, 'bytes'),
          formatValue(one[0] / worker.limit, 'percent')
        ),
        worker.address
      ]
    };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    const { words } = this._stage;
    const shares: ReadonlyArray<readonly [number, string]> = [
      [0.1, words.__('10 % of the limit')],
      [0.3, '30 %'],
      [0.59, words.__('below 60 %')],
      [0.65, words.__('60 %: begins to spill')],
      [0.75, words.__('70 %: spills')],
      [0.85, words.__('80 %: paused')],
      [0.97, words.__('95 %: restarts')]
    ];
    return shares.map(([share, label]) => ({ label, colour: fullness(share, theme) }));
  }

  table(): ITable {
    return memoryTable(workersNow(this._stage), this._stage, value => formatValue(value, 'bytes'));
  }

  rows(): ITable<string | number> {
    return memoryTable(workersNow(this._stage), this._stage, value => value);
  }

  private _paintLine(first: number, last: number, from: number, to: number): void {
    const { members, workers } = this._stage.store;
    if (this._fullest.length !== this._bins.length) {
      this._fullest = new Float64Array(this._bins.length);
    }
    this._fullest.fill(-1);
    for (let place = first; place < last; place++) {
      const index = this._workers[place];
      const limit = members[index]?.limit || Infinity;
      sampleSeries(workers.groups[index], SAMPLE.process, from, to, this._bins);
      for (let bin = 0; bin < this._bins.length; bin++) {
        const share = this._bins[bin] / limit;
        if (share > this._fullest[bin]) {
          this._fullest[bin] = share;
        }
      }
    }
    for (let bin = 0; bin < this._line.length; bin++) {
      const share = this._fullest[bin];
      this._line[bin] =
        share < 0 ? this._shades[SHADES] : this._shades[Math.min(SHADES - 1, (share * 100) | 0)];
    }
  }

  private _shade(theme: ITheme): void {
    if (theme !== this._theme) {
      this._theme = theme;
      for (let shade = 0; shade < SHADES; shade++) {
        this._shades[shade] = packColour(fullness(shade / 100, theme));
      }
      this._shades[SHADES] = packColour(theme.background);
    }
  }

  private _imageOf(g: CanvasRenderingContext2D, width: number, height: number): ImageData {
    if (this._image?.width !== width || this._image.height !== height) {
      this._image = g.createImageData(width, height);
      this._pixels = new Uint32Array(this._image.data.buffer);
    }
    return this._image;
  }

  private readonly _stage: IStage;
  private readonly _axes = new Axes();
  private _workers: ReadonlyArray<number> = [];
  private readonly _shades = new Uint32Array(SHADES + 1);
  private _theme: ITheme | null = null;
  private _bins = new Float64Array(0);
  private _fullest = new Float64Array(0);
  private _line = new Uint32Array(0);
  private _image: ImageData | null = null;
  private _pixels = new Uint32Array(0);
  private _buffer: HTMLCanvasElement | null = null;
}
