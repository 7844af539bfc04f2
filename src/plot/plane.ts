/** The frame of a plot: where its data lies, and its axes. */
import { cssColour } from './colours';
import { formatClock, formatValue, zoneOffset } from './format';
import type { IPlane, ISurface } from './plot';
import { Scale, ticks, timeStep, valueStep, type Unit } from './scale';

/** Pixels of the margins: values on the left, times below. */
export const LEFT = 68;
const RIGHT = 10;
const TOP = 6;
export const BOTTOM = 24;

/** Pixels between two ticks at least. */
const TICK_WIDTH = 90;
const TICK_HEIGHT = 28;

/** Labels that are remembered: the same ones are written frame after frame. */
const REMEMBERED = 256;

export class Axes {
  readonly time = new Scale();
  readonly plane: IPlane = { left: LEFT, top: TOP, right: LEFT + 1, bottom: TOP + 1 };

  /** Take the room that a surface gives. */
  layout(surface: ISurface, from: number, to: number): void {
    const { plane } = this;
    plane.right = Math.max(plane.left + 10, surface.width - RIGHT);
    plane.bottom = Math.max(plane.top + 10, surface.height - BOTTOM);
    this.time.set(from, to, plane.left, plane.right);
  }

  /** The time axis beneath the plane, with lines through it if asked for. */
  drawTime(surface: ISurface, lines: boolean): void {
    const { g, theme } = surface;
    const { plane, time } = this;
    const room = Math.max(1, (plane.right - plane.left) / TICK_WIDTH);
    const step = timeStep((time.high - time.low) / room);
    ticks(time.low, time.high, step, this._ticks, step >= 1 ? -zoneOffset(time.low) : 0);
    g.font = theme.font;
    g.textAlign = 'center';
    g.textBaseline = 'top';
    g.fillStyle = cssColour(theme.grid);
    g.fillRect(plane.left, plane.bottom, plane.right - plane.left, 1);
    for (const tick of this._ticks) {
      const x = Math.round(time.at(tick));
      g.fillStyle = cssColour(theme.grid);
      g.fillRect(
        x,
        lines ? plane.top : plane.bottom,
        1,
        plane.bottom + 5 - (lines ? plane.top : plane.bottom)
      );
      g.fillStyle = cssColour(theme.muted);
      // The outermost are pushed inwards rather than cut.
      g.textAlign = x < plane.left + 24 ? 'left' : x > plane.right - 24 ? 'right' : 'center';
      g.fillText(this._clock(tick, step), x, plane.bottom + 8);
    }
  }

  /** A value axis on the left of a part of the plane, with lines through it. */
  drawValues(surface: ISurface, scale: Scale, unit: Unit): void {
    const { g, theme } = surface;
    const { plane } = this;
    const room = Math.max(1, Math.abs(scale.begin - scale.end) / TICK_HEIGHT);
    const step = valueStep((scale.high - scale.low) / room, unit);
    g.font = theme.font;
    g.textAlign = 'right';
    g.textBaseline = 'middle';
    for (const tick of ticks(scale.low, scale.high, step, this._ticks)) {
      const y = Math.round(scale.at(tick));
      g.fillStyle = cssColour(theme.grid);
      g.fillRect(plane.left, y, plane.right - plane.left, 1);
      g.fillStyle = cssColour(theme.muted);
      g.fillText(formatValue(tick, unit), plane.left - 6, y);
    }
  }

  private _clock(time: number, step: number): string {
    if (step !== this._step || this._labels.size > REMEMBERED) {
      this._step = step;
      this._labels.clear();
    }
    let label = this._labels.get(time);
    if (label === undefined) {
      label = formatClock(time, step);
      this._labels.set(time, label);
    }
    return label;
  }

  private readonly _ticks: number[] = [];
  private readonly _labels = new Map<number, string>();
  private _step = 0;
}

/** Text that ends with “…” where it would be wider than there is room. */
export function fitText(g: CanvasRenderingContext2D, text: string, room: number): string {
  if (g.measureText(text).width <= room) {
    return text;
  }
  let length = text.length;
  while (length > 1 && g.measureText(`${text.slice(0, length)}…`).width > room) {
    length -= Math.max(1, Math.floor(length / 8));
  }
  return `${text.slice(0, Math.max(1, length))}…`;
}
