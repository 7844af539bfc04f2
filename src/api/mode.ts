/**
 * What may be done on this server. The server says it in the page itself, so that nothing is asked
 * for it, and enforces it: what is read here decides only what is offered.
 */
import type { Ability } from './contract';
import { isFields } from './read';

export interface IMode {
  /** Whether clusters can be launched here. */
  readonly allowLaunch: boolean;
  /** Whether clusters can only be looked at. */
  readonly readOnly: boolean;
}

const LOOKING: ReadonlyArray<Ability> = ['dashboard', 'logs'];

export const ANYTHING: IMode = { allowLaunch: true, readOnly: false };

/**
 * Read what the page says.
 *
 * @param option - JSON; empty of a server whose extension is off or older.
 */
export function readMode(option: string): IMode {
  let data: unknown = null;
  try {
    data = JSON.parse(option);
  } catch {
    return ANYTHING;
  }
  return isFields(data)
    ? { allowLaunch: data.allowLaunch !== false, readOnly: data.readOnly === true }
    : ANYTHING;
}

/** Whether a new cluster may be asked for. */
export function mayLaunch(mode: IMode): boolean {
  return mode.allowLaunch && !mode.readOnly;
}

/** What may be asked of a cluster here, of what it can. */
export function abilities(can: ReadonlySet<Ability>, mode: IMode): ReadonlySet<Ability> {
  return mode.readOnly ? new Set(LOOKING.filter(ability => can.has(ability))) : can;
}
