/** Numbers as people read them. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** An amount of memory with three significant digits, in the units Dask uses: `1.21 GiB`. */
export function formatBytes(bytes: number, locale?: string): string {
  const unit = unitOf(bytes);
  return `${amount(bytes, unit, locale)} ${UNITS[unit]}`;
}

/** An amount and its limit, both in the limit's unit: `0.1`, `8 GiB`. */
export function formatShare(used: number, limit: number, locale?: string): [string, string] {
  const unit = unitOf(limit);
  return [amount(used, unit, locale), formatBytes(limit, locale)];
}

/** Cores in use: the tenth counts as long as there are few. */
export function formatCores(cores: number, locale?: string): string {
  return write(cores, cores < 9.95 ? 1 : 0, locale);
}

/** A number of things where there is little room: `950`, `12K`, `1.2M`. */
export function formatCount(count: number, locale?: string): string {
  return write(count, 1, locale, 'compact');
}

function unitOf(bytes: number): number {
  let value = bytes;
  let unit = 0;
  // Beyond 999 the next unit: "1,010 MiB" is harder to read than "0.99 GiB".
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return unit;
}

function amount(bytes: number, unit: number, locale?: string): string {
  const value = bytes / 1_024 ** unit;
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return write(value, digits, locale);
}

/** Formats that were made: to make one takes far longer than to use it. */
const formats = new Map<string, Intl.NumberFormat>();

function write(
  value: number,
  maximumFractionDigits: number,
  locale?: string,
  notation: 'compact' | 'standard' = 'standard'
): string {
  const key = `${locale} ${maximumFractionDigits} ${notation}`;
  const format =
    formats.get(key) ?? new Intl.NumberFormat(locale, { maximumFractionDigits, notation });
  formats.set(key, format);
  return format.format(value);
}
