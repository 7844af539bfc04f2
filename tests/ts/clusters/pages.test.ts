import { describe, expect, it } from 'vitest';
import { groupPages, pageGroup } from '../../../src/clusters/pages';

describe('pageGroup', () => {
  it.each([
    ['individual-task-stream', 'tasks'],
    ['individual-progress', 'tasks'],
    ['individual-graph', 'tasks'],
    ['individual-compute-time-per-key', 'tasks'],
    ['individual-aggregate-time-per-action', 'tasks'],
    ['individual-profile-server', 'tasks'],
    ['individual-fine-performance-metrics', 'tasks'],
    ['individual-nprocessing', 'workers'],
    ['individual-workers', 'workers'],
    ['individual-processing', 'workers'],
    ['individual-occupancy', 'workers'],
    ['individual-cluster-map', 'workers'],
    ['individual-workers-transfer-bytes', 'workers'],
    ['individual-workers-memory', 'memory'],
    ['individual-memory-by-key', 'memory'],
    ['individual-nbytes-cluster', 'memory'],
    ['individual-workers-cpu-timeseries', 'system'],
    ['individual-bandwidth-types', 'system'],
    ['individual-gpu-utilization', 'system'],
    ['individual-scheduler-system', 'system'],
    ['individual-event-loop', 'system'],
    ['status', 'other'],
    ['hardware', 'other'],
    ['__proto__', 'other'],
    ['', 'other']
  ])('%s is of %s', (name, group) => {
    expect(pageGroup(name)).toBe(group);
  });
});

describe('groupPages', () => {
  const page = (name: string): { name: string; title: string } => ({ name, title: name });
  const pages = ['status', 'b-task', 'a-task', 'gpu', 'graph'].map(page);

  it('has the favourites first, in their order, and each page once', () => {
    const groups = groupPages(pages, ['gpu', 'gone', 'b-task'], '');
    expect(groups.map(each => [each.group, each.pages.map(({ name }) => name)])).toEqual([
      ['favourites', ['gpu', 'b-task']],
      ['tasks', ['a-task', 'graph']],
      ['other', ['status']]
    ]);
  });

  it('finds all words anywhere in title and name, and leaves out what is empty', () => {
    expect(groupPages(pages, [], 'TASK a').map(each => each.pages.length)).toEqual([2]);
    expect(groupPages(pages, [], 'nothing like it')).toEqual([]);
  });
});
