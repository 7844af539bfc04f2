import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { IProblem } from '../api/contract';
import { tail } from '../api/text';
import { IconButton } from './icon-button';
import { problemText } from './words';

interface IProblemProps {
  problem: IProblem;
  trans: TranslationBundle;
  /** How loud it is: an error by default. */
  tone?: 'error' | 'warning' | 'plain';
  /** Read out at once; for what the user has just caused. */
  alert?: boolean;
  onDismiss?(): void;
}

/** What went wrong and what to do, with the end of the log where there is one. */
export function Problem(props: IProblemProps): JSX.Element {
  const { problem, trans, tone = 'error', alert = false, onDismiss } = props;
  const { message, hint } = problemText(problem, trans);
  const errors = detailLines(problem.details.errors);
  const log = logTail(problem.details.log);
  return (
    <div className={`dasklab-Problem dasklab-mod-${tone}`} role={alert ? 'alert' : undefined}>
      {onDismiss && <IconButton icon={closeIcon} label={trans.__('Dismiss')} onClick={onDismiss} />}
      <div className="dasklab-Problem-text">
        <p className="dasklab-Problem-message">{message}</p>
        {errors.length > 0 && (
          <ul className="dasklab-Problem-errors">
            {errors.map(error => (
              <li key={error}>{error}</li>
            ))}
          </ul>
        )}
        {hint && <p className="dasklab-Problem-hint">{hint}</p>}
      </div>
      {log && (
        <details className="dasklab-Problem-log">
          <summary>{trans.__('End of the log')}</summary>
          <pre tabIndex={0}>{log}</pre>
        </details>
      )}
    </div>
  );
}

/** The end of a log, which comes as text or as lines. */
function logTail(log: unknown): string {
  const lines: unknown[] = Array.isArray(log) ? log.slice(-1_000) : [log];
  return tail(lines.filter(line => typeof line === 'string').join('\n'));
}

/** The single errors of an `options.invalid`, as far as they are more than the message. */
function detailLines(errors: unknown): string[] {
  if (!Array.isArray(errors) || errors.length < 2) {
    return [];
  }
  const lines = errors.slice(0, 20).map((item: unknown) => {
    const message =
      typeof item === 'object' && item !== null && 'message' in item ? item.message : item;
    return typeof message === 'string' ? tail(message, 500) : '';
  });
  return [...new Set(lines.filter(Boolean))];
}
