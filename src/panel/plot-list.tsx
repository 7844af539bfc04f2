import * as React from 'react';
import { hasEnded, type ICluster } from '../api/contract';
import { plotsOf, plotTitle } from '../plots/names';
import { followPress } from '../ui/drag';
import { usePanel } from './context';

/**
 * The plots of a cluster: each opens a pane, or is dropped into a notebook as a cell. No cell could
 * compute on a cluster that has ended, so nothing of that one is dropped.
 */
export function PlotList(props: { cluster: ICluster }): JSX.Element {
  const { cluster } = props;
  const { actions, trans } = usePanel();
  const ended = hasEnded(cluster.phase);
  return (
    <div className="dasklab-Pages" role="group" aria-label={trans.__('Plots')}>
      <ul>
        {plotsOf(ended).map((name, index) => {
          const title = plotTitle(name, trans);
          return (
            <li key={name}>
              <button
                type="button"
                autoFocus={index === 0}
                title={
                  ended ? undefined : trans.__('Click to open, or drag a cell into a notebook')
                }
                onPointerDown={press => {
                  if (!ended) {
                    followPress(press, trans.__('%1: %2', cluster.name, title), () =>
                      actions.dragPlot(cluster, name)
                    );
                  }
                }}
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
