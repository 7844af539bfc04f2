/**
 * The dashboard pages in an order that people find them in. A scheduler says only their names,
 * and other versions, plugins and GPUs add some: a page's group follows from its name.
 */
import type { IPage } from '../api/contract';

/** In the order they are shown. */
export const PAGE_GROUPS = ['favourites', 'tasks', 'workers', 'memory', 'system', 'other'] as const;

export type PageGroup = (typeof PAGE_GROUPS)[number];

export interface IPageGroup {
  readonly group: PageGroup;
  readonly pages: ReadonlyArray<IPage>;
}

/** Words of a name that say what a page is about; the first group with one of them has it. */
const WORDS: ReadonlyArray<readonly [PageGroup, ReadonlySet<string>]> = [
  ['memory', new Set(['memory', 'nbytes', 'spill', 'rmm', 'rss'])],
  ['system', new Set(['system', 'cpu', 'gpu', 'disk', 'network', 'bandwidth', 'event', 'loop'])],
  [
    'tasks',
    new Set([
      'task',
      'tasks',
      'progress',
      'graph',
      'groups',
      'compute',
      'aggregate',
      'exceptions',
      'fine',
      'profile'
    ])
  ],
  [
    'workers',
    new Set([
      'worker',
      'workers',
      'processing',
      'nprocessing',
      'occupancy',
      'cluster',
      'transfer',
      'contention'
    ])
  ]
];

/** What a page is about. */
export function pageGroup(name: string): PageGroup {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  return WORDS.find(([, known]) => words.some(word => known.has(word)))?.[0] ?? 'other';
}

/** Whether a page is what somebody looks for who typed that. */
export function matchesPage(page: IPage, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/);
  const text = `${page.title} ${page.name}`.toLowerCase();
  return words.every(word => text.includes(word));
}

/**
 * The pages that match, in groups: the favourites first and in their own order, the rest by title.
 * Groups without a page are left out.
 */
export function groupPages(
  pages: ReadonlyArray<IPage>,
  favourites: ReadonlyArray<string>,
  filter: string
): IPageGroup[] {
  const groups = new Map<PageGroup, IPage[]>(PAGE_GROUPS.map(group => [group, []]));
  for (const page of pages.filter(each => matchesPage(each, filter))) {
    groups.get(favourites.includes(page.name) ? 'favourites' : pageGroup(page.name))?.push(page);
  }
  return PAGE_GROUPS.map(group => {
    const found = groups.get(group) ?? [];
    found.sort((a, b) =>
      group === 'favourites'
        ? favourites.indexOf(a.name) - favourites.indexOf(b.name)
        : a.title.localeCompare(b.title)
    );
    return { group, pages: found };
  }).filter(each => each.pages.length > 0);
}
