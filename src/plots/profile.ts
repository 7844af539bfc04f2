/** Where tasks spend their time: Dask's own profile as a flame graph, calls beneath their callers. */
import { cssColour, luminance } from '../plot/colours';
import { formatSeconds, formatValue } from '../plot/format';
import { themedColour } from '../plot/inks';
import { fitText } from '../plot/plane';
import type { IHit, IPainter, IPlot, IStage, ISurface, ITable } from '../plot/plot';
import type { ICall, ICallTree } from '../telemetry/call-tree';
import { functionsOf, indexOf, pathOf } from './call-paths';

/** Pixels. */
const ROW = 19;
const LEFT = 8;
const TOP = 24;

/** Pixels below which a call is not drawn. */
const NARROWEST = 0.6;

/** Calls that the table lists. */
const LISTED = 200;

class ProfilePainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  readonly plane = null;

  draw(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    this._ask();
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, width, height);
    g.font = theme.font;
    g.textAlign = 'left';
    g.textBaseline = 'middle';
    const tree = this._tree;
    if (tree === null || tree.calls.length === 0) {
      return;
    }
    const focus = tree.calls[this._focus] ?? null;
    this._begin = focus?.begin ?? 0;
    this._scale = (width - 2 * LEFT) / (focus?.samples ?? tree.samples);
    const fit = Math.max(1, Math.floor((height - TOP) / ROW));
    this._first = Math.max(0, Math.min(this._first, this._depths - fit));
    tree.calls.forEach((call, index) => {
      const x = Math.max(LEFT, this._x(call));
      const end = Math.min(width - LEFT, this._x(call) + call.samples * this._scale);
      const y = TOP + (call.depth - this._first) * ROW;
      if (end - x < NARROWEST || y < TOP || y > height) {
        return;
      }
      const colour = themedColour(call.file, theme);
      const around = focus !== null && call.depth < focus.depth;
      g.fillStyle = cssColour(colour, around ? 0.45 : 1);
      g.fillRect(x, y, Math.max(NARROWEST, end - x - 1), ROW - 1);
      if (end - x > 30) {
        // What is fainter is nearer to what is behind it, and so is its text's ground.
        const dark = around ? theme.dark : luminance(colour) < 0.3;
        g.fillStyle = dark ? '#fff' : '#000';
        g.fillText(fitText(g, call.name, end - x - 8), x + 4, y + ROW / 2);
      }
      if (index === this._marked) {
        g.strokeStyle = cssColour(theme.foreground);
        g.lineWidth = 2;
        g.strokeRect(x + 1, y + 1, Math.max(1, end - x - 3), ROW - 3);
      }
    });
  }

  said(): string {
    const { profile, words } = this._stage;
    const tree = this._tree;
    if (tree === null) {
      return profile.failure || words.__('Asking the workers…');
    }
    if (tree.samples === 0) {
      return words.__('Nothing was computed in this time, as far as workers remember.');
    }
    const seconds = formatSeconds(tree.samples * tree.interval);
    const said = words.__('%1 of computing threads', seconds);
    return profile.failure === '' ? said : `${said} · ${profile.failure}`;
  }

  hit(x: number, y: number): IHit | null {
    const call = this._tree?.calls[this._at(x, y)];
    return call === undefined ? null : { lines: this._lines(call) };
  }

  legend(): [] {
    return [];
  }

  /** A call that is pressed fills the width; its callers stay above it, to go back by. */
  press(x: number, y: number): boolean {
    const index = this._at(x, y);
    this._focus = index === this._focus ? -1 : index;
    this._marked = index;
    return true;
  }

  key(key: string): { x: number; y: number } | null | false {
    const calls = this._tree?.calls ?? [];
    const marked = calls[this._marked];
    const next = (parent: number, from: number, step: 1 | -1): number => {
      for (let index = from; index >= 0 && index < calls.length; index += step) {
        if (calls[index].parent === parent) {
          return index;
        }
      }
      return this._marked;
    };
    switch (key) {
      case 'ArrowDown':
        this._marked = marked === undefined ? 0 : next(this._marked, this._marked + 1, 1);
        break;
      case 'ArrowUp':
        this._marked = Math.max(0, marked?.parent ?? 0);
        break;
      case 'ArrowRight':
        this._marked = marked === undefined ? 0 : next(marked.parent, this._marked + 1, 1);
        break;
      case 'ArrowLeft':
        this._marked = marked === undefined ? 0 : next(marked.parent, this._marked - 1, -1);
        break;
      case 'Enter':
        this._focus = this._focus === this._marked ? -1 : this._marked;
        break;
      case 'Escape':
        if (this._focus < 0 && this._marked < 0) {
          return false;
        }
        this._focus = this._marked = -1;
        return null;
      default:
        return false;
    }
    const call = calls[this._marked];
    if (call === undefined) {
      return null;
    }
    this._first = Math.min(this._first, call.depth);
    return {
      x: Math.max(LEFT, this._x(call)) + 2,
      y: TOP + (call.depth - this._first + 0.5) * ROW
    };
  }

  panRows(share: number): void {
    this._first += Math.sign(share) * Math.max(1, Math.round(Math.abs(share) * 20));
  }

  table(): ITable {
    const { words } = this._stage;
    const time = (samples: number): string => formatSeconds(samples * (this._tree?.interval ?? 0));
    return {
      headings: [
        words.__('Function'),
        words.__('In itself'),
        words.__('With what it calls'),
        words.__('Place')
      ],
      rows: functionsOf(this._tree)
        .slice(0, LISTED)
        .map(({ call, own, samples }) => [
          call.name,
          time(own),
          time(samples),
          `${call.file}:${call.line}`
        ])
    };
  }

  rows(): ITable<string | number> {
    const { calls = [], interval = 0 } = this._tree ?? {};
    return {
      headings: ['call', 'parent', 'name', 'file', 'line', 'code', 'seconds', 'own'],
      rows: calls.map(({ code, file, line, name, parent, samples, self }, index) => [
        index,
        parent,
        name,
        file,
        line,
        code,
        samples * interval,
        self * interval
      ])
    };
  }

  /** Of the selected, otherwise of the shown time; again when more has been done. */
  private _ask(): void {
    const { axis, profile, store } = this._stage;
    const { from, to } = axis.selection ?? axis;
    if (axis.selection !== null || !axis.following) {
      profile.want({ since: from, until: to, work: 0 });
    } else {
      // While it follows, of all that workers remember: the shown time moves with each frame.
      profile.want({ since: null, until: null, work: store.work });
    }
    if (profile.value !== this._tree) {
      const path = pathOf(this._tree, this._focus);
      this._tree = profile.value;
      this._focus = indexOf(this._tree, path);
      this._marked = -1;
      this._depths = Math.max(0, ...(this._tree?.calls ?? []).map(call => call.depth + 1));
    }
  }

  private _lines(call: ICall): string[] {
    const { words } = this._stage;
    const { interval = 0, samples = 1 } = this._tree ?? {};
    const part = (of: number): string =>
      `${formatSeconds(of * interval)} (${formatValue(of / samples, 'percent')})`;
    return [
      call.name,
      words.__('With what it calls: %1', part(call.samples)),
      words.__('In itself: %1', part(call.self)),
      `${call.file}:${call.line}`,
      ...(call.code === '' ? [] : [call.code])
    ];
  }

  private _x({ begin }: ICall): number {
    return LEFT + (begin - this._begin) * this._scale;
  }

  private _at(x: number, y: number): number {
    const depth = Math.floor((y - TOP) / ROW) + this._first;
    const calls = this._tree?.calls ?? [];
    return y < TOP
      ? -1
      : calls.findIndex(
          call =>
            call.depth === depth &&
            x >= this._x(call) &&
            x < this._x(call) + call.samples * this._scale
        );
  }

  private readonly _stage: IStage;
  private _tree: ICallTree | null = null;
  private _depths = 0;
  /** The call that fills the width, and the one that keys have come to; -1 for none. */
  private _focus = -1;
  private _marked = -1;
  private _first = 0;
  private _begin = 0;
  private _scale = 1;
}

export const profile: IPlot = {
  name: 'profile',
  tables: [],
  description: words =>
    words.__(
      'Which functions tasks spend their time in, calls beneath their callers; the wider, the longer. Click to enlarge, Escape to go back.'
    ),
  create: stage => new ProfilePainter(stage)
};
