import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, Preferences } from '../../../src/ui/preferences';

describe('Preferences', () => {
  it('takes what is set and leaves the rest as by default', () => {
    const preferences = new Preferences();
    let told = 0;
    preferences.changed.connect(() => (told += 1));
    preferences.read({ confirmStop: false, hidePanel: 'yes', favouritePages: ['a', 3] });
    expect(preferences.values).toEqual({
      ...DEFAULTS,
      confirmStop: false,
      favouritePages: ['a']
    });
    expect(told).toBe(1);
  });

  it('has the defaults of the schema', () => {
    const file = path.join(__dirname, '../../../labextension/schema/panel.json');
    const { properties } = JSON.parse(readFileSync(file, 'utf8')) as {
      properties: Record<string, { default: unknown }>;
    };
    const defaults = Object.entries(properties).map(([name, each]) => [name, each.default]);
    const preferences = new Preferences();
    preferences.read(Object.fromEntries(defaults));
    expect(preferences.values).toEqual(DEFAULTS);
    expect(defaults.map(([name]) => name)).toEqual(Object.keys(DEFAULTS));
  });
});
