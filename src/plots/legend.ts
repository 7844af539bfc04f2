/** The legend of plots that show prefixes. */
import { ACTION_COLOURS, errorColour, themedColour } from '../plot/inks';
import { visibleOn } from '../plot/colours';
import type { ILegendItem, IStage } from '../plot/plot';
import type { ITheme } from '../plot/theme';

/** Entries at the most: what comes last has next to no time. */
const ENTRIES = 40;

/** Prefixes in the order in which they appeared, and what the other colours mean. */
export function prefixLegend(stage: IStage, theme: ITheme, actions: boolean): ILegendItem[] {
  const { store, words } = stage;
  const prefixes = [...new Set(store.kinds.map(kind => kind.prefix))];
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
