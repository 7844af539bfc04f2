/** How far each prefix or each group is: one bar each, with Dask's own meaning of the shades. */
import { cssColour, type Rgb } from '../plot/colours';
import { themedColour } from '../plot/inks';
import { fitText } from '../plot/plane';
import { formatSeconds } from '../plot/format';
import type {
  IHit,
  ILegendItem,
  IPainter,
  IPlot,
  IStage,
  IStanding,
  ISurface,
  ITable
} from '../plot/plot';
import { Ways } from '../plot/ways';
import type { ITheme } from '../plot/theme';
import type { IProgress } from '../telemetry/schema';
import { amount, done, shade, stateName, STATES, total } from './progress-states';

/** Pixels of a row, and of the columns beside the bars. */
const ROW = 22;
const NAMES = 150;
const COUNTS = 110;

class ProgressPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
    const { words } = stage;
    this.ways = new Ways(words.__('A bar for each'), [
      ['prefix', words.__('Prefix'), words.__('A bar for each prefix')],
      [
        'group',
        words.__('Group'),
        words.__('A bar for each group (a step of one collection), the newest first')
      ]
    ]);
  }

  readonly plane = null;
  readonly ways: Ways<'prefix' | 'group'>;

  draw(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    const { filter } = this._stage;
    this._read();
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, width, height);
    g.font = theme.font;
    g.textBaseline = 'middle';
    const names = Math.min(NAMES, width * 0.3);
    const left = names + 8;
    const room = Math.max(20, width - left - COUNTS);
    this._fit = Math.max(1, Math.floor((height - 4) / ROW));
    this._first = Math.max(0, Math.min(this._first, this._shown.length - this._fit));
    for (let index = 0; index < this._fit; index++) {
      const progress = this._shown[this._first + index];
      if (progress === undefined) {
        break;
      }
      const y = 4 + index * ROW;
      const all = total(progress);
      const { prefix } = progress;
      const colour = filter.hides(prefix) ? theme.grid : themedColour(prefix, theme);
      g.textAlign = 'right';
      g.fillStyle = cssColour(theme.foreground);
      g.fillText(fitText(g, progress.name, names - 8), names, y + ROW / 2);
      g.fillStyle = cssColour(theme.grid);
      g.fillRect(left, y + 3, room, ROW - 6);
      let at = 0;
      for (const state of STATES) {
        const part = amount(progress, state);
        if (part > 0) {
          const x = left + (at / all) * room;
          g.fillStyle = cssColour(shade(state, colour, theme));
          g.fillRect(x, y + 3, Math.max(1, (part / all) * room), ROW - 6);
        }
        at += part;
      }
      g.textAlign = 'left';
      g.fillStyle = cssColour(theme.muted);
      g.fillText(
        `${done(progress).toLocaleString()} / ${all.toLocaleString()}`,
        left + room + 8,
        y + ROW / 2
      );
    }
  }

  said(): string {
    const nothing = this._grouped && this._shown.length === 0;
    return nothing ? this._stage.words.__('No groups are known.') : '';
  }

  hit(_: number, y: number): IHit | null {
    const progress = this._shown[this._first + Math.floor((y - 4) / ROW)];
    if (progress === undefined || y < 4) {
      return null;
    }
    const { words } = this._stage;
    const lines = [
      progress.name,
      ...STATES.map(
        state => `${stateName(state, words)}: ${amount(progress, state).toLocaleString()}`
      ),
      words.__('Waiting: %1', progress.waiting.toLocaleString())
    ];
    if (progress.duration !== null) {
      lines.push(words.__('Mean duration: %1', formatSeconds(progress.duration)));
    }
    return { lines };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    const { words } = this._stage;
    // The shades, shown in one prefix's colour.
    const colour: Rgb = themedColour('sum', theme);
    return [
      ...STATES.map(state => ({
        label: stateName(state, words),
        colour: shade(state, colour, theme)
      })),
      { label: words.__('Waiting'), colour: theme.grid }
    ];
  }

  table(): ITable {
    const { words } = this._stage;
    return {
      headings: [
        this._grouped ? words.__('Group') : words.__('Prefix'),
        words.__('Done'),
        words.__('All'),
        ...STATES.map(state => stateName(state, words)),
        words.__('Waiting')
      ],
      rows: this._shown.map(each => [
        each.name,
        done(each).toLocaleString(),
        total(each).toLocaleString(),
        ...STATES.map(state => amount(each, state).toLocaleString()),
        each.waiting.toLocaleString()
      ])
    };
  }

  rows(): ITable<string | number> {
    return {
      headings: ['name', 'prefix', ...STATES, 'waiting', 'duration'],
      rows: this._shown.map(each => [
        each.name,
        each.prefix,
        ...STATES.map(state => amount(each, state)),
        each.waiting,
        each.duration ?? ''
      ])
    };
  }

  panRows(share: number): void {
    this._first += Math.sign(share) * Math.max(1, Math.round(Math.abs(share) * this._fit));
  }

  private get _grouped(): boolean {
    return this.ways.chosen === 'group';
  }

  private _read(): void {
    const { standing, store } = this._stage;
    const { chosen } = this.ways;
    if (store.version !== this._version || standing !== this._standing || chosen !== this._way) {
      this._first = chosen === this._way ? this._first : 0;
      this._version = store.version;
      this._standing = standing;
      this._way = chosen;
      this._shown = [...(this._grouped ? standing.groups : standing.progress).values()].filter(
        each => total(each) > 0
      );
      if (this._grouped) {
        this._shown.reverse();
      } else {
        this._shown.sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1));
      }
    }
  }

  private readonly _stage: IStage;
  private _shown: IProgress[] = [];
  private _version = -1;
  private _standing: IStanding | null = null;
  private _way = 'prefix';
  private _first = 0;
  private _fit = 1;
}

export const progress: IPlot = {
  name: 'progress',
  tables: [],
  description: words =>
    words.__('How many tasks of each prefix or group are done, in memory, at work or waiting.'),
  create: stage => new ProgressPainter(stage)
};
