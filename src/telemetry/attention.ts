/**
 * Whether somebody is at the page. What a page sends counts for its user's activity where a proxy
 * looks on, so what asks again and again asks only while the page is seen and, behind a JupyterHub,
 * used: else one that was left open would keep its server from ever being stopped.
 */
import { Listeners } from './listeners';

/** What people do in a page that they use. */
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** As much of it as who asks again and again needs. */
export interface IAttention {
  /** Whether the page is seen, and was used lately. */
  readonly present: boolean;
  /** Whether it is seen, but was not used for so long that nobody may be there. */
  readonly resting: boolean;
  readonly changed: Listeners;
}

export class Attention implements IAttention {
  constructor(page: Document = document) {
    this._page = page;
    page.addEventListener('visibilitychange', this._onVisible);
    for (const type of INPUTS) {
      // Before anybody can keep it for themselves.
      page.addEventListener(type, this._onInput, { capture: true, passive: true });
    }
  }

  readonly changed = new Listeners();

  get present(): boolean {
    return !this._page.hidden && !this._left;
  }

  get resting(): boolean {
    return !this._page.hidden && this._left;
  }

  /** Milliseconds without any input after which nobody is there; `null`: being seen is enough. */
  set patience(milliseconds: number | null) {
    if (milliseconds !== this._patience) {
      this._patience = milliseconds;
      this._used();
    }
  }

  dispose(): void {
    this._page.removeEventListener('visibilitychange', this._onVisible);
    for (const type of INPUTS) {
      this._page.removeEventListener(type, this._onInput, { capture: true });
    }
    clearTimeout(this._timer);
    this.changed.clear();
  }

  private readonly _onVisible = (): void => {
    // Who comes back to a tab uses it, and who leaves it has just done so.
    this._left = false;
    this._used();
    this.changed.notify();
  };

  private readonly _onInput = (event: Event): void => {
    if (event.type === 'pointermove') {
      // A browser may say so too when the page moves beneath a pointer that lies still.
      const { screenX, screenY } = event as PointerEvent;
      if (screenX === this._x && screenY === this._y) {
        return;
      }
      this._x = screenX;
      this._y = screenY;
    }
    this._last = performance.now();
    if (this._left) {
      this._used();
    }
  };

  /** Wait from now on; who was away is back. */
  private _used(): void {
    this._last = performance.now();
    const left = this._left;
    this._left = false;
    this._wait();
    if (left) {
      this.changed.notify();
    }
  }

  /** One timer that is set anew when it is over, not at every move of the pointer. */
  private _wait(): void {
    clearTimeout(this._timer);
    if (this._patience === null) {
      return;
    }
    const rest = this._last + this._patience - performance.now();
    if (rest > 0) {
      this._timer = setTimeout(() => this._wait(), rest);
    } else {
      this._left = true;
      this.changed.notify();
    }
  }

  private readonly _page: Document;
  private _patience: number | null = null;
  private _last = performance.now();
  private _left = false;
  private _x = Number.NaN;
  private _y = Number.NaN;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
