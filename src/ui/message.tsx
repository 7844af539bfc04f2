import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IProblem } from '../api/contract';
import { Problem } from './problem';

/** What a pane says instead of its content. */
export type PaneMessage =
  | { readonly kind: 'busy'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string; readonly problem: IProblem | null }
  | { readonly kind: 'problem'; readonly problem: IProblem };

export class MessageView extends ReactWidget {
  /**
   * @param retry - What the button beneath a problem does.
   */
  constructor(trans: TranslationBundle, retry: () => void) {
    super();
    this._trans = trans;
    this._retry = retry;
    this.addClass('dasklab-Message');
  }

  set message(message: PaneMessage | null) {
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
        {message.kind !== 'problem' && <p>{message.text}</p>}
        {message.kind !== 'busy' && message.problem && (
          <Problem problem={message.problem} trans={this._trans} tone="plain" />
        )}
        {message.kind === 'problem' && (
          <button type="button" className="dasklab-TextButton" onClick={this._retry}>
            {this._trans.__('Try again')}
          </button>
        )}
      </div>
    );
  }

  private readonly _trans: TranslationBundle;
  private readonly _retry: () => void;
  private _message: PaneMessage | null = null;
}
