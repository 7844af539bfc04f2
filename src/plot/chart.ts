/** Values over time, as lines or stacked areas, in one or more panels above one another. */
import { cssColour, type Rgb } from './colours';
import { formatClock, formatValue } from './format';
import { Axes } from './plane';
import type { IHit, ILegendItem, IPainter, IPlane, IStage, ISurface, ITable } from './plot';
import type { Sampler } from './sampling';
import { niceHigh, Scale, type Unit } from './scale';
import type { ITheme } from './theme';

export interface ITrack {
  readonly label: string;
  readonly values: Sampler;
  colour(theme: ITheme): Rgb;
  /** A broken line that is no part of a stack: a limit. */
  readonly limit?: boolean;
}

export interface IPanel {
  readonly title: string;
  readonly unit: Unit;
  readonly tracks: ReadonlyArray<ITrack>;
  /** One upon the other instead of one before the other. */
  readonly stacked?: boolean;
  /** The end of the axis if it is always the same. */
  readonly high?: number;
}

/** Pixels between panels, and of the line with a panel's title. */
const GAP = 12;
const TITLE = 16;

/** Pixels of the line above the panels, where something is said. */
const SAID = 20;

/** Moments in the table that stands for the picture. */
const MOMENTS = 40;

export class ChartPainter implements IPainter {
  /** @param said - What is to be said above it. */
  constructor(
    stage: IStage,
    panels: ReadonlyArray<IPanel>,
    readonly said: () => string = () => ''
  ) {
    this._stage = stage;
    this._panels = panels.map(panel => ({
      panel,
      scale: new Scale(),
      bins: panel.tracks.map(() => new Float64Array(0))
    }));
  }

  get plane(): IPlane {
    return this._axes.plane;
  }

