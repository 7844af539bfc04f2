/** Things that can be pulled out of the panel, by JupyterLab's own kind of drag. */
import type { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

/** Pixels that a press may tremble before it is a pull: as many as JupyterLab allows. */
const THRESHOLD = 5;

/** Where and with what a press began; of React's events as of the browser's. */
type Press = Pick<PointerEvent, 'button' | 'clientX' | 'clientY' | 'pointerType'>;

/**
 * Follow a press; once it is pulled away, drag what is prepared then.
 *
 * Preparing may take a moment (a file to load, a question to the server): the drag begins when it
 * is there, unless the button has been released meanwhile. A press that is not pulled stays a
 * click, one that is never becomes one.
 *
 * @param label - What the pointer carries, in words.
 * @param prepare - Resolves with what is dropped, null if there is nothing.
 */
export function followPress(
  press: Press,
  label: string,
  prepare: () => Promise<MimeData | null>
): void {
  // A finger that moves scrolls.
  if (press.button !== 0 || press.pointerType === 'touch') {
    return;
  }
  let at = { x: press.clientX, y: press.clientY };
  let pulled = false;
  const onMove = (event: PointerEvent): void => {
    at = { x: event.clientX, y: event.clientY };
    if (!pulled && Math.hypot(at.x - press.clientX, at.y - press.clientY) >= THRESHOLD) {
      pulled = true;
      document.addEventListener('click', swallow, true);
      void begin();
    }
  };
  const over = new AbortController();
  const onUp = (): void => {
    over.abort();
    // The click follows the release at once, if there is one.
    setTimeout(() => document.removeEventListener('click', swallow, true));
  };
  const options = { capture: true, signal: over.signal };
  document.addEventListener('pointermove', onMove, options);
  document.addEventListener('pointerup', onUp, options);
  document.addEventListener('pointercancel', onUp, options);

  async function begin(): Promise<void> {
    const mimeData = await prepare();
    if (mimeData !== null && !over.signal.aborted) {
      const dragImage = document.createElement('div');
      dragImage.className = 'dasklab-DragImage';
      dragImage.textContent = label;
      const drag = new Drag({ mimeData, dragImage, proposedAction: 'copy' });
      await drag.start(at.x, at.y);
      drag.dispose();
    }
  }
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
