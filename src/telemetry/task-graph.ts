/** The task graph as a host tells it, of tasks or of groups. What comes in is hostile. */
import { count, isObject, text } from './values';
import type { IProgress } from './schema';

/** Nodes and edges that are read; a host sends fewer. */
const NODES = 20_000;
const EDGES = 100_000;

/** What a digit of `states` means, and the order of `counts`. */
const STATES = [
  'released',
  'waiting',
  'noWorker',
  'queued',
  'processing',
  'memory',
  'erred',
  'forgotten'
] as const;

export type TaskState = (typeof STATES)[number];

export interface INode {
  readonly name: string;
  readonly prefix: string;
  readonly group: string;
}

/** What does not change while a computation runs; the same object as long as it is the same. */
export interface IShape {
  readonly id: string;
  /** Whether nodes are groups, because there are too many tasks. */
  readonly grouped: boolean;
  readonly nodes: ReadonlyArray<INode>;
  /** From, to, from, to, …; numbers of nodes, what is needed first. */
  readonly edges: ReadonlyArray<number>;
}

export interface ITaskGraph {
  readonly shape: IShape;
  /** How many tasks there are. */
  readonly tasks: number;
  /** By node, how many of its tasks are in which state; of a task one is 1. */
  readonly standing: ReadonlyArray<IProgress>;
  /** Nodes and edges that are not told. */
  readonly leftOut: number;
}

const NOTHING: IShape = { id: '', grouped: false, nodes: [], edges: [] };

/** Read an answer. What it leaves out, because it is known, is in the one before. */
export function readTaskGraph(value: unknown, before: ITaskGraph | null): ITaskGraph {
  const data = isObject(value) ? value : {};
  const id = text(data.id);
  const shape = before?.shape.id === id ? before.shape : readShape(id, data);
  const counts = Array.isArray(data.counts) ? data.counts : null;
  const digits = typeof data.states === 'string' ? data.states : '';
  return {
    shape,
    tasks: count(data.tasks),
    standing: shape.nodes.map((node, index) => {
      const given: unknown = counts?.[index];
      const each = Array.isArray(given)
        ? given.map(count)
        : STATES.map((_, state) => (digits[index] === `${state}` ? 1 : 0));
      return standingOf(node, each);
    }),
    leftOut: count(data.left_out)
  };
}

/** The state that a single task is in. */
export function stateOf(standing: IProgress): TaskState {
  return STATES.find(state => standing[state] > 0) ?? 'waiting';
}

function readShape(id: string, data: Readonly<Record<string, unknown>>): IShape {
  if (!Array.isArray(data.nodes)) {
    return NOTHING;
  }
  const nodes = data.nodes.slice(0, NODES).map(item => {
    const node = isObject(item) ? item : {};
    return { name: text(node.name), prefix: text(node.prefix), group: text(node.group) };
  });
  const given = (Array.isArray(data.edges) ? data.edges : []).slice(0, 2 * EDGES);
  const edges: number[] = [];
  for (let at = 0; at + 1 < given.length; at += 2) {
    const [from, to] = [count(given[at]), count(given[at + 1])];
    if (from !== to && from < nodes.length && to < nodes.length) {
      edges.push(from, to);
    }
  }
  return { id, grouped: data.kind === 'groups', nodes, edges };
}

function standingOf({ name, prefix }: INode, counts: ReadonlyArray<number>): IProgress {
  const [released, waiting, noWorker, queued, processing, memory, erred, forgotten] = STATES.map(
    (_, index) => counts[index] ?? 0
  );
  return {
    name,
    prefix,
    released,
    waiting,
    noWorker,
    queued,
    processing,
    memory,
    erred,
    forgotten,
    duration: null
  };
}
