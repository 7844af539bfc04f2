/** A canvas as sharp as the screen that fills its parent, with what lies over it. */
import { element } from './dom';
import type { IPlane, ISurface } from './plot';
import type { ITheme } from './theme';
import type { TimeAxis } from './time-axis';

export class Canvas {
  constructor(parent: HTMLElement, label: string, keys: string) {
    this.stage = element('div', 'dasklab-Plot-stage', parent);
    this.node = element('canvas', 'dasklab-Plot-canvas', this.stage);
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'img');
    this.node.setAttribute('aria-label', label);
    this.node.setAttribute('aria-description', keys);
    this._cursor = element('div', 'dasklab-Plot-cursor', this.stage);
    this._selection = element('div', 'dasklab-Plot-selection', this.stage);
    // Opaque: nothing of the page need be drawn beneath.
    this._g = this.node.getContext('2d', { alpha: false });
  }

  readonly stage: HTMLElement;
  readonly node: HTMLCanvasElement;

  /** Take the size of the parent; null while it has none. */
  surface(theme: ITheme): ISurface | null {
    const { clientHeight: height, clientWidth: width } = this.stage;
    if (this._g === null || width < 20 || height < 20) {
      return null;
    }
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.node.width !== wide || this.node.height !== high) {
      this.node.width = wide;
      this.node.height = high;
    }
    this._g.setTransform(ratio, 0, 0, ratio, 0, 0);
    const known = this._surface;
    if (
      known?.theme !== theme ||
      known.width !== width ||
      known.height !== height ||
      known.ratio !== ratio
    ) {
      this._surface = { g: this._g, width, height, ratio, theme };
    }
    return this._surface;
  }

  /** The line under the pointer and the selected range; both lie over the picture. */
  mark(plane: IPlane | null, axis: TimeAxis): void {
    const { from, pointed, selection, to } = axis;
    const scale = plane === null ? 0 : (plane.right - plane.left) / (to - from);
    const at = (time: number): number =>
      plane === null
        ? 0
        : Math.min(plane.right, Math.max(plane.left, plane.left + (time - from) * scale));
    const shown = plane !== null && pointed >= from && pointed <= to;
    this._cursor.hidden = !shown;
    if (shown) {
      this._cursor.style.transform = `translateX(${at(pointed)}px)`;
      this._cursor.style.top = `${plane.top}px`;
      this._cursor.style.height = `${plane.bottom - plane.top}px`;
    }
    const selected =
      plane !== null && selection !== null && selection.to > from && selection.from < to;
    this._selection.hidden = !selected;
    if (selected) {
      this._selection.style.left = `${at(selection.from)}px`;
      this._selection.style.width = `${Math.max(1, at(selection.to) - at(selection.from))}px`;
      this._selection.style.top = `${plane.top}px`;
      this._selection.style.height = `${plane.bottom - plane.top}px`;
    }
  }

  private readonly _cursor: HTMLElement;
  private readonly _selection: HTMLElement;
  private readonly _g: CanvasRenderingContext2D | null;
  private _surface: ISurface | null = null;
}
