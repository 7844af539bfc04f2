/** The bar of a plot: time, ways to look at it, what is to be said, table and files. */
import { button, element, setText } from './dom';
import type { IPainter, IPlot, IStage } from './plot';

/** What the bar's buttons do that is not the stage's. */
export interface IBarTarget {
  readonly painter: IPainter;
  showAll(): void;
  zoom(factor: number): void;
  toggleTable(): boolean;
  savePicture(): void;
  saveRows(): void;
  /** Another way to look at it was chosen. */
  look(): void;
}

export class Bar {
  /** @param table - Id of the table that the bar's button shows. */
  constructor(
    parent: HTMLElement,
    plot: IPlot,
    stage: IStage,
    target: IBarTarget,
    title: string,
    table: string
  ) {
    const { axis, words } = stage;
    this._stage = stage;
    this._target = target;
    const bar = element('div', 'dasklab-Plot-bar', parent);
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', title);
    this._follow = button(bar, words.__('Pause'), '', () => {
      if (axis.following) {
        axis.pause();
      } else {
        axis.follow();
      }
    });
    const map = target.painter.map !== undefined;
    const [all, less, more] = map
      ? [words.__('Show all of it (Home)'), words.__('Larger (+)'), words.__('Smaller (−)')]
      : [
          words.__('Show all time (Home)'),
          words.__('A shorter time (+)'),
          words.__('A longer time (−)')
        ];
    button(bar, words.__('All'), all, () => target.showAll());
    button(bar, '+', less, () => target.zoom(0.5));
    button(bar, '−', more, () => target.zoom(2));
    const ways = this._makeWays(bar);
    this._status = element('span', 'dasklab-Plot-status', bar);
    this._status.setAttribute('role', 'status');
    if (!plot.asTable) {
      const toggle = button(bar, words.__('Table'), words.__('The same as a table'), () => {
        const shown = target.toggleTable();
        toggle.setAttribute('aria-expanded', String(shown));
        if (ways !== null) {
          ways.hidden = !shown;
        }
      });
      toggle.setAttribute('aria-expanded', 'false');
      toggle.setAttribute('aria-controls', table);
      const save = words.__('Save the picture as PNG');
      button(bar, words.__('PNG'), save, () => target.savePicture());
    }
    button(bar, words.__('CSV'), words.__('Save what is shown as CSV'), () => target.saveRows());
  }

  set status(text: string) {
    setText(this._status, text);
    this._status.title = text;
  }

  /** Whether there is nothing to follow. */
  set still(still: boolean) {
    this._follow.hidden = still;
  }

  /** Bring it in line with the time axis and the painter. */
  update(): void {
    const { axis, words } = this._stage;
    setText(this._follow, axis.following ? words.__('Pause') : words.__('Follow'));
    const title = axis.following
      ? words.__('Pause all plots of this cluster (Space)')
      : words.__('Show the newest again (Space)');
    if (this._follow.title !== title) {
      this._follow.title = title;
    }
    const chosen = this._target.painter.ways?.chosen;
    for (const [name, each] of this._ways) {
      each.setAttribute('aria-pressed', String(name === chosen));
    }
  }

  /** The buttons for the ways; what is to be hidden where the table is, null for nothing. */
  private _makeWays(bar: HTMLElement): HTMLElement | null {
    const { ways } = this._target.painter;
    if (ways === undefined) {
      return null;
    }
    const group = element('span', 'dasklab-Plot-ways', bar);
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', ways.label);
    group.hidden = ways.inTable;
    for (const [name, label, title] of ways.all) {
      const made = button(group, label, title, () => {
        ways.choose(name);
        this._target.look();
      });
      this._ways.set(name, made);
    }
    return ways.inTable ? group : null;
  }

  private readonly _stage: IStage;
  private readonly _target: IBarTarget;
  private readonly _follow: HTMLButtonElement;
  private readonly _status: HTMLElement;
  private readonly _ways = new Map<string, HTMLElement>();
}