  draw(surface: ISurface): void {
    const { g, theme } = surface;
    const { axis } = this._stage;
    this._axes.layout(surface, axis.from, axis.to);
    this._sample();
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, surface.width, surface.height);
    this._axes.drawTime(surface, true);
    this._stack();
    const { plane } = this._axes;
    const begin = plane.top + (this.said() === '' ? 0 : SAID);
    const height = (plane.bottom - begin + GAP) / this._panels.length;
    this._panels.forEach((each, index) => {
      const top = begin + index * height;
      each.scale.set(0, this._highest(each), top + height - GAP, top + TITLE);
      this._axes.drawValues(surface, each.scale, each.panel.unit);
      g.fillStyle = cssColour(theme.foreground);
      g.textAlign = 'left';
      g.textBaseline = 'top';
      g.fillText(each.panel.title, plane.left, top);
      g.save();
      g.beginPath();
      g.rect(plane.left, top, plane.right - plane.left, height - GAP + 1);
      g.clip();
      // The topmost of a stack first: the ones beneath are drawn over it.
      for (let track = each.panel.tracks.length - 1; track >= 0; track--) {
        this._drawTrack(surface, each, track);
      }
      g.restore();
    });
  }

  hit(x: number, y: number): IHit | null {
    const { plane, time } = this._axes;
    const each = this._panels.find(({ scale }) => y <= scale.begin && y >= scale.end - TITLE);
    const bin = Math.floor(x - plane.left);
    if (each === undefined || bin < 0 || bin >= (each.bins[0]?.length ?? 0)) {
      return null;
    }
    const { tracks, unit } = each.panel;
    return {
      lines: [
        formatClock(time.invert(x), Math.min(1, (time.high - time.low) / 500)),
        ...tracks.map(
          ({ label }, index) => `${label}: ${formatValue(this._own(each, index, bin), unit)}`
        )
      ]
    };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    return this._panels.flatMap(({ panel }) =>
      panel.tracks.map(track => ({
        label: track.label,
        colour: track.colour(theme),
        line: !panel.stacked || track.limit
      }))
    );
  }

  table(): ITable {
    return this._moments(
      MOMENTS,
      (value, unit) => formatValue(value, unit),
      time => formatClock(time, 1)
    );
  }

  rows(): ITable<string | number> {
    return this._moments(
      Infinity,
      value => value,
      time => time
    );
  }

  private _moments(
    most: number,
    write: (value: number, unit: Unit) => string | number,
    clock: (time: number) => string | number
  ): ITable<string | number> {
    const { words } = this._stage;
    const { plane, time } = this._axes;
    const count = this._panels[0]?.bins[0]?.length ?? 0;
    const step = Math.max(1, count / most);
    const rows: Array<Array<string | number>> = [];
    for (let at = count - 1; at >= 0; at -= step) {
      const bin = Math.floor(at);
      const values = this._panels.flatMap(each =>
        each.panel.tracks.map((_, index) => this._own(each, index, bin))
      );
      if (values.some(value => !Number.isNaN(value))) {
        const units = this._panels.flatMap(({ panel }) => panel.tracks.map(() => panel.unit));
        rows.push([
          clock(time.invert(plane.left + bin + 0.5)),
          ...values.map((value, index) => write(value, units[index]))
        ]);
      }
    }
    const labels = this._panels.flatMap(({ panel }) =>
      panel.tracks.map(({ label }) =>
        this._panels.length > 1 ? `${panel.title}: ${label}` : label
      )
    );
    return { headings: [words.__('Time'), ...labels], rows };
  }

  private _sample(): void {
    const { axis } = this._stage;
    const { plane } = this._axes;
    const width = Math.max(1, Math.floor(plane.right - plane.left));
    for (const { bins, panel } of this._panels) {
      for (let index = 0; index < bins.length; index++) {
        if (bins[index].length !== width) {
          bins[index] = new Float64Array(width);
        }
        panel.tracks[index].values(axis.from, axis.to, bins[index]);
      }
    }
  }

  /** Lay the tracks of a stack one upon the other. */
  private _stack(): void {
    for (const { bins, panel } of this._panels) {
      const parts = bins.filter((_, index) => panel.stacked && !panel.tracks[index].limit);
      for (let index = 1; index < parts.length; index++) {
        const below = parts[index - 1];
        const above = parts[index];
        for (let bin = 0; bin < above.length; bin++) {
          above[bin] += below[bin];
        }
      }
    }
  }

  /** What a track itself has in a bin, without what lies beneath it. */
  private _own(each: IDrawn, index: number, bin: number): number {
    const { bins, panel } = each;
    const under =
      panel.stacked && !panel.tracks[index].limit && index > 0 ? bins[index - 1][bin] : 0;
    return bins[index][bin] - under;
  }

  private _highest(each: IDrawn): number {
    if (each.panel.high !== undefined) {
      return each.panel.high;
    }
    let high = 0;
    for (const bins of each.bins) {
      for (let bin = 0; bin < bins.length; bin++) {
        if (bins[bin] > high) {
          high = bins[bin];
        }
      }
    }
    return niceHigh(high, each.panel.unit);
  }

  private _drawTrack(surface: ISurface, each: IDrawn, index: number): void {
    const { g, theme } = surface;
    const { panel, scale } = each;
    const bins = each.bins[index];
    const track = panel.tracks[index];
    const colour = cssColour(track.colour(theme));
    const { left } = this._axes.plane;
    const area = panel.stacked === true && track.limit !== true;
    g.beginPath();
    let begin = -1;
    for (let bin = 0; bin <= bins.length; bin++) {
      const known = bin < bins.length && !Number.isNaN(bins[bin]);
      if (known && begin < 0) {
        begin = bin;
        g.moveTo(left + bin, area ? scale.begin : scale.at(bins[bin]));
      }
      if (known) {
        g.lineTo(left + bin + 0.5, scale.at(bins[bin]));
      } else if (begin >= 0) {
        if (area) {
          g.lineTo(left + bin, scale.at(bins[bin - 1]));
          g.lineTo(left + bin, scale.begin);
          g.closePath();
        }
        begin = -1;
      }
    }
    if (area) {
      g.fillStyle = colour;
      g.fill();
    } else {
      g.strokeStyle = colour;
      g.lineWidth = 1.5;
      g.lineJoin = 'round';
      g.setLineDash(track.limit ? DASHES : SOLID);
      g.stroke();
      g.setLineDash(SOLID);
    }
  }

  private readonly _stage: IStage;
  private readonly _panels: ReadonlyArray<IDrawn>;
  private readonly _axes = new Axes();
}

interface IDrawn {
  readonly panel: IPanel;
  readonly scale: Scale;
  readonly bins: Float64Array[];
}

const DASHES = [5, 4];
const SOLID: number[] = [];
