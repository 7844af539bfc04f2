/**
 * One animation frame for all plots of a document. A plot is drawn when something changed and
 * somebody sees it, once, however often it was asked for; otherwise no frame is asked for at all.
 */

export interface IDrawable {
  /** Whether it can be seen; what cannot is drawn when it can again. */
  readonly visible: boolean;
  draw(): void;
}

export class FrameLoop {
  /** Pictures drawn so far. */
  get drawn(): number {
    return this._drawn;
  }

  /** Draw at the next frame. */
  request(plot: IDrawable): void {
    this._stale.add(plot);
    if (plot.visible) {
      this._frame ??= requestAnimationFrame(this._onFrame);
    }
  }

  /** Never draw it again. */
  forget(plot: IDrawable): void {
    this._stale.delete(plot);
  }

  private readonly _onFrame = (): void => {
    this._frame = null;
    for (const plot of this._stale) {
      if (plot.visible) {
        this._stale.delete(plot);
        this._drawn += 1;
        plot.draw();
      }
    }
  };

  private readonly _stale = new Set<IDrawable>();
  private _frame: number | null = null;
  private _drawn = 0;
}

/** The document's own. */
export const frames = new FrameLoop();
