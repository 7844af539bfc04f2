import { describe, expect, test } from 'vitest';
import { readPredecessorLayout } from '../../../src/ui/predecessor';

describe('the default layout of dask-labextension', () => {
  test('each pane comes after the one it refers to', () => {
    const panes = readPredecessorLayout({
      'individual-progress': { mode: 'split-right', ref: 'individual-workers-memory' },
      'individual-workers-memory': { mode: 'split-bottom', ref: 'individual-task-stream' },
      'individual-task-stream': { mode: 'split-right', ref: null }
    });
    expect(panes).toEqual([
      { page: 'individual-task-stream', mode: 'split-right', ref: null },
      { page: 'individual-workers-memory', mode: 'split-bottom', ref: 'individual-task-stream' },
      { page: 'individual-progress', mode: 'split-right', ref: 'individual-workers-memory' }
    ]);
  });

  test('names of pages are read as it reads them', () => {
    expect(readPredecessorLayout({ '/task-stream': { mode: 'tab-before', ref: '' } })).toEqual([
      { page: 'individual-task-stream', mode: 'tab-before', ref: null }
    ]);
    expect(readPredecessorLayout({ progress: { ref: '/progress' } })).toEqual([
      { page: 'individual-progress', mode: 'tab-after', ref: null }
    ]);
  });

  test.each([[null], [7], [[]], ['text'], [{}]])('%j is none', value => {
    expect(readPredecessorLayout(value)).toEqual([]);
  });

  test('what cannot be placed is placed all the same', () => {
    const panes = readPredecessorLayout({
      a: { mode: 'split-left', ref: 'b' },
      b: { mode: 'sideways', ref: 'a' },
      c: { mode: 'split-top', ref: 'nowhere' },
      d: 'nonsense'
    });
    expect(panes).toEqual([
      { page: 'individual-d', mode: 'tab-after', ref: null },
      { page: 'individual-a', mode: 'split-left', ref: null },
      { page: 'individual-b', mode: 'tab-after', ref: null },
      { page: 'individual-c', mode: 'split-top', ref: null }
    ]);
  });
});
