import * as React from 'react';
import type { ICluster } from '../api/contract';
import { PLOT_NAMES, plotTitle } from '../plots/names';
import { followPress } from '../ui/drag';
import { usePanel } from './context';

/** The live plots of a cluster: each opens a pane, or is dropped into a notebook as a cell. */
export function PlotList(props: { cluster: ICluster }): JSX.Element {
  const { cluster } = props;
  const { actions, trans } = usePanel();
  return (
    <div className="dasklab-Pages" role="group" aria-label={trans.__('Plots')}>
      <ul>
        {PLOT_NAMES.map((name, index) => {
          const title = plotTitle(name, trans);
          return (
            <li key={name}>
              <button
                type="button"
                autoFocus={index === 0}
                title={trans.__('Click to open, or drag a cell into a notebook')}
                onPointerDown={press =>
                  followPress(press, trans.__('%1: %2', cluster.name, title), () =>
                    actions.dragPlot(cluster, name)
                  )
                }
                onClick={() => void actions.openPlot(cluster, name)}
              >
                {title}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
