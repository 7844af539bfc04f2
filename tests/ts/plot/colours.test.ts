import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  colourOf,
  contrast,
  PALETTE,
  packColour,
  parseColour,
  visibleOn
} from '../../../src/plot/colours';
import { md5Head } from '../../../src/plot/md5';

it('a prefix has the colour that Dask gives it', () => {
  // Written by distributed itself; tests/python/test_colours.py compares them with it again.
  const file = readFileSync('tests/fixtures/colours.json', 'utf8');
  const expected = JSON.parse(file) as Record<string, string>;

  expect(Object.fromEntries(Object.keys(expected).map(name => [name, colourOf(name)]))).toEqual(
    expected
  );
});

it('the digest is MD5 across the borders of its blocks', () => {
  // The first eight digits of the test suite of RFC 1321.
  expect(md5Head('')).toBe(0xd41d8cd9);
  expect(md5Head('abc')).toBe(0x90015098);
  expect(md5Head('message digest')).toBe(0xf96b697d);
  expect(md5Head('1234567890'.repeat(8))).toBe(0x57edf4a2);
});

describe('colours', () => {
  it('are read as CSS writes them', () => {
    expect(parseColour('#1a2B3c')).toEqual([26, 43, 60]);
    expect(parseColour(' #fff ')).toEqual([255, 255, 255]);
    expect(parseColour('rgb(1, 2, 3)')).toEqual([1, 2, 3]);
    expect(parseColour('rgba(1 2 3 / 0.5)')).toEqual([1, 2, 3]);
    expect(parseColour('url(evil)')).toEqual([0, 0, 0]);
    expect(packColour([1, 2, 3])).toBe(0xff030201);
  });

  it.each([
    ['white', '#ffffff'],
    ['JupyterLab’s dark', '#111111'],
    ['black', '#000000']
  ])('of the palette can all be seen on %s', (_, background) => {
    const paper = parseColour(background);
    for (const colour of PALETTE) {
      expect(contrast(visibleOn(parseColour(colour), paper), paper)).toBeGreaterThanOrEqual(1.6);
    }
  });

  it('that can be seen stay as they are', () => {
    expect(visibleOn([32, 165, 133], [255, 255, 255])).toEqual([32, 165, 133]);
  });
});
