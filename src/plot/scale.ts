/** From values to pixels and back, and the round values that are written beside an axis. */

/** A linear scale; one object is set anew at each frame. */
export class Scale {
  low = 0;
  high = 1;
  /** Pixels of `low` and `high`. */
  begin = 0;
  end = 1;

  set(low: number, high: number, begin: number, end: number): this {
    this.low = low;
    this.high = high > low ? high : low + 1;
    this.begin = begin;
    this.end = end;
    return this;
  }

  at(value: number): number {
    return this.begin + ((value - this.low) / (this.high - this.low)) * (this.end - this.begin);
  }

  invert(pixel: number): number {
    return this.low + ((pixel - this.begin) / (this.end - this.begin)) * (this.high - this.low);
  }
}

/** How values of an axis are stepped and written. */
export type Unit = 'count' | 'bytes' | 'rate' | 'percent' | 'seconds' | 'cores';

/** Seconds of the steps of a time axis from a second on; below, powers of ten. */
const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
  604800
];

/** The smallest of 1, 2 and 5 times a power of the base that is not below a size. */
export function niceStep(size: number, base: number = 10): number {
  if (!(size > 0) || size === Infinity) {
    return 1;
  }
  const power = base ** Math.floor(Math.log(size) / Math.log(base) + 1e-9);
  const steps = base === 10 ? [1, 2, 5] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  return power * (steps.find(step => step * power >= size * (1 - 1e-9)) ?? base);
}

/** The step of a time axis that is not below a number of seconds. */
export function timeStep(size: number): number {
  return size <= 1
    ? niceStep(size)
    : (TIME_STEPS.find(step => step >= size) ?? 604_800 * niceStep(size / 604_800));
}

export function valueStep(size: number, unit: Unit): number {
  switch (unit) {
    case 'bytes':
    case 'rate':
      return niceStep(size, 1024);
    case 'count':
      return Math.max(1, niceStep(size));
    case 'seconds':
      return timeStep(size);
    case 'percent':
    case 'cores':
      return niceStep(size);
  }
}

/** Fill `out` with the multiples of a step in a range, counted from `origin`. */
export function ticks(
  low: number,
  high: number,
  step: number,
  out: number[],
  origin: number = 0
): number[] {
  out.length = 0;
  const first = Math.ceil((low - origin) / step - 1e-9);
  // A range that is not finite or a step of nothing must not fill the memory.
  for (
    let index = first;
    origin + index * step <= high + step * 1e-9 && out.length < 200;
    index++
  ) {
    out.push(origin + index * step);
  }
  return out;
}

/** The end of a value axis: the next step above what is shown. */
export function niceHigh(high: number, unit: Unit, steps: number = 8): number {
  const floor = unit === 'count' ? 1 : unit === 'bytes' || unit === 'rate' ? 1024 : 1e-3;
  // A little room above: a line along the very edge is hard to see.
  const size = Math.max(high * 1.04, floor);
  const step = valueStep(size / steps, unit);
  return Math.ceil(size / step - 1e-9) * step;
}
