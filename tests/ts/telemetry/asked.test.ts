import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Asked } from '../../../src/telemetry/asked';
import { readCallTree } from '../../../src/telemetry/call-tree';
import { readTaskGraph, stateOf } from '../../../src/telemetry/task-graph';
import { callTree, taskGraph } from './answers';

describe('what is asked for', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is asked once for a question, and again after a pause', async () => {
    const told = vi.fn();
    const ask = vi.fn(async (question: number) => question * 2);
    const asked = new Asked(ask, told, 1_000);
    asked.want(1);
    asked.want(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.value).toBe(2);
    expect(told).toHaveBeenCalledTimes(1);
    // Too early: who draws is told when it is time, and asks again.
    asked.want(2);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toHaveBeenCalledTimes(2);
    asked.want(1);
    expect(ask).toHaveBeenCalledTimes(1);
    asked.want(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.value).toBe(4);
    expect(ask).toHaveBeenLastCalledWith(2, 2);
  });

  it('keeps the last answer when there is no newer one, and says why', async () => {
    let fails = false;
    const asked = new Asked<number, string>(
      async () => {
        if (fails) {
          throw new Error('The cluster is gone.');
        }
        return 'seen';
      },
      () => {},
      10
    );
    asked.want(1);
    await vi.advanceTimersByTimeAsync(20);
    fails = true;
    asked.want(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.value).toBe('seen');
    expect(asked.failure).toBe('The cluster is gone.');
    asked.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a profile', () => {
  it('is a tree whose calls lie within their callers', () => {
    const { calls, samples } = readCallTree(callTree());
    expect(samples).toBe(8_400);
    expect(calls.length).toBeGreaterThan(50);
    for (const { begin, depth, parent, samples: width } of calls.filter(call => call.parent >= 0)) {
      const above = calls[parent];
      expect(depth).toBe(above.depth + 1);
      expect(begin).toBeGreaterThanOrEqual(above.begin);
      expect(begin + width).toBeLessThanOrEqual(above.begin + above.samples);
    }
    const own = calls.reduce((sum, call) => sum + call.self, 0);
    expect(own).toBe(calls.filter(call => call.parent < 0).reduce((sum, c) => sum + c.samples, 0));
  });

  it('leaves out what does not add up', () => {
    const node = { parent: -1, name: 'f', file: 'a.py', line: 3, code: '', samples: 10 };
    const { calls } = readCallTree({
      samples: 10,
      nodes: [node, { ...node, parent: 7 }, { ...node, parent: 0, samples: 99 }, null, 'x']
    });
    expect(calls.map(call => [call.parent, call.samples, call.self])).toEqual([
      [-1, 10, 0],
      [0, 10, 10]
    ]);
    expect(readCallTree('nonsense')).toMatchObject({ samples: 0, calls: [] });
  });
});

describe('a task graph', () => {
  it('keeps its shape while only the states are told', () => {
    const whole = taskGraph('tasks', 4);
    const first = readTaskGraph(whole, null);
    const states = '5'.repeat(first.shape.nodes.length);
    const second = readTaskGraph({ ...whole, nodes: null, edges: null, states }, first);
    expect(second.shape).toBe(first.shape);
    expect(first.standing.map(stateOf)).toContain('processing');
    expect(new Set(second.standing.map(stateOf))).toEqual(new Set(['memory']));
  });

  it('has the tasks of a group by state', () => {
    const { shape, standing, tasks } = readTaskGraph(taskGraph('groups'), null);
    expect(shape.grouped).toBe(true);
    expect(tasks).toBe(61_001);
    expect(standing[0]).toMatchObject({ released: 9_000, queued: 4_000, processing: 64 });
  });

  it('has no edges to nodes that there are not, nor states that nobody knows', () => {
    const nodes = [{ name: 'a', prefix: 'a', group: 'a' }, 7];
    const edges = [0, 1, 1, 5, 0, 0, 'x', 1, 0];
    const { shape, standing } = readTaskGraph({ id: 'i', nodes, edges, states: '9z' }, null);
    expect(shape.edges).toEqual([0, 1, 0, 1]);
    expect(standing.map(stateOf)).toEqual(['waiting', 'waiting']);
    expect(readTaskGraph(null, null).shape.nodes).toEqual([]);
  });
});
