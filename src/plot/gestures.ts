/** Pointer and keys over a plot: they move the linked time axis and the rows. */
import type { IPainter, IPlane, IStage } from './plot';

/** What a gesture may ask of the view. */
export interface IGestureTarget {
  readonly canvas: HTMLElement;
  readonly painter: IPainter;
  readonly stage: IStage;
  /** It stands in a page that scrolls. */
  readonly inPage: boolean;
  /** The pointer is here (in CSS pixels of the canvas), or nowhere. */
  pointAt(position: { x: number; y: number } | null): void;
  /** The pointer was pressed and released there. */
  clickAt(position: { x: number; y: number }): void;
  showAll(): void;
  zoom(factor: number): void;
  /** Rows were moved: draw anew. */
  redraw(): void;
}

/** Share of what is shown by which a key moves it, and factor of a step of zooming. */
const STEP = 0.2;
const ZOOM = 1.4;

interface IDrag {
  readonly x: number;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly selecting: boolean;
  lastX: number;
  lastY: number;
  moved: boolean;
}

export class Gestures {
  constructor(target: IGestureTarget) {
    this._target = target;
    const { canvas } = target;
    canvas.addEventListener('pointerdown', this._onDown);
    canvas.addEventListener('pointermove', this._onMove);
    canvas.addEventListener('pointerup', this._onUp);
    canvas.addEventListener('pointercancel', this._onUp);
    canvas.addEventListener('pointerleave', this._onLeave);
    canvas.addEventListener('wheel', this._onWheel, { passive: false });
    canvas.addEventListener('dblclick', () => this._target.showAll());
    canvas.addEventListener('keydown', this._onKey);
  }

  private readonly _onDown = (event: PointerEvent): void => {
    const { axis } = this._target.stage;
    if (event.button !== 0) {
      return;
    }
    const { x, y } = this._at(event);
    this._drag = {
      x,
      y,
      from: axis.from,
      to: axis.to,
      selecting: event.shiftKey && this._target.painter.plane !== null,
      lastX: x,
      lastY: y,
      moved: false
    };
    this._target.canvas.setPointerCapture(event.pointerId);
  };

  private readonly _onMove = (event: PointerEvent): void => {
    const { x, y } = this._at(event);
    const drag = this._drag;
    const { painter, stage } = this._target;
    if (drag === null) {
      this._target.pointAt({ x, y });
      return;
    }
    if (!drag.moved && Math.abs(x - drag.x) + Math.abs(y - drag.y) < 4) {
      return;
    }
    drag.moved = true;
    if (painter.map) {
      painter.map.move(x - drag.lastX, y - drag.lastY);
      drag.lastX = x;
      drag.lastY = y;
      this._target.redraw();
      this._target.pointAt(null);
      return;
    }
    const plane = painter.plane;
    if (plane !== null) {
      const second = (drag.to - drag.from) / (plane.right - plane.left);
      if (drag.selecting) {
        const timeAt = (pixel: number): number => drag.from + (pixel - plane.left) * second;
        stage.axis.pause();
        stage.axis.select({ from: timeAt(drag.x), to: timeAt(x) });
      } else {
        const by = (drag.x - x) * second;
        stage.axis.show(drag.from + by, drag.to + by);
      }
    }
    if (!drag.selecting && painter.panRows) {
      painter.panRows((drag.lastY - y) / this._height(plane));
      drag.lastY = y;
      this._target.redraw();
    }
    this._target.pointAt(null);
  };

  private readonly _onUp = (event: PointerEvent): void => {
    const drag = this._drag;
    this._drag = null;
    if (drag !== null && !drag.moved) {
      const { axis } = this._target.stage;
      const selected = axis.selection !== null;
      axis.select(null);
      this._target.pointAt(this._at(event));
      // A click that takes a selection away is meant for nothing else.
      if (!selected && event.type === 'pointerup') {
        this._target.clickAt(this._at(event));
      }
    }
  };

  private readonly _onLeave = (): void => {
    if (this._drag === null) {
      this._target.pointAt(null);
    }
  };

  private readonly _onWheel = (event: WheelEvent): void => {
    const { canvas, inPage, painter, stage } = this._target;
    if (inPage && !event.ctrlKey && !event.metaKey && document.activeElement !== canvas) {
      return; // the wheel is the page's, until somebody has clicked here
    }
    const { x, y } = this._at(event);
    const factor = Math.exp(Math.sign(event.deltaY) * Math.min(0.3, Math.abs(event.deltaY) / 300));
    if (painter.map) {
      painter.map.zoom(1 / factor, x, y);
      this._target.redraw();
    } else if (event.shiftKey && painter.zoomRows) {
      painter.zoomRows(factor, y);
      this._target.redraw();
    } else if (painter.plane !== null) {
      const { left, right } = painter.plane;
      const { axis } = stage;
      axis.zoom(factor, axis.from + ((x - left) / (right - left)) * (axis.to - axis.from));
    } else if (painter.panRows) {
      painter.panRows(Math.sign(event.deltaY) * 0.1);
      this._target.redraw();
    } else {
      return;
    }
    event.preventDefault();
  };

  private readonly _onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (this._act(event.key, event.shiftKey)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  /** Do what a key stands for; false if it is none of ours. */
  private _act(key: string, shift: boolean): boolean {
    const { painter, stage } = this._target;
    const { axis } = stage;
    const timed = painter.plane !== null;
    const own = painter.key?.(key) ?? null;
    if (painter.key && own !== false) {
      this._target.redraw();
      this._target.pointAt(own);
      return true;
    }
    switch (key) {
      case ' ':
        if (axis.following) {
          axis.pause();
        } else {
          axis.follow();
        }
        return true;
      case 'Escape':
        if (axis.selection === null) {
          return false;
        }
        axis.select(null);
        return true;
      case 'ArrowUp':
      case 'ArrowDown': {
        const down = key === 'ArrowDown';
        if (shift && painter.zoomRows) {
          painter.zoomRows(down ? ZOOM : 1 / ZOOM, this._height(painter.plane) / 2);
        } else if (painter.panRows) {
          painter.panRows(down ? STEP : -STEP);
        } else {
          return false;
        }
        this._target.redraw();
        return true;
      }
      case 'ArrowLeft':
      case 'ArrowRight':
        if (timed) {
          axis.pan(key === 'ArrowLeft' ? -STEP : STEP);
        }
        return timed;
      case '+':
      case '=':
        this._target.zoom(1 / ZOOM);
        return true;
      case '-':
        this._target.zoom(ZOOM);
        return true;
      case 'Home':
        this._target.showAll();
        return true;
      case 'End':
        axis.follow();
        return true;
      case 's':
        axis.select({ from: axis.from, to: axis.to });
        return true;
      default:
        return false;
    }
  }

  private _height(plane: IPlane | null): number {
    return plane === null ? this._target.canvas.clientHeight || 1 : plane.bottom - plane.top;
  }

  private _at(event: MouseEvent): { x: number; y: number } {
    const box = this._target.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private readonly _target: IGestureTarget;
  private _drag: IDrag | null = null;
}
