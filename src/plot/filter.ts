/** Which prefixes are left out, in all plots of a cluster. */
import { Listeners } from '../telemetry/listeners';

export class Filter {
  readonly changed = new Listeners();

  get version(): number {
    return this._version;
  }

  get active(): boolean {
    return this._hidden.size > 0 || this._only !== null;
  }

  hides(prefix: string): boolean {
    return this._only === null ? this._hidden.has(prefix) : this._only !== prefix;
  }

  /** Leave a prefix out, or take it in again. */
  toggle(prefix: string): void {
    this._only = null;
    if (!this._hidden.delete(prefix)) {
      this._hidden.add(prefix);
    }
    this._notify();
  }

  /** Show one prefix alone; once more, and all are shown. */
  only(prefix: string): void {
    this._only = this._only === prefix ? null : prefix;
    this._hidden.clear();
    this._notify();
  }

  clear(): void {
    if (this.active) {
      this._hidden.clear();
      this._only = null;
      this._notify();
    }
  }

  private _notify(): void {
    this._version += 1;
    this.changed.notify();
  }

  private readonly _hidden = new Set<string>();
  private _only: string | null = null;
  private _version = 0;
}
