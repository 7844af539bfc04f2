/** Made-up answers about profile and task graph, in the shape of the server's openapi.yaml. */
import type { Wire } from '../builders';
import { dice } from './story';

interface INodeWire {
  parent: number;
  name: string;
  file: string;
  line: number;
  code: string;
  samples: number;
}

/** A profile in which reading and a sum take most of the time. */
export function callTree(): Wire {
  const roll = dice(3);
  const nodes: INodeWire[] = [];
  const add = (parent: number, name: string, file: string, samples: number): number =>
    nodes.push({
      parent,
      name,
      file,
      line: 10 + nodes.length * 7,
      code: `${name}(block)`,
      samples
    }) - 1;
  const grow = (parent: number, samples: number, depth: number): void => {
    const files = ['dask/array/core.py', 'numpy/core.py', 'pandas/io/parquet.py', 'zlib.py'];
    let rest = Math.floor(samples * 0.97);
    for (let child = 0; rest > 12 && depth < 14 && child < 4; child++) {
      const part = Math.max(4, Math.floor(rest * (0.35 + 0.5 * roll())));
      const names = ['getter', '_sum', 'read_row_group', 'inflate', 'concatenate', 'apply'];
      const which = Math.floor(roll() * names.length);
      grow(add(parent, names[which], files[which % 4], part), part, depth + 1);
      rest -= part;
    }
  };
  for (const [name, samples] of [
    ['read_parquet', 4_200],
    ['mean_chunk', 2_600],
    ['tensordot', 1_300]
  ] as const) {
    grow(add(-1, name, 'dask/dataframe/core.py', samples), samples, 1);
  }
  return { samples: 8_400, interval: 0.01, nodes, left_out: 12 };
}

const PREFIXES = ['read_parquet', 'getitem', 'mean_chunk', 'mean_agg-aggregate', 'store-map'];

/** A computation that is half done: a tree of sums over blocks, or as groups with many tasks. */
export function taskGraph(kind: 'tasks' | 'groups' = 'tasks', blocks: number = 24): Wire {
  const nodes: Wire[] = [];
  const edges: number[] = [];
  const states: string[] = [];
  const add = (prefix: string, part: number, state: number, needs: number[]): number => {
    nodes.push({ name: `('${prefix}-5f3a', ${part})`, prefix, group: `${prefix}-5f3a` });
    states.push(`${state}`);
    needs.forEach(each => edges.push(each, nodes.length - 1));
    return nodes.length - 1;
  };
  let level = Array.from({ length: blocks }, (_, part) => {
    const far = part / blocks;
    const read = add(PREFIXES[0], part, far < 0.5 ? 0 : far < 0.7 ? 5 : far < 0.9 ? 4 : 3, []);
    const item = add(PREFIXES[1], part, far < 0.5 ? 0 : far < 0.6 ? 5 : 1, [read]);
    return add(PREFIXES[2], part, far < 0.05 ? 6 : far < 0.5 ? 5 : 1, [item]);
  });
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 4) }, (_, part) =>
      add(PREFIXES[3], part, 1, level.slice(part * 4, part * 4 + 4))
    );
  }
  add(PREFIXES[4], 0, 1, level);
  if (kind === 'tasks') {
    return {
      id: `tasks-${blocks}`,
      kind,
      tasks: nodes.length,
      nodes,
      edges,
      states: states.join(''),
      counts: null,
      left_out: 0
    };
  }
  return {
    id: 'groups-1',
    kind,
    tasks: 61_001,
    nodes: PREFIXES.map(prefix => ({ name: `${prefix}-5f3a`, prefix, group: `${prefix}-5f3a` })),
    edges: [0, 1, 1, 2, 2, 3, 3, 4],
    states: null,
    counts: [
      [9_000, 0, 0, 4_000, 64, 6_936, 0, 0],
      [8_000, 11_000, 0, 0, 20, 980, 0, 0],
      [0, 12_000, 0, 0, 0, 7_996, 4, 0],
      [0, 1_000, 0, 0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 0, 0, 0]
    ],
    left_out: 0
  };
}
