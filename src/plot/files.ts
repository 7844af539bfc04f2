/** A plot as a file: a picture, or a table for a spreadsheet. */
import type { ITable } from './plot';

/**
 * Comma-separated values. A text that a spreadsheet would take for a formula gets an apostrophe in
 * front: names of tasks come from whoever used the cluster.
 */
export function toCsv(table: ITable<string | number>): string {
  const cell = (value: string | number): string => {
    if (typeof value === 'number') {
      return Number.isNaN(value) ? '' : `${value}`;
    }
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [table.headings, ...table.rows].map(row => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Let the browser save a file. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name that every file system takes. */
export function fileName(title: string, ending: string): string {
  const plain = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${plain || 'plot'}.${ending}`;
}
