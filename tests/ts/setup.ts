/** What jsdom lacks and JupyterLab's modules touch when they are imported. */
import { TextDecoder, TextEncoder } from 'node:util';

class DragEventDouble extends MouseEvent {}
class ResizeObserverDouble {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, {
  matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
  DragEvent: globalThis.DragEvent ?? DragEventDouble,
  ResizeObserver: globalThis.ResizeObserver ?? ResizeObserverDouble,
  requestIdleCallback: (run: () => void) => setTimeout(run),
  TextDecoder: globalThis.TextDecoder ?? TextDecoder,
  TextEncoder: globalThis.TextEncoder ?? TextEncoder
});
