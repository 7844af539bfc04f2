import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { toApiError } from '../api/errors';
import { problemText } from './words';

/** Tell the user what went wrong, where no card or form is at hand to say it. */
export function notifyFailure(thrown: unknown, trans: TranslationBundle): void {
  const { message, hint } = problemText(toApiError(thrown), trans);
  Notification.error([message, hint].filter(Boolean).join('\n'), { autoClose: 10_000 });
}

/** A command's action that tells its failure instead of throwing it at a menu. */
export function reporting<A, R>(
  trans: TranslationBundle,
  action: (args: A) => Promise<R>
): (args: A) => Promise<R | undefined> {
  return async args => {
    try {
      return await action(args);
    } catch (error) {
      notifyFailure(error, trans);
      return undefined;
    }
  };
}
