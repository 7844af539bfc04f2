/** Groups of tasks come and go, unlike prefixes. */
import type { IGroups } from './decode';
import type { IProgress } from './schema';

/** Groups that are kept; a host tells of fewer at a time. */
const MOST = 1_000;

/** Take in what a frame says of groups. */
export function mergeGroups(known: Map<string, IProgress>, frame: IGroups | null): void {
  if (frame === null) {
    return;
  }
  if (frame.whole) {
    known.clear();
  }
  for (const name of frame.gone) {
    known.delete(name);
  }
  for (const each of frame.items) {
    known.set(each.name, each);
  }
  for (const name of known.keys()) {
    if (known.size <= MOST) {
      break;
    }
    known.delete(name);
  }
}
