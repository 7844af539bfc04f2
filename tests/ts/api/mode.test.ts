import { describe, expect, it } from 'vitest';
import { abilities, ANYTHING, mayLaunch, readMode } from '../../../src/api/mode';
import type { Ability } from '../../../src/api/contract';

describe('the mode of a server', () => {
  it.each(['', 'null', '[]', '"text"', '{', '{}', '{"allowLaunch": "no", "readOnly": 1}'])(
    'is that everything may be done where the page says nothing else: %s',
    option => {
      expect(readMode(option)).toEqual(ANYTHING);
    }
  );

  it('turns launching off, alone or with everything else', () => {
    expect(mayLaunch(ANYTHING)).toBe(true);
    expect(mayLaunch(readMode('{"allowLaunch": false, "readOnly": false}'))).toBe(false);
    expect(mayLaunch(readMode('{"allowLaunch": true, "readOnly": true}'))).toBe(false);
  });

  it('leaves looking where nothing may be changed', () => {
    const can: ReadonlySet<Ability> = new Set(['scale', 'stop', 'dashboard']);
    expect(abilities(can, ANYTHING)).toBe(can);
    expect([...abilities(can, { allowLaunch: false, readOnly: false })]).toContain('scale');
    expect([...abilities(can, { allowLaunch: true, readOnly: true })]).toEqual(['dashboard']);
  });
});
