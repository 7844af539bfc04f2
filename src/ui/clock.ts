/** One timer for all countdowns, running only while somebody looks at one. */

const PERIOD = 1_000;

export class Clock {
  /**
   * @param skew - Milliseconds by which the server's clock is ahead; countdowns are of its clock.
   */
  constructor(skew: () => number) {
    this._skew = skew;
  }

  /** Milliseconds since the epoch, by the server's clock. */
  now(): number {
    return Date.now() + this._skew();
  }

  /** Be called every second until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this._listeners.add(listener);
    this._timer ??= setInterval(() => {
      for (const each of [...this._listeners]) {
        each();
      }
    }, PERIOD);
    return () => {
      this._listeners.delete(listener);
      if (this._listeners.size === 0 && this._timer !== null) {
        clearInterval(this._timer);
        this._timer = null;
      }
    };
  };

  private readonly _skew: () => number;
  private readonly _listeners = new Set<() => void>();
  private _timer: ReturnType<typeof setInterval> | null = null;
}
