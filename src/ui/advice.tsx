import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IAdvice } from '../api/contract';

/** Findings with what to change, and the lines that show them. */
export function Advice(props: {
  advice: ReadonlyArray<IAdvice>;
  label: string;
  trans: TranslationBundle;
  /** Has what was given up tried again, where that can be asked for. */
  onAgain?: () => void;
}): JSX.Element | null {
  const { advice, label, trans, onAgain } = props;
  if (advice.length === 0) {
    return null;
  }
  return (
    <ul className="dasklab-Advice" aria-label={label}>
      {advice.map(found => (
        <li
          key={`${found.code} ${found.message}`}
          className={`dasklab-Problem dasklab-mod-${tone(found.severity)}`}
        >
          <div className="dasklab-Problem-text">
            <p className="dasklab-Problem-message">{found.message}</p>
            {found.hint && <p className="dasklab-Problem-hint">{found.hint}</p>}
          </div>
          {found.again && onAgain && (
            <button type="button" className="dasklab-TextButton" onClick={onAgain}>
              {trans.__('Try again')}
            </button>
          )}
          {found.evidence.length > 0 && (
            <details className="dasklab-Problem-log">
              <summary>{trans.__('What shows it')}</summary>
              <pre tabIndex={0}>{found.evidence.join('\n')}</pre>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

function tone(severity: IAdvice['severity']): string {
  return severity === 'note' ? 'plain' : severity;
}
