import * as React from 'react';
import { mayLaunch } from '../api/mode';
import { IconButton } from '../ui/icon-button';
import { stopIcon } from '../ui/icons';
import { Card } from './card';
import { PanelContext, usePanel, usePanelState } from './context';
import { Ended } from './ended';
import { Found } from './found';
import type { PanelModel } from './model';
import { NewButton } from './new-button';
import { Announcer, Notices, Unreachable } from './notices';

/** The form and what it needs come when it is first opened. */
const NewForm = React.lazy(() => import('./new-form'));

/** The content of the sidebar. */
export function Panel(props: { model: PanelModel }): JSX.Element {
  return (
    <PanelContext.Provider value={props.model}>
      <Content />
    </PanelContext.Provider>
  );
}

function Content(): JSX.Element {
  const model = usePanel();
  const { actions, trans } = model;
  const state = usePanelState();
  const { current, ended, error, form, formOpen, loaded } = state;
  const newButton = React.useRef<HTMLButtonElement>(null);
  const closeForm = (): void => {
    model.formOpen = false;
    newButton.current?.focus();
  };
  return (
    <>
      <div className="dasklab-Panel-head">
        <h2>{trans.__('Dask clusters')}</h2>
        {current.length > 0 && <span className="dasklab-Count">{current.length}</span>}
        {current.length > 1 && !actions.mode.readOnly && (
          <IconButton
            icon={stopIcon}
            label={trans.__('Stop all clusters…')}
            onClick={() => void actions.stopAll()}
          />
        )}
        <NewButton ref={newButton} state={state} />
      </div>
      <div className="dasklab-Panel-body">
        {formOpen && (
          <React.Suspense fallback={<p className="dasklab-Quiet">{trans.__('Loading…')}</p>}>
            <NewForm key={form} onClose={closeForm} />
          </React.Suspense>
        )}
        {loaded ? (
          <>
            <Notices state={state} />
            {current.length > 0 ? (
              <ul className="dasklab-List" aria-label={trans.__('Clusters')}>
                {current.map(id => (
                  <Card key={id} id={id} />
                ))}
              </ul>
            ) : (
              !formOpen && <Empty launching={state.launching} />
            )}
            <Found />
            <Ended ids={ended} />
          </>
        ) : error ? (
          <Unreachable state={state} />
        ) : (
          <p className="dasklab-Quiet">{trans.__('Looking for clusters…')}</p>
        )}
        <Announcer />
      </div>
    </>
  );
}

function Empty(props: { launching: boolean }): JSX.Element {
  const { launching } = props;
  const model = usePanel();
  const { actions, trans } = model;
  if (!mayLaunch(actions.mode)) {
    return (
      <div className="dasklab-Empty">
        <p>
          {trans.__(
            'No cluster is running. One that runs in a notebook with dasklab loaded appears by itself.'
          )}
        </p>
      </div>
    );
  }
  return (
    <div className="dasklab-Empty">
      <p>
        {trans.__(
          'No cluster is running. Start one here, or run one in a notebook with dasklab loaded and it appears by itself.'
        )}
      </p>
      <button
        type="button"
        className="dasklab-TextButton dasklab-mod-accept"
        aria-disabled={launching || undefined}
        onClick={() => void model.startLast()}
      >
        {launching ? trans.__('Starting…') : trans.__('Start a cluster')}
      </button>
      <button
        type="button"
        className="dasklab-LinkButton"
        onClick={() => {
          model.formOpen = true;
        }}
      >
        {trans.__('with options…')}
      </button>
    </div>
  );
}
