/** What JupyterLab leaves of a strip in a notebook that is not trusted. */
import { Sanitizer } from '@jupyterlab/apputils';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const strip = readFileSync('tests/fixtures/notebook/strip.html', 'utf8');

const PICTURE = /<img src="data:image\/svg\+xml;base64,[\w+/=]+"/g;

it('shows figures and pictures of a strip in an untrusted notebook', () => {
  const shown = new Sanitizer().sanitize(strip);
  const pictures = strip.match(PICTURE);
  expect(pictures?.length).toBeGreaterThanOrEqual(5);
  expect(shown.match(PICTURE)).toEqual(pictures);
  expect(shown).toContain('40 tasks · 2 threads');
});
