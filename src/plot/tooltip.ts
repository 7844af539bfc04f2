/** What is under the pointer, in a box beside it. */
import { element, setText } from './dom';
import type { IHit, IStage } from './plot';

/** Milliseconds to rest on a task before its key is asked for. */
const REST = 150;

/** Characters of a key that are shown. */
const KEY = 200;

export class Tooltip {
  constructor(parent: HTMLElement, stage: IStage) {
    this._stage = stage;
    this.node = element('div', 'dasklab-Plot-tooltip', parent);
    this.node.hidden = true;
    // What it says is in the table too; read out at each move it would only be noise.
    this.node.setAttribute('aria-hidden', 'true');
  }

  readonly node: HTMLElement;

  show(hit: IHit, x: number, y: number, width: number, height: number): void {
    const row = hit.row ?? null;
    this._fill(hit.lines, row !== null && row === this._row ? this._key : null);
    if (row !== this._row) {
      this._forget();
      this._row = row;
      if (row !== null) {
        this._timer = setTimeout(() => void this._ask(row), REST);
      }
    }
    this.node.hidden = false;
    // To the right of the pointer and below it, where there is room.
    const { offsetHeight, offsetWidth } = this.node;
    const left = x + 14 + offsetWidth > width ? x - 14 - offsetWidth : x + 14;
    const top = Math.min(y + 14, height - offsetHeight - 2);
    this.node.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, top)}px)`;
  }

  hide(): void {
    this._forget();
    this.node.hidden = true;
  }

  private _fill(lines: ReadonlyArray<string>, key: string | null): void {
    const all = key === null ? lines : [...lines, key];
    while (this.node.childElementCount > all.length) {
      this.node.lastElementChild?.remove();
    }
    all.forEach((text, index) => {
      const node = this.node.children[index] ?? element('div', '', this.node);
      node.className = index === lines.length ? 'dasklab-Plot-key' : '';
      setText(node as HTMLElement, text);
    });
  }

  private async _ask(row: number): Promise<void> {
    const found = await this._stage.keyOf(row);
    if (found !== null && row === this._row && !this.node.hidden) {
      this._key = found.length > KEY ? `${found.slice(0, KEY)}…` : found;
      element('div', 'dasklab-Plot-key', this.node, this._key);
    }
  }

  private _forget(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
    this._row = null;
    this._key = null;
  }

  private readonly _stage: IStage;
  private _row: number | null = null;
  private _key: string | null = null;
  private _timer: ReturnType<typeof setTimeout> | null = null;
}
