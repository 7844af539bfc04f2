/**
 * Keeps the keyboard's place where what had the focus is painted away: a button that goes with its
 * phase, a card that was forgotten. Without it a browser drops the focus to the page, and who
 * works by keyboard begins anew at its top.
 */
import type { IDisposable } from '@lumino/disposable';

export class FocusKeeper implements IDisposable {
  /**
   * @param node - What is watched; it stays in the document while this lives.
   * @param stops - A selector of what may take the focus instead: the stop around the lost one
   *   is preferred, then the one that took its place, then the last.
   * @param otherwise - What takes it when there is no stop left.
   */
  constructor(node: HTMLElement, stops: string, otherwise: () => HTMLElement | null) {
    this._node = node;
    this._stops = stops;
    this._otherwise = otherwise;
    node.addEventListener('focusin', this);
    node.addEventListener('focusout', this);
    this._observer.observe(node, { childList: true, subtree: true });
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._observer.disconnect();
    this._node.removeEventListener('focusin', this);
    this._node.removeEventListener('focusout', this);
    this._focused = null;
  }

  handleEvent(event: FocusEvent): void {
    if (event.type === 'focusin') {
      this._focused = event.target as HTMLElement;
      this._stop = this._focused.closest<HTMLElement>(this._stops);
      this._index = this._stop ? this._all().indexOf(this._stop) : -1;
      return;
    }
    const left = this._focused;
    // Removal is told as a loss of the focus too, before it has happened.
    queueMicrotask(() => {
      if (left === this._focused && left?.isConnected) {
        this._focused = null;
      }
    });
  }

  private _all(): HTMLElement[] {
    return [...this._node.querySelectorAll<HTMLElement>(this._stops)];
  }

  private _onChanged(): void {
    if (this._focused === null || this._focused.isConnected) {
      return;
    }
    this._focused = null;
    if (document.activeElement === null || document.activeElement === document.body) {
      const all = this._all();
      const next = this._index < 0 ? null : all[Math.min(this._index, all.length - 1)];
      (this._stop?.isConnected ? this._stop : (next ?? this._otherwise()))?.focus();
    }
  }

  private readonly _node: HTMLElement;
  private readonly _stops: string;
  private readonly _otherwise: () => HTMLElement | null;
  private readonly _observer = new MutationObserver(() => this._onChanged());
  private _focused: HTMLElement | null = null;
  private _stop: HTMLElement | null = null;
  private _index = -1;
  private _isDisposed = false;
}
