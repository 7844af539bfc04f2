/** The profile as a host tells it: a tree of calls, in a list. What comes in is hostile. */
import { count, isObject, number, text } from './values';

/** Nodes that are read; a host sends fewer. */
const NODES = 20_000;

export interface ICall {
  /** The number of the call that made it; -1 at the top. */
  readonly parent: number;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** The line of code. */
  readonly code: string;
  /** With those of what it called. */
  readonly samples: number;
  /** Calls between it and the top. */
  readonly depth: number;
  /** Samples to the left of it. */
  readonly begin: number;
  /** Samples in none of what it called that is told. */
  readonly self: number;
}

export interface ICallTree {
  readonly samples: number;
  /** Seconds between two of them. */
  readonly interval: number;
  /** A parent always before its children. */
  readonly calls: ReadonlyArray<ICall>;
}

/** Read an answer; what does not add up is left out. */
export function readCallTree(value: unknown): ICallTree {
  const data = isObject(value) ? value : {};
  const calls: Array<ICall & { self: number }> = [];
  /** Where the next child begins, by its parent; and the new numbers of calls. */
  const free: number[] = [];
  const place: number[] = [];
  let top = 0;
  for (const item of (Array.isArray(data.nodes) ? data.nodes : []).slice(0, NODES)) {
    const node = isObject(item) ? item : {};
    const parent = number(node.parent) < 0 ? -1 : (place[count(node.parent)] ?? -2);
    const above = calls[parent];
    const begin = parent === -1 ? top : free[parent];
    const room = above === undefined ? Infinity : above.begin + above.samples - begin;
    const samples = Math.min(count(node.samples), room);
    place.push(parent >= -1 && samples > 0 ? calls.length : -2);
    if (place.at(-1) === -2) {
      continue;
    }
    if (above === undefined) {
      top += samples;
    } else {
      free[parent] += samples;
      above.self -= samples;
    }
    free.push(begin);
    calls.push({
      parent,
      name: text(node.name),
      file: text(node.file),
      line: count(node.line),
      code: text(node.code),
      samples,
      depth: above === undefined ? 0 : above.depth + 1,
      begin,
      self: samples
    });
  }
  return {
    samples: Math.max(top, count(data.samples)),
    interval: number(data.interval) || 0.01,
    calls
  };
}
