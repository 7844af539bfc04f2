/** The legend: swatches that explain, and buttons that leave a prefix out of all plots. */
import { cssColour } from './colours';
import { element } from './dom';
import type { Filter } from './filter';
import type { ILegendItem, IWords } from './plot';

export class LegendView {
  constructor(parent: HTMLElement, filter: Filter, words: IWords) {
    this._filter = filter;
    this._words = words;
    this.node = element('div', 'dasklab-Plot-legend', parent);
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', words.__('Legend'));
  }

  readonly node: HTMLElement;

  /** Bring it in line; does nothing while it says the same. */
  update(items: ReadonlyArray<ILegendItem>): void {
    const key = items
      .map(({ colour, label, prefix }) => `${label} ${colour} ${this._isOff(prefix)}`)
      .join('\n');
    if (key === this._key) {
      return;
    }
    this._key = key;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.prefix;
    this.node.replaceChildren(...items.map(item => this._entry(item)));
    this.node.hidden = items.length === 0;
    if (focused !== undefined) {
      const same = [...this.node.querySelectorAll('button')];
      same.find(each => each.dataset.prefix === focused)?.focus();
    }
  }

  private _entry(item: ILegendItem): HTMLElement {
    const { colour, label, line, prefix } = item;
    const entry = element(prefix === undefined ? 'span' : 'button', 'dasklab-Plot-entry');
    const swatch = element('span', line ? 'dasklab-Plot-stroke' : 'dasklab-Plot-swatch', entry);
    swatch.style.background = cssColour(colour);
    element('span', 'dasklab-Plot-label', entry, label);
    if (prefix !== undefined) {
      const off = this._isOff(prefix);
      (entry as HTMLButtonElement).type = 'button';
      entry.dataset.prefix = prefix;
      entry.setAttribute('aria-pressed', String(!off));
      entry.title = off
        ? this._words.__('Show “%1” again (with Shift: alone)', prefix)
        : this._words.__('Leave “%1” out (with Shift: show it alone)', prefix);
      entry.addEventListener('click', (event: Event) => {
        const alone = event instanceof MouseEvent && event.shiftKey;
        if (alone) {
          this._filter.only(prefix);
        } else {
          this._filter.toggle(prefix);
        }
      });
    }
    return entry;
  }

  private _isOff(prefix: string | undefined): boolean {
    return prefix !== undefined && this._filter.hides(prefix);
  }

  private readonly _filter: Filter;
  private readonly _words: IWords;
  private _key = '';
}
