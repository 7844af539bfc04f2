/** Where the nodes of a laid out graph are on the screen: all of it, or what was moved there. */
import { BAR } from './graph-nodes';
import type { ILayout } from './graph-layout';

/** Pixels around the picture, and above it for what is said of it. */
const MARGIN = 14;
const TOP = 30;

/** Pixels of a node at the most. */
export const LARGEST = 9;

/** Pixels between columns and places where there is more room than is needed, of tasks and groups. */
const ROOMY = { tasks: [120, 26], groups: [200, 62] } as const;

export class GraphMap {
  /** Pixels, by node. */
  xs = new Float32Array(0);
  ys = new Float32Array(0);
  /** Pixels from a column, and from a place in it, to the next. */
  across = 1;
  down = 1;

  readonly move = (dx: number, dy: number): void => {
    this._x += dx;
    this._y += dy;
  };

  readonly zoom = (factor: number, x: number, y: number): void => {
    const zoom = Math.min(200, Math.max(0.5, this._zoom * factor));
    const by = zoom / this._zoom;
    this._zoom = zoom;
    // What is beneath the pointer stays there.
    this._x = x - this._middleX - (x - this._middleX - this._x) * by;
    this._y = y - this._middleY - (y - this._middleY - this._y) * by;
  };

  readonly fit = (): void => {
    this._zoom = 1;
    this._x = this._y = 0;
  };

  place(layout: ILayout, width: number, height: number, grouped: boolean): void {
    const { columns, places, reach, width: wide } = layout;
    const side = MARGIN + (grouped ? BAR.width / 2 : LARGEST);
    const across = wide > 1 ? (width - 2 * side) / (wide - 1) : 0;
    const down = reach > 0 ? (height - TOP - 2 * MARGIN - LARGEST) / (2 * reach) : Infinity;
    const [roomyAcross, roomyDown] = grouped ? ROOMY.groups : ROOMY.tasks;
    this.across = Math.min(across || roomyAcross, roomyAcross) * this._zoom;
    this.down = Math.min(down, roomyDown) * this._zoom;
    this._middleX = width / 2;
    this._middleY = (height + TOP) / 2;
    if (this.xs.length !== columns.length) {
      this.xs = new Float32Array(columns.length);
      this.ys = new Float32Array(columns.length);
    }
    const left = this._middleX + this._x - ((wide - 1) / 2) * this.across;
    for (let node = 0; node < columns.length; node++) {
      this.xs[node] = left + columns[node] * this.across;
      this.ys[node] = this._middleY + this._y + places[node] * this.down;
    }
  }

  private _zoom = 1;
  private _x = 0;
  private _y = 0;
  private _middleX = 0;
  private _middleY = 0;
}
