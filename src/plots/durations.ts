/** How long tasks take: a histogram with steps of equal ratio, in the colours of the prefixes. */
import { cssColour, type Rgb } from '../plot/colours';
import { formatSeconds } from '../plot/format';
import { themedColour } from '../plot/inks';
import type { IHit, ILegendItem, IPainter, IPlot, IStage, ISurface, ITable } from '../plot/plot';
import { niceHigh, Scale, ticks, valueStep } from '../plot/scale';
import type { ITheme } from '../plot/theme';
import { ACTION } from '../telemetry/schema';
import { prefixLegend } from './legend';
import { eachTask } from './statistics';
import { prefixTable } from './task-tables';

/** From ten microseconds to a day, eight steps to a power of ten. */
const LOWEST = -5;
const POWERS = 10;
const STEPS = 8;
const BINS = POWERS * STEPS;

/** Prefixes with a colour of their own; the others share one. */
const OWN = 24;

/** Pixels. */
const LEFT = 56;
const RIGHT = 14;
const BOTTOM = 26;
const TOP = 20;

export function binOf(seconds: number): number {
  const bin = Math.floor((Math.log10(seconds) - LOWEST) * STEPS + 1e-9);
  return seconds > 0 ? Math.min(BINS - 1, Math.max(0, bin)) : 0;
}

function edge(bin: number): number {
  return 10 ** (LOWEST + bin / STEPS);
}

class DurationsPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  readonly plane = null;

  draw(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    this._count();
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, width, height);
    g.font = theme.font;
    g.fillStyle = cssColour(theme.foreground);
    g.textAlign = 'left';
    g.textBaseline = 'top';
    const { words } = this._stage;
    const tasks = this._sum.toLocaleString();
    g.fillText(words._n('%1 task', '%2 tasks', this._sum, tasks), LEFT, 4);
    this._drawAxes(surface);
    const room = this._wide.end - this._wide.begin;
    const bar = room / Math.max(1, this._last - this._first + 1);
    for (let bin = this._first; bin <= this._last; bin++) {
      let at = 0;
      for (let own = 0; own < this._names.length; own++) {
        const part = this._bins[own][bin];
        if (part > 0) {
          const y = this._high.at(at + part);
          g.fillStyle = cssColour(this._colour(own, theme));
          g.fillRect(
            this._wide.at(bin) + 0.5,
            y,
            Math.max(1, bar - 1),
            Math.max(1, this._high.at(at) - y)
          );
          at += part;
        }
      }
    }
  }

  hit(x: number, y: number): IHit | null {
    const bin = Math.floor(this._wide.invert(x));
    if (bin < this._first || bin > this._last || y < TOP) {
      return null;
    }
    const parts = this._names
      .map((name, own) => ({ name, tasks: this._bins[own][bin] }))
      .filter(each => each.tasks > 0)
      .sort((a, b) => b.tasks - a.tasks);
    return {
      lines: [
        `${formatSeconds(edge(bin))} – ${formatSeconds(edge(bin + 1))}`,
        ...parts.slice(0, 8).map(each => `${each.name}: ${each.tasks.toLocaleString()}`)
      ]
    };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    return prefixLegend(this._stage, theme, false);
  }

  table(): ITable {
    const { from, to } = this._range;
    return prefixTable(this._stage, from, to);
  }

  rows(): ITable<string | number> {
    const rows: Array<Array<string | number>> = [];
    for (let bin = this._first; bin <= this._last; bin++) {
      this._names.forEach((name, own) => {
        if (this._bins[own][bin] > 0) {
          rows.push([edge(bin), edge(bin + 1), name, this._bins[own][bin]]);
        }
      });
    }
    return { headings: ['from', 'to', 'prefix', 'tasks'], rows };
  }

  /** What is selected, otherwise what is shown. */
  private get _range(): { from: number; to: number } {
    const { axis } = this._stage;
    return axis.selection ?? { from: axis.from, to: axis.to };
  }

  private _count(): void {
    const { filter, store, words } = this._stage;
    const owns = new Map<string, number>();
    this._names.length = 0;
    const ofKind = store.kinds.map(({ prefix }) => {
      if (filter.hides(prefix)) {
        return -1;
      }
      let own = owns.get(prefix);
      if (own === undefined) {
        own = Math.min(owns.size, OWN);
        owns.set(prefix, own);
        this._names[own] = own < OWN ? prefix : words.__('Others');
      }
      return own;
    });
    while (this._bins.length < this._names.length) {
      this._bins.push(new Uint32Array(BINS));
    }
    this._bins.forEach(bins => bins.fill(0));
    this._sum = 0;
    const { from, to } = this._range;
    eachTask(store, from, to, ({ duration, kind, what }) => {
      if ((what & ACTION) === 0 && ofKind[kind] >= 0) {
        this._bins[ofKind[kind]][binOf(duration)] += 1;
        this._sum += 1;
      }
    });
    this._frame();
  }

  /** The part of the bins that holds anything, two powers of ten at least. */
  private _frame(): void {
    let first = BINS;
    let last = -1;
    let high = 1;
    for (let bin = 0; bin < BINS; bin++) {
      let tasks = 0;
      for (let own = 0; own < this._names.length; own++) {
        tasks += this._bins[own][bin];
      }
      if (tasks > 0) {
        first = Math.min(first, bin);
        last = bin;
        high = Math.max(high, tasks);
      }
    }
    if (last < 0) {
      [first, last] = [2 * STEPS, 5 * STEPS - 1];
    }
    this._first = Math.max(0, Math.min(first - 2, last + 2 - 2 * STEPS));
    this._last = Math.min(BINS - 1, Math.max(last + 2, this._first + 2 * STEPS));
    this._highest = niceHigh(high, 'count');
  }

  private _drawAxes(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    const bottom = height - BOTTOM;
    this._wide.set(this._first, this._last + 1, LEFT, Math.max(LEFT + 20, width - RIGHT));
    this._high.set(0, this._highest, bottom, TOP);
    const step = valueStep((this._highest * 30) / Math.max(30, bottom - TOP), 'count');
    g.textAlign = 'right';
    g.textBaseline = 'middle';
    for (const tick of ticks(0, this._highest, step, this._ticks)) {
      const y = Math.round(this._high.at(tick));
      g.fillStyle = cssColour(theme.grid);
      g.fillRect(LEFT, y, this._wide.end - LEFT, 1);
      g.fillStyle = cssColour(theme.muted);
      g.fillText(tick.toLocaleString(undefined, { notation: 'compact' }), LEFT - 6, y);
    }
    g.textAlign = 'center';
    g.textBaseline = 'top';
    for (let bin = Math.ceil(this._first / STEPS) * STEPS; bin <= this._last + 1; bin += STEPS) {
      const x = Math.round(this._wide.at(bin));
      g.fillStyle = cssColour(theme.muted);
      g.fillRect(x, bottom, 1, 5);
      g.fillText(formatSeconds(edge(bin)), x, bottom + 9);
    }
  }

  private _colour(own: number, theme: ITheme): Rgb {
    return own < OWN ? themedColour(this._names[own], theme) : theme.muted;
  }

  private readonly _stage: IStage;
  private readonly _wide = new Scale();
  private readonly _high = new Scale();
  private readonly _ticks: number[] = [];
  /** By prefix, tasks in each bin. */
  private readonly _names: string[] = [];
  private readonly _bins: Uint32Array[] = [];
  private _sum = 0;
  private _first = 0;
  private _last = 1;
  private _highest = 1;
}

export const durations: IPlot = {
  name: 'durations',
  tables: ['tasks'],
  description: words =>
    words.__('How long the tasks of the selected, otherwise of the shown time took, by prefix.'),
  create: stage => new DurationsPainter(stage)
};
