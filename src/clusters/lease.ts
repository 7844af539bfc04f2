/** The lease's countdown: when a cluster ends if nothing changes, in words. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ILease } from '../api/contract';

/**
 * Time left in the coarsest unit that still says enough; seconds only in the last two minutes,
 * so that a list of clusters does not flicker. Symbols of units, for there is little room.
 *
 * @param seconds - Time left, in seconds.
 */
export function timeLeft(seconds: number, trans: TranslationBundle): string {
  if (seconds < 120) {
    return trans.__('%1 s', Math.ceil(seconds));
  }
  if (seconds < 7_200) {
    return trans.__('%1 min', Math.floor(seconds / 60));
  }
  if (seconds < 172_800) {
    return trans.__('%1 h', Math.floor(seconds / 3_600));
  }
  return trans.__('%1 d', Math.floor(seconds / 86_400));
}

/** Why the countdown runs, as the reason it will be stopped for. */
export function leaseCause(cause: string | null, trans: TranslationBundle): string {
  switch (cause ?? '') {
    case 'idle':
      return trans.__('It will stop because it is idle.');
    case 'no-client':
      return trans.__('It will stop because no client is connected.');
    case 'max-age':
      return trans.__('It will stop because it reaches its maximum age.');
    default:
      return trans.__('It will stop when its lease ends.');
  }
}

/**
 * Seconds until the lease ends, null while nothing counts down.
 *
 * @param now - Milliseconds since the epoch, by the server's clock.
 */
export function secondsLeft(lease: ILease, now: number): number | null {
  return lease.pinned || lease.deadline === null ? null : lease.deadline - now / 1_000;
}
