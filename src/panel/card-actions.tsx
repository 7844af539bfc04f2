import * as React from 'react';
import { hasEnded, hasPlots, isComing, type ICluster } from '../api/contract';
import { abilities } from '../api/mode';
import { followPress } from '../ui/drag';
import { IconButton } from '../ui/icon-button';
import {
  connectIcon,
  dashboardsIcon,
  detachIcon,
  forgetIcon,
  logsIcon,
  plotsIcon,
  restartIcon,
  scaleIcon,
  stopIcon
} from '../ui/icons';
import type { Attempt } from './card-metrics';
import { confirmRestart, confirmStop } from './confirm';
import { useNotebook, usePanel, withoutFigures } from './context';
import { PageList } from './page-list';
import { PlotList } from './plot-list';
import { ScaleForm } from './scale-form';

interface IActionsProps {
  cluster: ICluster;
  attempt: Attempt;
}

type Drawer = 'pages' | 'plots' | 'scale';

/** The buttons of a card, as its abilities and its phase allow, and what opens beneath them. */
export const CardActions = withoutFigures(function CardActions(
  props: IActionsProps
): JSX.Element | null {
  const { cluster, attempt } = props;
  const { hasLog, phase, name } = cluster;
  const model = usePanel();
  const { actions, clusters, trans } = model;
  const can = abilities(cluster.can, actions.mode);
  const [drawer, setDrawer] = React.useState<Drawer | null>(null);
  const [busy, setBusy] = React.useState(false);
  const opener = React.useRef<HTMLButtonElement | null>(null);
  const drawerId = `dasklab-drawer-${cluster.id}`;
  const ended = hasEnded(phase);
  const alive = !ended && phase !== 'starting' && phase !== 'stopping';

  const toggle = (which: Drawer): void => setDrawer(drawer === which ? null : which);
  const close = (): void => {
    setDrawer(null);
    opener.current?.focus();
  };
  const run = async (ask: Promise<boolean>, what: () => Promise<void>): Promise<void> => {
    if (!busy && (await ask)) {
      setBusy(true);
      await attempt(what);
      setBusy(false);
    }
  };
  const remove = (): Promise<void> => model.remove(cluster.id);
  const openLog = (): void => void actions.openLog(cluster);

  if (phase === 'starting') {
    return (
      <div className="dasklab-Actions" role="group" aria-label={trans.__('Actions')}>
        {!actions.mode.readOnly && (
          <button
            type="button"
            className="dasklab-TextButton"
            disabled={busy}
            onClick={() => void run(Promise.resolve(true), remove)}
          >
            {trans.__('Cancel')}
          </button>
        )}
        {hasLog && (
          <IconButton icon={logsIcon} label={trans.__('Log of “%1”', name)} onClick={openLog} />
        )}
      </div>
    );
  }
  return (
    <>
      <div className="dasklab-Actions" role="group" aria-label={trans.__('Actions')}>
        {alive && <ConnectButton cluster={cluster} />}
        {alive && can.has('dashboard') && (
          <IconButton
            ref={drawer === 'pages' ? opener : undefined}
            icon={dashboardsIcon}
            label={trans.__('Dashboard pages of “%1”', name)}
            text={trans.__('Dashboards')}
            expanded={drawer === 'pages'}
            controls={drawerId}
            onClick={() => toggle('pages')}
          />
        )}
        {(alive || ended) && hasPlots(cluster) && (
          <IconButton
            ref={drawer === 'plots' ? opener : undefined}
            icon={plotsIcon}
            label={ended ? trans.__('Plots of “%1”', name) : trans.__('Live plots of “%1”', name)}
            expanded={drawer === 'plots'}
            controls={drawerId}
            onClick={() => toggle('plots')}
          />
        )}
        <span className="dasklab-Actions-gap" />
        {alive && (can.has('scale') || can.has('adapt')) && (
          <IconButton
            ref={drawer === 'scale' ? opener : undefined}
            icon={scaleIcon}
            label={trans.__('Scale “%1”', name)}
            expanded={drawer === 'scale'}
            controls={drawerId}
            onClick={() => toggle('scale')}
          />
        )}
        {hasLog && (
          <IconButton icon={logsIcon} label={trans.__('Log of “%1”', name)} onClick={openLog} />
        )}
        {alive && !isComing(phase) && can.has('restart') && (
          <IconButton
            icon={restartIcon}
            label={trans.__('Restart the workers of “%1”', name)}
            onClick={() =>
              void run(confirmRestart(cluster, trans), () => clusters.restart(cluster.id))
            }
          />
        )}
        {alive && can.has('detach') && (
          <IconButton
            icon={detachIcon}
            label={trans.__('Detach from “%1”', name)}
            help={trans.__('Take “%1” off this list; it goes on where it runs', name)}
            onClick={() => void run(Promise.resolve(true), () => clusters.detach(cluster.id))}
          />
        )}
        {alive && can.has('stop') && (
          <IconButton
            icon={stopIcon}
            label={trans.__('Stop “%1”', name)}
            onClick={() => void run(confirmStop(cluster, actions.preferences, trans), remove)}
          />
        )}
        {ended && !actions.mode.readOnly && (
          <IconButton
            icon={forgetIcon}
            label={trans.__('Forget “%1”: remove it from the list', name)}
            onClick={() => void run(Promise.resolve(true), remove)}
          />
        )}
      </div>
      {(alive || (ended && drawer === 'plots')) && drawer && (
        <div id={drawerId} className="dasklab-Drawer" onKeyDown={closeOnEscape(close)}>
          {drawer === 'scale' ? (
            <ScaleForm cluster={cluster} onClose={close} />
          ) : drawer === 'plots' ? (
            <PlotList cluster={cluster} />
          ) : (
            <PageList cluster={cluster} />
          )}
        </div>
      )}
    </>
  );
});

function ConnectButton(props: { cluster: ICluster }): JSX.Element {
  const { cluster } = props;
  const { actions, trans } = usePanel();
  const notebook = useNotebook();
  return (
    <IconButton
      icon={connectIcon}
      label={
        notebook === null
          ? trans.__('Connect a notebook to “%1”', cluster.name)
          : trans.__('Connect %1 to “%2”', notebook, cluster.name)
      }
      help={trans.__('Click to connect %1, or drag a cell into a notebook', notebook ?? '')}
      text={trans.__('Connect')}
      unavailable={notebook === null ? trans.__('Open a notebook to connect it') : null}
      onPress={press =>
        followPress(press, trans.__('Connect to “%1”', cluster.name), () =>
          actions.dragConnect(cluster)
        )
      }
      onClick={() => void actions.connect(cluster)}
    />
  );
}

function closeOnEscape(close: () => void): React.KeyboardEventHandler {
  return event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
  };
}
