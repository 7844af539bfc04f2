/** Who sent how much to whom: senders in rows, receivers in columns. */
import { cssColour, mixColours, type Rgb } from '../plot/colours';
import { formatValue } from '../plot/format';
import { fitText } from '../plot/plane';
import type { IHit, ILegendItem, IPainter, IStage, ISurface, ITable } from '../plot/plot';
import type { ITheme } from '../plot/theme';
import { pairsOf, type IPair } from './transfer-sums';

/** Pixels. */
const LEFT = 110;
const TOP = 22;
const BOTTOM = 26;
const RIGHT = 12;
const LARGEST = 48;

/** Cells in a row at the most; more workers share one. */
const CELLS = 150;

/** Pairs that the table lists. */
const LISTED = 200;

const NAMES = new Intl.Collator(undefined, { numeric: true });

export class PairsPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  readonly plane = null;

  draw(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    this._read();
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, width, height);
    g.font = theme.font;
    const cells = Math.ceil(this._workers.length / this._per);
    if (cells === 0) {
      return;
    }
    const room = Math.min((width - LEFT - RIGHT) / cells, (height - TOP - BOTTOM) / cells);
    this._size = Math.max(1, Math.min(LARGEST, room));
    const size = this._size;
    g.strokeStyle = cssColour(theme.grid);
    g.lineWidth = 1;
    g.strokeRect(LEFT + 0.5, TOP + 0.5, size * cells, size * cells);
    const gap = size >= 5 ? 1 : 0;
    for (const cell of this._cells.values()) {
      g.fillStyle = cssColour(this._shade(cell.nbytes, theme));
      const [x, y] = [LEFT + cell.receiver * size, TOP + cell.sender * size];
      g.fillRect(x + gap, y + gap, Math.max(1, size - gap), Math.max(1, size - gap));
    }
    this._drawNames(surface, cells);
  }

  said(): string {
    return this._workers.length > 0
      ? ''
      : this._stage.words.__('Nothing was moved between workers in this time.');
  }

  hit(x: number, y: number): IHit | null {
    const receiver = Math.floor((x - LEFT) / this._size);
    const sender = Math.floor((y - TOP) / this._size);
    const cells = Math.ceil(this._workers.length / this._per);
    if (x < LEFT || y < TOP || receiver >= cells || sender >= cells) {
      return null;
    }
    const { words } = this._stage;
    const cell = this._cells.get(sender * CELLS + receiver);
    return {
      lines: [
        words.__('From %1 to %2', this._nameOf(sender), this._nameOf(receiver)),
        ...(cell === undefined ? [words.__('Nothing in this time')] : this._lines(cell))
      ]
    };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    const { words } = this._stage;
    return [
      { label: words.__('next to nothing'), colour: this._shade(0, theme) },
      { label: words.__('a quarter of the most'), colour: this._shade(this._most / 4, theme) },
      { label: words.__('the most of all pairs'), colour: this._shade(this._most, theme) }
    ];
  }

  table(): ITable {
    this._read();
    const { store, words } = this._stage;
    return {
      headings: [
        words.__('Sender'),
        words.__('Receiver'),
        words.__('Bytes'),
        words.__('Transfers'),
        words.__('Bandwidth')
      ],
      rows: this._pairs
        .slice(0, LISTED)
        .map(({ busy, count, nbytes, receiver, sender }) => [
          store.members[sender].name,
          store.members[receiver].name,
          formatValue(nbytes, 'bytes'),
          count.toLocaleString(),
          formatValue(nbytes / busy, 'rate')
        ])
    };
  }

  rows(): ITable<string | number> {
    const { members } = this._stage.store;
    return {
      headings: ['sender', 'receiver', 'nbytes', 'count', 'busy'],
      rows: this._pairs.map(({ busy, count, nbytes, receiver, sender }) => [
        members[sender].address || members[sender].name,
        members[receiver].address || members[receiver].name,
        nbytes,
        count,
        busy
      ])
    };
  }

  /** Read what is selected, otherwise what is shown. */
  private _read(): void {
    const { axis, store } = this._stage;
    const { from, to } = axis.selection ?? axis;
    const key = `${store.version} ${from} ${to}`;
    if (key === this._key) {
      return;
    }
    this._key = key;
    this._pairs = pairsOf(store, from, to);
    const used = new Set(this._pairs.flatMap(({ receiver, sender }) => [sender, receiver]));
    const { members } = store;
    this._workers = [...used].sort((a, b) => NAMES.compare(members[a].name, members[b].name));
    this._per = Math.max(1, Math.ceil(this._workers.length / CELLS));
    const place = new Map(
      this._workers.map((worker, index) => [worker, Math.floor(index / this._per)])
    );
    this._cells.clear();
    for (const { busy, count, nbytes, receiver, sender } of this._pairs) {
      const [row, column] = [place.get(sender) ?? 0, place.get(receiver) ?? 0];
      const at = row * CELLS + column;
      const cell = this._cells.get(at) ?? {
        sender: row,
        receiver: column,
        count: 0,
        nbytes: 0,
        busy: 0
      };
      cell.count += count;
      cell.nbytes += nbytes;
      cell.busy += busy;
      this._cells.set(at, cell);
    }
    this._most = Math.max(1, ...[...this._cells.values()].map(cell => cell.nbytes));
  }

  /** By the root, so that what is small can be told from nothing. */
  private _shade(nbytes: number, theme: ITheme): Rgb {
    return mixColours(theme.background, theme.accent, 0.12 + 0.88 * Math.sqrt(nbytes / this._most));
  }

  private _lines({ busy, count, nbytes }: IPair): string[] {
    const { words } = this._stage;
    const bytes = formatValue(nbytes, 'bytes');
    return [
      words._n('%2 in one transfer', '%2 in %3 transfers', count, bytes, count.toLocaleString()),
      words.__('%1 while they lasted', formatValue(nbytes / busy, 'rate'))
    ];
  }

  private _nameOf(cell: number): string {
    const { members } = this._stage.store;
    const [first, last] = [cell * this._per, (cell + 1) * this._per - 1].map(
      index => members[this._workers[Math.min(index, this._workers.length - 1)]].name
    );
    return first === last ? first : `${first} – ${last}`;
  }

  private _drawNames({ g, theme }: ISurface, cells: number): void {
    const { words } = this._stage;
    g.fillStyle = cssColour(theme.foreground);
    g.textBaseline = 'middle';
    g.textAlign = 'left';
    g.fillText(words.__('to → (rows: from)'), LEFT, TOP / 2);
    g.fillStyle = cssColour(theme.muted);
    const step = Math.ceil(13 / this._size);
    const across = Math.ceil(34 / this._size);
    for (let cell = 0; cell < cells; cell++) {
      const name = this._nameOf(cell);
      const at = (cell + 0.5) * this._size;
      if (cell % step === 0) {
        g.textAlign = 'right';
        g.fillText(fitText(g, name, LEFT - 12), LEFT - 6, TOP + at);
      }
      if (cell % across === 0) {
        g.textAlign = 'center';
        const below = TOP + cells * this._size + 12;
        g.fillText(fitText(g, name, across * this._size - 4), LEFT + at, below);
      }
    }
  }

  private readonly _stage: IStage;
  private readonly _cells = new Map<number, IPair>();
  private _key = '';
  private _pairs: ReadonlyArray<IPair> = [];
  private _workers: ReadonlyArray<number> = [];
  /** Workers that share a cell. */
  private _per = 1;
  private _most = 1;
  private _size = 1;
}
