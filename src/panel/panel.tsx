import { addIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Card } from './card';
import { PanelContext, usePanel, usePanelState } from './context';
import { Ended } from './ended';
import type { PanelModel } from './model';
import { NewForm } from './new-form';
import { Announcer, Notices, Unreachable } from './notices';

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
  const { trans } = model;
  const state = usePanelState();
  const { current, ended, error, formOpen, loaded } = state;
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
        <button
          ref={newButton}
          type="button"
          className="dasklab-TextButton dasklab-Panel-new"
          aria-expanded={formOpen}
          title={trans.__('Start a new cluster')}
          onClick={() => {
            model.formOpen = !formOpen;
          }}
        >
          <addIcon.react tag="span" className="dasklab-Icon" />
          <span>{trans.__('New')}</span>
        </button>
      </div>
      <div className="dasklab-Panel-body">
        {formOpen && <NewForm onClose={closeForm} />}
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
              !formOpen && <Empty />
            )}
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

function Empty(): JSX.Element {
  const model = usePanel();
  const { trans } = model;
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
        onClick={() => {
          model.formOpen = true;
        }}
      >
        {trans.__('Start a cluster')}
      </button>
    </div>
  );
}
