/** Calls by function, and the same call in another tree. */
import type { ICall, ICallTree } from '../telemetry/call-tree';

export interface IFunction {
  readonly call: ICall;
  own: number;
  samples: number;
}

/** By function, the one that took most time itself first; recursion counts once. */
export function functionsOf(tree: ICallTree | null): IFunction[] {
  const calls = tree?.calls ?? [];
  const found = new Map<string, IFunction>();
  const key = ({ file, line, name }: ICall): string => JSON.stringify([file, line, name]);
  calls.forEach(call => {
    const each = found.get(key(call)) ?? { call, own: 0, samples: 0 };
    found.set(key(call), each);
    each.own += call.self;
    let above = calls[call.parent];
    while (above !== undefined && key(above) !== key(call)) {
      above = calls[above.parent];
    }
    each.samples += above === undefined ? call.samples : 0;
  });
  return [...found.values()].sort((a, b) => b.own - a.own || b.samples - a.samples);
}

/** The names from the top to a call, by which it is found in a newer tree. */
export function pathOf(tree: ICallTree | null, index: number): string[] {
  const path: string[] = [];
  let call = tree?.calls[index];
  while (call !== undefined) {
    path.unshift(`${call.name} ${call.file}`);
    call = tree?.calls[call.parent];
  }
  return path;
}

export function indexOf(tree: ICallTree | null, path: ReadonlyArray<string>): number {
  let found = -1;
  for (const name of path) {
    const parent = found;
    found = (tree?.calls ?? []).findIndex(
      call => call.parent === parent && `${call.name} ${call.file}` === name
    );
    if (found < 0) {
      return -1;
    }
  }
  return found;
}
