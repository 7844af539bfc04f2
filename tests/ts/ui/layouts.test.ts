import { describe, expect, it } from 'vitest';
import { DEFAULT_LAYOUTS, readLayouts } from '../../../src/ui/layouts';

describe('readLayouts', () => {
  it('fills in what is left out: the first beside what is in front, the next ones behind it', () => {
    expect(readLayouts({ mine: [{ page: 'a' }, { page: 'b' }] })).toEqual({
      ...DEFAULT_LAYOUTS,
      mine: [
        { page: 'a', mode: 'split-right', ref: null },
        { page: 'b', mode: 'tab-after', ref: null }
      ]
    });
  });

  it('leaves out what cannot be read, and a layout with nothing else', () => {
    const panes = [{ page: 3 }, 'x', null, { page: 'a', mode: 'sideways', ref: 7 }];
    expect(readLayouts({ odd: panes, empty: [], none: 'text' })).toEqual({
      ...DEFAULT_LAYOUTS,
      odd: [{ page: 'a', mode: 'split-right', ref: null }]
    });
  });

  it('is what the settings say by default where there are none', () => {
    expect(readLayouts(undefined)).toEqual(DEFAULT_LAYOUTS);
  });

  it('puts a layout in the place of one of ours, and takes one away', () => {
    const layouts = readLayouts({ Tasks: [], Memory: [{ page: 'a' }] });
    expect(Object.keys(layouts)).toEqual(['Memory']);
    expect(layouts.Memory).toHaveLength(1);
  });

  it('keeps a name that an object has by nature', () => {
    const layouts = readLayouts(JSON.parse('{"__proto__": [{"page": "a"}]}'));
    expect(Object.keys(layouts)).toEqual(['Tasks', 'Memory', '__proto__']);
  });
});
