/** A page that is hidden, and used, when the test says so. */
export class PageDouble extends EventTarget {
  hidden = false;

  /** As the browser's own, which is not needed. */
  get document(): Document {
    return this as unknown as Document;
  }

  hide(hidden: boolean): void {
    this.hidden = hidden;
    this.dispatchEvent(new Event('visibilitychange'));
  }

  press(): void {
    this.dispatchEvent(new Event('keydown'));
  }

  /** The pointer is there on the screen; it may have been before. */
  point(screenX: number, screenY: number): void {
    this.dispatchEvent(new MouseEvent('pointermove', { screenX, screenY }));
  }
}
