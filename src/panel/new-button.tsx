import { addIcon, caretDownIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { choiceText, launchRefusal } from '../ui/words';
import { usePanel } from './context';
import type { IPanelState } from './model';

/** One click launches as the last time; its other half has the profiles and the form. */
export const NewButton = React.forwardRef<HTMLButtonElement, { state: IPanelState }>(
  function NewButton(props, ref) {
    const { formOpen, launching, next } = props.state;
    const model = usePanel();
    const { actions, trans } = model;
    const refusal = launchRefusal(actions.mode, trans);
    const off = refusal !== null;
    return (
      <span className="dasklab-Panel-new" role="group" aria-label={trans.__('New cluster')}>
        <button
          type="button"
          className="dasklab-TextButton"
          // Not disabled: it would lose the focus, and could not say why it does nothing.
          aria-disabled={launching || off || undefined}
          title={refusal ?? trans.__('Start a new cluster: %1', choiceText(next, trans))}
          onClick={() => void model.startLast()}
        >
          <addIcon.react tag="span" className="dasklab-Icon" />
          <span>{trans.__('New')}</span>
        </button>
        <button
          ref={ref}
          type="button"
          className="dasklab-TextButton"
          aria-haspopup="menu"
          aria-label={trans.__('Profiles and options')}
          aria-expanded={formOpen}
          aria-disabled={off || undefined}
          title={refusal ?? trans.__('Profiles and options')}
          onClick={event => off || void actions.openNewMenu(event.currentTarget)}
        >
          <caretDownIcon.react tag="span" className="dasklab-Icon" />
        </button>
      </span>
    );
  }
);
