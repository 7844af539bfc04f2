/** Layouts of dashboard panes, as the user has set them. */

/** How a pane stands to another one; the words of JupyterLab's dock panel. */
export const INSERT_MODES = [
  'split-top',
  'split-left',
  'split-right',
  'split-bottom',
  'tab-before',
  'tab-after'
] as const;

export type InsertMode = (typeof INSERT_MODES)[number];

export interface ILayoutPane {
  /** Name of the page, such as `individual-task-stream`. */
  readonly page: string;
  readonly mode: InsertMode;
  /** The page of an earlier pane of the layout; null for the one before. */
  readonly ref: string | null;
}

export type Layouts = Readonly<Record<string, ReadonlyArray<ILayoutPane>>>;

/** What there is without settings; the settings' schema says the same. */
export const DEFAULT_LAYOUTS: Layouts = {
  Tasks: [
    { page: 'individual-task-stream', mode: 'split-right', ref: null },
    { page: 'individual-progress', mode: 'split-bottom', ref: null },
    { page: 'individual-workers-memory', mode: 'split-bottom', ref: null },
    { page: 'individual-cpu', mode: 'tab-after', ref: null }
  ],
  Memory: [
    { page: 'individual-workers-memory', mode: 'split-right', ref: null },
    { page: 'individual-memory-by-key', mode: 'split-bottom', ref: null }
  ]
};

/**
 * The layouts by name: ours, and what the settings add to them or put in their place. An empty
 * list takes one away; entries that cannot be read are left out.
 */
export function readLayouts(value: unknown): Layouts {
  const own = isObject(value) ? Object.entries(value) : [];
  const layouts = [
    ...Object.entries(DEFAULT_LAYOUTS),
    ...own.map(([name, panes]) => [name, readPanes(panes)] as const)
  ];
  const found = new Map<string, ReadonlyArray<ILayoutPane>>(layouts);
  return Object.fromEntries([...found].filter(([, panes]) => panes.length > 0));
}

function readPanes(value: unknown): ILayoutPane[] {
  const entries: unknown[] = Array.isArray(value) ? value : [];
  const usual = (index: number): InsertMode => (index === 0 ? 'split-right' : 'tab-after');
  return entries
    .filter(isObject)
    .filter(({ page }) => typeof page === 'string' && page !== '')
    .map(({ page, mode, ref }, index) => ({
      page: String(page),
      mode: INSERT_MODES.find(each => each === mode) ?? usual(index),
      ref: typeof ref === 'string' && ref !== '' ? ref : null
    }));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
