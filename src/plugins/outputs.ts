import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { PlotOutput } from '../outputs/output';
import { MIME } from '../outputs/payload';
import { IClusters, IPlotSessions } from '../tokens';
import { CommandIDs } from './ids';

/** Before HTML, which everybody else takes. */
const RANK = 40;

/** Draws what `%%dask` and `%dask plot` leave in notebooks. */
export const outputs: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:outputs',
  description: 'Draws plots of Dask clusters in the outputs of notebooks.',
  autoStart: true,
  requires: [IClusters, IPlotSessions, IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    sessions: IPlotSessions,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const open = (cluster: string): void => {
      void app.commands.execute(CommandIDs.openPlot, { cluster });
    };
    rendermime.addFactory(
      {
        // Of notebooks that are not trusted nothing is unpacked: they show the picture.
        safe: false,
        mimeTypes: [MIME],
        createRenderer: () => new PlotOutput({ clusters, open, rendermime, sessions, trans })
      },
      RANK
    );
  }
};
