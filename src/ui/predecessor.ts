/** The default layout of dask-labextension, as its users have set it. Free of JupyterLab. */
import { INSERT_MODES, type ILayoutPane } from './layouts';

/**
 * Read its setting `defaultLayout`: an object by page, each with a mode and a reference.
 *
 * @returns Each pane after the one it refers to; what refers to nothing, or in a circle, is first.
 */
export function readPredecessorLayout(value: unknown): ReadonlyArray<ILayoutPane> {
  if (!isObject(value)) {
    return [];
  }
  const panes = Object.entries(value).map(([page, entry]): ILayoutPane => {
    const { mode, ref } = isObject(entry) ? entry : {};
    return {
      page: pageName(page),
      mode: INSERT_MODES.find(each => each === mode) ?? 'tab-after',
      ref: typeof ref === 'string' && ref !== '' ? pageName(ref) : null
    };
  });
  const ordered: ILayoutPane[] = [];
  let left = panes;
  while (left.length > 0) {
    const placed = new Set(ordered.map(({ page }) => page));
    const ready = left.filter(({ ref }) => ref === null || placed.has(ref));
    // A reference that leads nowhere is none.
    const next = ready.length > 0 ? ready : left.map(pane => ({ ...pane, ref: null }));
    ordered.push(...next);
    left = left.filter(pane => !next.some(({ page }) => page === pane.page));
  }
  return ordered;
}

/** It takes `/task-stream` and `individual-task-stream` for one page. */
function pageName(text: string): string {
  const name = text.replace(/^\//, '');
  return name.startsWith('individual-') ? name : `individual-${name}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
