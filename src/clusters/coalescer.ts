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
    if (this._isDisposed) {
      return;
    }
    if (this._timer !== null) {
      this._pending = true;
      return;
    }
    this._call();
    this._timer = setTimeout(() => this._onPause(), this._pause);
  }

  dispose(): void {
    this._isDisposed = true;
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }

  private _onPause(): void {
    this._timer = null;
    if (this._pending) {
      this._pending = false;
      this.request();
    }
  }

  private readonly _call: () => void;
  private readonly _pause: number;
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _pending = false;
  private _isDisposed = false;
}
