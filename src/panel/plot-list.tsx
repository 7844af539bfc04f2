import * as React from 'react';
import type { ICluster } from '../api/contract';
import { PLOT_NAMES, plotTitle } from '../plots/names';
import { usePanel } from './context';

/** The live plots of a cluster: each opens a pane. */
export function PlotList(props: { cluster: ICluster }): JSX.Element {
  const { cluster } = props;
  const { actions, trans } = usePanel();
  return (
    <div className="dasklab-Pages" role="group" aria-label={trans.__('Plots')}>
      <ul>
        {PLOT_NAMES.map((name, index) => (
          <li key={name}>
            <button
              type="button"
              autoFocus={index === 0}
              onClick={() => void actions.openPlot(cluster, name)}
            >
              {plotTitle(name, trans)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
