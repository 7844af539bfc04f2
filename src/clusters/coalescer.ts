import type { IDisposable } from '@lumino/disposable';

/**
 * Many changes, few calls: the first at once, so that nothing is late, the others together after
 * a pause. A launch of twenty clusters must not repaint the panel some hundred times.
 */
export class Coalescer implements IDisposable {
  /**
   * @param call - What is called.
   * @param pause - Milliseconds between two calls.
   */
  constructor(call: () => void, pause: number) {
    this._call = call;
    this._pause = pause;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  request(): void {
    if (this._isDisposed || this._timer !== null) {
      return;
    }
    const rest = this._last + this._pause - performance.now();
    if (rest > 0) {
      this._timer = setTimeout(() => this._run(), rest);
    } else {
      this._run();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }

  private _run(): void {
    this._timer = null;
    this._last = performance.now();
    this._call();
  }

  private readonly _call: () => void;
  private readonly _pause: number;
  private _timer: ReturnType<typeof setTimeout> | null = null;
  /** When it was called last, by the page's own clock. */
  private _last = -Infinity;
  private _isDisposed = false;
}
