import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IProblem } from '../api/contract';
import { Problem } from './problem';

/** What can be done about it: a button. */
export interface IOffer {
  readonly label: string;
  run(): void;
}

/** What a pane says instead of its content. */
export interface IPaneMessage {
  /** Empty where the problem says all. */
  readonly text: string;
  readonly problem: IProblem | null;
  readonly offers: ReadonlyArray<IOffer>;
}

export class MessageView extends ReactWidget {
  constructor(trans: TranslationBundle) {
    super();
    this._trans = trans;
    this.addClass('dasklab-Message');
  }

  set message(message: IPaneMessage | null) {
    this._message = message;
    this.update();
  }

  protected override render(): JSX.Element | null {
    const message = this._message;
    if (message === null) {
      return null;
    }
    return (
      <div className="dasklab-Message-content" role="status">
        {message.text && <p>{message.text}</p>}
        {message.problem && <Problem problem={message.problem} trans={this._trans} tone="plain" />}
        {message.offers.length > 0 && (
          <div className="dasklab-Message-offers">
            {message.offers.map(({ label, run }) => (
              <button key={label} type="button" className="dasklab-TextButton" onClick={run}>
                {label}
              </button>
            ))}
          </div>
        )}
      </div>
    );
  }

  private readonly _trans: TranslationBundle;
  private _message: IPaneMessage | null = null;
}
