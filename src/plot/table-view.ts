/** A plot as a table: for who does not see the picture, and for who wants the numbers. */
import { button, element, setText } from './dom';
import type { ITable, Value } from './plot';

/** Rows that a page lays out without effort; the file has them all. */
const ROWS = 1_000;

export class TableView {
  /** @param go - Called with the id of a cell whose link is followed. */
  constructor(parent: HTMLElement, label: string, go: (cell: string) => void) {
    this._go = go;
    this.node = element('div', 'dasklab-Plot-table', parent);
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', label);
    this._table = element('table', '', this.node);
    this._head = element('tr', '', element('thead', '', this._table));
    this._body = element('tbody', '', this._table);
  }

  readonly node: HTMLElement;

  /** Bring the cells in line; those that stay are kept, so that a selection in them stays too. */
  update(table: ITable): void {
    fill(this._head, 'th', table.headings, this._go);
    const rows = table.rows.slice(0, ROWS);
    while (this._body.rows.length > rows.length) {
      this._body.deleteRow(-1);
    }
    rows.forEach((row, index) => {
      fill(this._body.rows[index] ?? element('tr', '', this._body), 'td', row, this._go);
    });
  }

  private readonly _go: (cell: string) => void;
  private readonly _table: HTMLTableElement;
  private readonly _head: HTMLTableRowElement;
  private readonly _body: HTMLTableSectionElement;
}

function fill(
  row: HTMLTableRowElement,
  tag: 'td' | 'th',
  values: ReadonlyArray<Value>,
  go: (cell: string) => void
): void {
  while (row.childElementCount > values.length) {
    row.lastElementChild?.remove();
  }
  values.forEach((value, index) => {
    let cell = row.children[index] as HTMLElement | undefined;
    if (cell === undefined) {
      cell = element(tag, '', row);
      if (tag === 'th') {
        (cell as HTMLTableCellElement).scope = 'col';
      }
    }
    if (typeof value === 'object') {
      link(cell, value.label, value.cell, go);
    } else {
      setText(cell, String(value));
    }
  });
}

/** A button in a cell of the table; one that is there is kept, with the focus that it may have. */
function link(at: HTMLElement, label: string, cell: string, go: (cell: string) => void): void {
  let found = at.querySelector('button');
  if (found === null) {
    at.textContent = '';
    const made = button(at, '', '', () => go(made.value));
    made.className = 'dasklab-Plot-link';
    found = made;
  }
  found.value = cell;
  setText(found, label);
}
