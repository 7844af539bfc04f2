/** Numbers and times beside axes and in tooltips. */
import { formatBytes, formatCount } from '../ui/units';
import type { Unit } from './scale';

/** A length of time with three significant digits: `12.3 ms`, `4.56 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) {
    return '0 s';
  }
  if (size < 0.9995e-3) {
    return `${digits(seconds * 1e6)} µs`;
  }
  if (size < 0.9995) {
    return `${digits(seconds * 1e3)} ms`;
  }
  if (size < 119.5) {
    return `${digits(seconds)} s`;
  }
  const whole = Math.round(seconds);
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3_600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  // The two largest parts; the smaller one only where there is any.
  const parts: ReadonlyArray<readonly [number, string]> =
    days > 0
      ? [
          [days, 'd'],
          [hours, 'h']
        ]
      : hours > 0
        ? [
            [hours, 'h'],
            [minutes, 'min']
          ]
        : [
            [minutes, 'min'],
            [rest, 's']
          ];
  return parts
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A value as it is written beside an axis of its unit and in a tooltip. */
export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) {
    return '–';
  }
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'rate':
      return `${formatBytes(value)}/s`;
    case 'count':
      return formatCount(value);
    case 'percent':
      return `${digits(value * 100)} %`;
    case 'seconds':
      return formatSeconds(value);
    case 'cores':
      return digits(value);
  }
}

/** The time of day of a moment in epoch seconds, as fine as the step of its axis needs. */
export function formatClock(time: number, step: number): string {
  // To the millisecond, or a tick of 12:00:01 may be written as 12:00:00.
  const date = new Date(Math.round(time * 1e6) / 1e3);
  if (step >= 86_400) {
    return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  }
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (step >= 60) {
    return clock;
  }
  const whole = `${clock}:${pad(date.getSeconds())}`;
  if (step >= 1) {
    return whole;
  }
  const places = Math.min(6, Math.ceil(-Math.log10(step) - 1e-9));
  const rest = Math.round((time - Math.floor(time)) * 10 ** places);
  return `${whole}.${`${rest}`.padStart(places, '0').slice(-places)}`;
}

/** Seconds by which local time is ahead: axes are stepped in local hours and days. */
export function zoneOffset(time: number): number {
  return -60 * new Date(time * 1000).getTimezoneOffset();
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString(undefined, {
    maximumFractionDigits: size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2
  });
}

function pad(value: number): string {
  return `${value}`.padStart(2, '0');
}
