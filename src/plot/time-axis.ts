/**
 * The time that all plots of a cluster show. One object for all of them: who pans, zooms, pauses or
 * selects in one of them does so in each.
 */
import { Listeners } from '../telemetry/listeners';

/** Seconds that are shown at first, and at least. */
const SPAN = 60;
const SHORTEST = 1e-4;

/** A time further off than this is a broken clock; a window never grows beyond it. */
const LONGEST = 366 * 86_400;

export interface IRange {
  readonly from: number;
  readonly to: number;
}

export class TimeAxis {
  /** Told when another window is shown, or the same one begins or ceases to follow. */
  readonly changed = new Listeners();
  /** Told when the pointer or the selection moved: what lies over the plots, not in them. */
  readonly marked = new Listeners();

  /** What is shown, in epoch seconds. */
  get from(): number {
    return this._from;
  }

  get to(): number {
    return this._to;
  }

  /** Whether it moves with what comes in; otherwise it is paused. */
  get following(): boolean {
    return this._following;
  }

  get selection(): IRange | null {
    return this._selection;
  }

  /** The moment under the pointer, in whatever plot; NaN for none. */
  get pointed(): number {
    return this._pointed;
  }

  /** Say what there is: from the first row to now. */
  extend(begin: number, now: number): void {
    if (begin === this._begin && now === this._now) {
      return;
    }
    this._begin = begin;
    this._now = now;
    if (this._following) {
      this._follow();
    }
  }

  pause(): void {
    if (this._following) {
      this._following = false;
      this.changed.notify();
    }
  }

  /** Show the newest again, as long a time as was shown last; `everything` shows all there is. */
  follow(everything: boolean = false): void {
    this._span = everything ? Infinity : Math.max(this._to - this._from, SHORTEST);
    this._following = true;
    this._follow();
    this.changed.notify();
  }

  /** Show the newest, so many seconds of it. */
  last(seconds: number): void {
    this._span = Math.min(Math.max(seconds, SHORTEST), LONGEST);
    this._following = true;
    this._follow();
    this.changed.notify();
  }

  /** Show a window and stay there. */
  show(from: number, to: number): void {
    const length = Math.min(Math.max(to - from, SHORTEST), LONGEST);
    const middle = (from + to) / 2;
    if (!Number.isFinite(middle)) {
      return;
    }
    // Something of what there is stays in sight: a window in the future shows nothing for ever.
    const low = Number.isNaN(this._begin) ? -Infinity : this._begin - length * 0.9;
    const high = this._now > 0 ? this._now - length * 0.1 : Infinity;
    this._from = Math.max(low, Math.min(high, middle - length / 2));
    this._to = this._from + length;
    this._following = false;
    this.changed.notify();
  }

  /** Move by a share of what is shown; negative is back in time. */
  pan(share: number): void {
    const by = (this._to - this._from) * share;
    this.show(this._from + by, this._to + by);
  }

  /** Make what is shown shorter (below 1) or longer, around a moment that stays where it is. */
  zoom(factor: number, around: number = (this._from + this._to) / 2): void {
    if (this._following && factor > 0) {
      // Who follows goes on following, with another length.
      this._span = Math.max((this._to - this._from) * factor, 0.01);
      this._follow();
      this.changed.notify();
      return;
    }
    this.show(around + (this._from - around) * factor, around + (this._to - around) * factor);
  }

  select(range: IRange | null): void {
    const selection =
      range === null || range.to === range.from
        ? null
        : { from: Math.min(range.from, range.to), to: Math.max(range.from, range.to) };
    if (selection !== this._selection) {
      this._selection = selection;
      this.marked.notify();
    }
  }

  point(time: number): void {
    if (!Object.is(time, this._pointed)) {
      this._pointed = time;
      this.marked.notify();
    }
  }

  private _follow(): void {
    if (this._now > 0) {
      const earliest = Number.isNaN(this._begin) ? this._now - SPAN : this._begin;
      // A cluster that has just begun fills the plot; it need not wait until a minute is over.
      const from = Math.max(earliest, this._now - this._span);
      this._from = Math.min(from, this._now - Math.min(this._span, 1));
      this._to = this._now;
    }
  }

  private _from = 0;
  private _to = 1;
  private _begin = NaN;
  private _now = 0;
  private _span = SPAN;
  private _following = true;
  private _selection: IRange | null = null;
  private _pointed = NaN;
}
