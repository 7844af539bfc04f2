import { describe, expect, it } from 'vitest';
import { layOut } from '../../../src/plots/graph-layout';
import { dice } from '../telemetry/story';

/** How many pairs of edges between the same two columns cross each other. */
function crossings(edges: ReadonlyArray<number>, places: Float64Array): number {
  let count = 0;
  for (let a = 0; a < edges.length; a += 2) {
    for (let b = 0; b < a; b += 2) {
      const from = places[edges[a]] - places[edges[b]];
      const to = places[edges[a + 1]] - places[edges[b + 1]];
      count += from * to < 0 ? 1 : 0;
    }
  }
  return count;
}

describe('the layout of a task graph', () => {
  it('has what is needed left of what needs it, as near as can be', () => {
    // 0 → 1 → 2 → 3, and 4 is needed by 3 only.
    const { columns, width } = layOut(5, [0, 1, 1, 2, 2, 3, 4, 3]);
    expect([...columns]).toEqual([0, 1, 2, 3, 2]);
    expect(width).toBe(4);
  });

  it('keeps the nodes of a column apart, and all around the middle', () => {
    const roll = dice(1);
    const edges: number[] = [];
    for (let node = 50; node < 200; node++) {
      edges.push(Math.floor(roll() * 50), node, Math.floor(roll() * 50), node);
    }
    const { columns, places, reach } = layOut(200, edges);
    for (const column of new Set(columns)) {
      const found = [...places].filter((_, node) => columns[node] === column).sort((a, b) => a - b);
      found.slice(1).forEach((place, index) => {
        expect(place - found[index]).toBeGreaterThan(1 - 1e-9);
      });
    }
    expect(Math.max(...places)).toBeCloseTo(reach);
    expect(Math.min(...places)).toBeCloseTo(-reach);
  });

  it('untangles edges', () => {
    const mixed = [3, 0, 2, 1].flatMap((from, to) => [from, 4 + to]);
    expect(crossings(mixed, layOut(8, mixed).places)).toBe(0);
  });

  it('puts circles somewhere, and nothing where there is nothing', () => {
    const { columns, places } = layOut(3, [0, 1, 1, 2, 2, 0]);
    expect(new Set(columns).size).toBeGreaterThan(1);
    expect([...places].every(Number.isFinite)).toBe(true);
    expect(layOut(0, [])).toMatchObject({ width: 0, reach: 0 });
  });
});
