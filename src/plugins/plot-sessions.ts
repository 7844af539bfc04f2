import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { PlotSessions } from '../plots/session';
import { IAttention, ICells, IClusters, IPlotSessions } from '../tokens';

/** The telemetry of this page's plots; one for panes and outputs, so that they share it. */
export const plotSessions: JupyterFrontEndPlugin<IPlotSessions> = {
  id: 'dasklab:plot-sessions',
  description: 'Keeps what plots of Dask clusters share: telemetry, time axis and filter.',
  autoStart: true,
  requires: [IClusters, IAttention],
  optional: [ITranslator, ICells],
  provides: IPlotSessions,
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    attention: IAttention,
    translator: ITranslator | null,
    cells: ICells | null
  ): IPlotSessions => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    let sessions: Promise<PlotSessions> | null = null;
    // The engine and the plots come with the first one that is drawn.
    return () =>
      (sessions ??= import(/* webpackChunkName: "plots" */ '../plots/session').then(
        found =>
          new found.PlotSessions(
            {
              open: id => clusters.api.telemetry(id),
              keys: (id, from, rows) => clusters.api.taskKeys(id, from, rows),
              profile: (id, since, until) => clusters.api.profile(id, since, until),
              graph: (id, known) => clusters.api.taskGraph(id, known),
              cells: cells ?? undefined
            },
            trans,
            attention
          )
      ));
  }
};
