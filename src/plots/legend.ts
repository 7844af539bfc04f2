/** The legend of plots that show prefixes. */
import { ACTION_COLOURS, errorColour, themedColour } from '../plot/inks';
import { visibleOn } from '../plot/colours';
import type { ILegendItem, IStage } from '../plot/plot';
import type { ITheme } from '../plot/theme';
import { done } from './progress-states';

/** Entries at the most. Of more prefixes those that took the most time. */
const ENTRIES = 40;

/** Prefixes, in the order in which they appeared if all fit, and what the other colours mean. */
export function prefixLegend(stage: IStage, theme: ITheme, actions: boolean): ILegendItem[] {
  const { store, words } = stage;
  const prefixes = [...new Set(store.kinds.map(kind => kind.prefix))];
  if (prefixes.length > ENTRIES) {
    const spent = (prefix: string): number => {
      const known = store.progress.get(prefix);
      return known === undefined ? 0 : (known.duration ?? 0) * done(known);
    };
    const times = new Map(prefixes.map(prefix => [prefix, spent(prefix)]));
    prefixes.sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0));
  }
  const items: ILegendItem[] = prefixes
    .slice(0, ENTRIES)
    .map(prefix => ({ label: prefix, prefix, colour: themedColour(prefix, theme) }));
  if (prefixes.length > ENTRIES) {
    items.push({
      label: words.__('… and %1 more', prefixes.length - ENTRIES),
      colour: theme.background
    });
  }
  if (actions && items.length > 0) {
    const colour = (action: number): ILegendItem['colour'] =>
      visibleOn(ACTION_COLOURS[action], theme.background);
    items.push(
      { label: words.__('Transfer'), colour: colour(1) },
      { label: words.__('Disk'), colour: colour(2) },
      { label: words.__('Deserialize'), colour: colour(4) },
      { label: words.__('Failed'), colour: errorColour(theme) }
    );
  }
  return items;
}
