import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../src/outputs/payload';

const GOOD = {
  version: 1,
  kind: 'plots',
  title: 'drawn: the last 60 s',
  plots: ['task-stream', 'memory'],
  seconds: 60,
  cluster: { id: '0'.repeat(32), name: 'drawn' },
  recording: { data: 'AAAA', bytes: 3, rows: 0, since: 10, until: 20 }
};

describe('what lies in an output', () => {
  it('is read', () => {
    expect(readPayload(GOOD)).toEqual({
      kind: 'plots',
      title: 'drawn: the last 60 s',
      plots: ['task-stream', 'memory'],
      seconds: 60,
      cluster: '0'.repeat(32),
      recording: { data: 'AAAA', range: { from: 10, to: 20 } }
    });
  });

  it.each([
    ['nothing', undefined],
    ['text', 'plots'],
    ['a list', [GOOD]],
    ['a later version', { ...GOOD, version: 2 }],
    ['no plots', { ...GOOD, plots: [] }],
    ['plots of another kind', { ...GOOD, plots: 'task-stream' }],
    ['unknown plots only', { ...GOOD, plots: ['__proto__', 'zzz', 7, null] }]
  ])('is nothing to draw: %s', (_, value) => {
    expect(readPayload(value)).toBeNull();
  });

  it.each([
    ['no object', 'AAAA'],
    ['data that are no text', { ...GOOD.recording, data: ['AAAA'] }],
    ['a time without an end', { ...GOOD.recording, until: Infinity }],
    ['a time that runs backwards', { ...GOOD.recording, until: 5 }],
    ['times that are texts', { ...GOOD.recording, since: '1' }]
  ])('has no recording: %s', (_, recording) => {
    expect(readPayload({ ...GOOD, recording })?.recording).toBeNull();
  });

  it('is taken as far as it is good', () => {
    const read = readPayload({
      version: 1,
      kind: 'nonsense',
      title: 'x'.repeat(1e6),
      plots: ['memory', 'zzz', 'memory'],
      seconds: -1,
      cluster: { id: { toString: () => 'evil' } }
    });
    expect(read).toEqual({
      kind: 'plots',
      title: 'x'.repeat(300),
      plots: ['memory'],
      seconds: null,
      cluster: null,
      recording: null
    });
  });
});
