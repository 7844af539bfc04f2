import { expect, it } from 'vitest';
import { fileName, toCsv } from '../../../src/plot/files';

it('a table becomes CSV in which nothing is a formula', () => {
  const table = {
    headings: ['prefix', 'tasks'],
    rows: [
      ['=HYPERLINK("http://x")', 1.5],
      ['a,"b"\nc', NaN],
      ['plain', -2]
    ]
  };

  expect(toCsv(table)).toBe(
    'prefix,tasks\r\n"\'=HYPERLINK(""http://x"")",1.5\r\n"a,""b""\nc",\r\nplain,-2\r\n'
  );
});

it('a file has a name that every system takes', () => {
  expect(fileName('memory ../../etc: größe', 'csv')).toBe('memory-etc-größe.csv');
  expect(fileName('///', 'png')).toBe('plot.png');
});
