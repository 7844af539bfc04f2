/**
 * Where the nodes of a directed graph lie: in columns from left to right, so that what is needed is
 * left of what needs it, and in an order that keeps edges short. A few sweeps over nodes and edges;
 * some milliseconds for five thousand of them.
 */

/** Sweeps in each direction. More change little. */
const SWEEPS = 6;

export interface ILayout {
  /** By node: its column, and its place in it. Places are at least 1 apart, and around 0. */
  readonly columns: Int32Array;
  readonly places: Float64Array;
  /** How many columns there are, and how far places reach from 0. */
  readonly width: number;
  readonly reach: number;
}

/**
 * @param edges - From, to, from, to, …; what goes round in a circle is put somewhere.
 */
export function layOut(nodes: number, edges: ReadonlyArray<number>): ILayout {
  const before = neighbours(nodes, edges, 1);
  const after = neighbours(nodes, edges, 0);
  const columns = columnsOf(nodes, before, after);
  const width = nodes === 0 ? 0 : columns.reduce((most, each) => Math.max(most, each), 0) + 1;
  const order: number[][] = Array.from({ length: width }, () => []);
  columns.forEach((column, node) => order[column].push(node));
  const places = new Float64Array(nodes);
  for (const column of order) {
    column.forEach((node, index) => (places[node] = index - (column.length - 1) / 2));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let index = 1; index < width; index++) {
      arrange(order[index], before, places);
    }
    for (let index = width - 2; index >= 0; index--) {
      arrange(order[index], after, places);
    }
  }
  let low = Infinity;
  let high = -Infinity;
  places.forEach(place => {
    low = Math.min(low, place);
    high = Math.max(high, place);
  });
  places.forEach((place, node) => (places[node] = place - (low + high) / 2));
  return { columns, places, width, reach: nodes === 0 ? 0 : (high - low) / 2 };
}

/** By node, those at the other end of its edges. */
function neighbours(nodes: number, edges: ReadonlyArray<number>, end: 0 | 1): number[][] {
  const found: number[][] = Array.from({ length: nodes }, () => []);
  for (let at = 0; at < edges.length; at += 2) {
    found[edges[at + end]].push(edges[at + 1 - end]);
  }
  return found;
}

/** The longest way to a node, then as near to what needs it as can be. */
function columnsOf(nodes: number, before: number[][], after: number[][]): Int32Array {
  const columns = new Int32Array(nodes);
  const missing = Int32Array.from(before, each => each.length);
  const ready: number[] = [];
  missing.forEach((count, node) => count === 0 && ready.push(node));
  const sorted: number[] = [];
  const visit = (): void => {
    for (let at = sorted.length; at < ready.length; at++) {
      const node = ready[at];
      sorted.push(node);
      for (const next of after[node]) {
        columns[next] = Math.max(columns[next], columns[node] + 1);
        missing[next] -= 1;
        if (missing[next] === 0) {
          ready.push(next);
        }
      }
    }
  };
  visit();
  for (let node = 0; sorted.length < nodes; node++) {
    if (missing[node] > 0) {
      // Part of a circle: it begins here.
      missing[node] = 0;
      ready.push(node);
      visit();
    }
  }
  for (let at = nodes - 1; at >= 0; at--) {
    const node = sorted[at];
    const nearest = after[node].reduce((least, next) => Math.min(least, columns[next]), Infinity);
    if (nearest !== Infinity && nearest - 1 > columns[node]) {
      columns[node] = nearest - 1;
    }
  }
  return columns;
}

/** Put the nodes of a column as near to the middle of their neighbours as they have room. */
function arrange(column: number[], neighbours: number[][], places: Float64Array): void {
  const wished = new Map<number, number>();
  for (const node of column) {
    const others = neighbours[node];
    const sum = others.reduce((all, other) => all + places[other], 0);
    wished.set(node, others.length === 0 ? places[node] : sum / others.length);
  }
  const wish = (node: number): number => wished.get(node) ?? 0;
  column.sort((a, b) => wish(a) - wish(b) || places[a] - places[b]);
  // Of places that are 1 apart, those with the least squares of distances to the wishes: blocks of
  // nodes that touch move together.
  const blocks: Array<{ sum: number; count: number }> = [];
  column.forEach((node, index) => {
    let block = { sum: wish(node) - index, count: 1 };
    let last = blocks.at(-1);
    while (last !== undefined && last.sum / last.count >= block.sum / block.count) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
      last = blocks.at(-1);
    }
    blocks.push(block);
  });
  let index = 0;
  for (const { count, sum } of blocks) {
    for (let rest = count; rest > 0; rest--) {
      places[column[index]] = sum / count + index;
      index += 1;
    }
  }
}
