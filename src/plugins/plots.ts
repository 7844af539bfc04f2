import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { InputDialog, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { hasEnded, hasPlots } from '../api/contract';
import { ApiError } from '../api/errors';
import type { PlotPane } from '../panel/plot-pane';
import { PLOT_NAMES, plotName, plotsOf, plotTitle, type PlotName } from '../plots/names';
import { IClusters, IPlotSessions } from '../tokens';
import { plotsIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, onCard, pickCluster, textArgument } from './pick';

type Pane = MainAreaWidget<PlotPane>;

interface IPlace {
  mode?: 'split-bottom' | 'split-right' | 'tab-after';
  ref?: string;
}

/** Plots of clusters, live or of what is left of them, in panes of the main area. */
export const plots: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:plots',
  description: 'Opens live plots of Dask clusters in the main area.',
  autoStart: true,
  requires: [IClusters, IPlotSessions],
  optional: [ITranslator, ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    plotSessions: IPlotSessions,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const tracker = new WidgetTracker<Pane>({ namespace: 'dasklab-plots' });

    app.commands.addCommand(CommandIDs.openPlot, {
      label: args => {
        const name = plotName(textArgument(args, 'plot') ?? '');
        return name !== null
          ? trans.__('Plot a Dask Cluster: %1', plotTitle(name, trans))
          : args.card === true
            ? trans.__('Open Plot…')
            : trans.__('Plot a Dask Cluster…');
      },
      isVisible: args => fitsMenu(app, args, clusters, hasPlots),
      icon: plotsIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cluster: clusterArgument(trans),
            clusterName: { type: 'string', description: trans.__('Name of the cluster') },
            plot: {
              type: 'string',
              enum: [...PLOT_NAMES],
              description: trans.__('Name of the plot; asked for if missing')
            }
          }
        }
      },
      execute: reporting(trans, async args => {
        const wanted = textArgument(args, 'plot');
        const given = wanted === null ? null : known(wanted);
        const id = textArgument(args, 'cluster');
        const clusterName = textArgument(args, 'clusterName');
        if (given !== null && id !== null && clusterName !== null) {
          // From a saved layout: nothing is asked before it stands.
          return open(id, clusterName, given, true);
        }
        const cluster = await pickCluster(onCard(app, args), clusters, hasPlots, trans);
        const plot = cluster && (given ?? (await pickPlot(hasEnded(cluster.phase))));
        return cluster && plot ? open(cluster.id, cluster.name, plot, false) : undefined;
      })
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openPlot,
        name: pane => `${pane.content.cluster}:${pane.content.plot}`,
        args: pane => pane.content.arguments
      });
    }

    /** The plot of that name; one that is not known is told with those that are. */
    function known(name: string): PlotName {
      const found = plotName(name);
      if (found === null) {
        throw new ApiError({
          code: 'plot.unknown',
          message: trans.__('There is no plot “%1”.', name.slice(0, 80)),
          hint: trans.__('There are: %1.', PLOT_NAMES.join(', '))
        });
      }
      return found;
    }

    async function pickPlot(ended: boolean): Promise<PlotName | null> {
      const names = plotsOf(ended);
      const items = names.map(name => plotTitle(name, trans));
      const answer = await InputDialog.getItem({ title: trans.__('Which plot?'), items });
      const index = answer.button.accept ? items.indexOf(answer.value ?? '') : -1;
      return names[index] ?? null;
    }

    async function open(
      cluster: string,
      clusterName: string,
      plot: PlotName,
      restoring: boolean
    ): Promise<Pane> {
      // The engine and the plots come with the first one that is opened.
      const [{ PlotPane }, sessions] = await Promise.all([
        import(/* webpackChunkName: "plots" */ '../panel/plot-pane'),
        plotSessions()
      ]);
      let pane = tracker.find(
        ({ content }) => content.cluster === cluster && content.plot === plot
      );
      if (!pane) {
        const content = new PlotPane({ clusters, sessions, trans, cluster, clusterName, plot });
        content.title.icon = plotsIcon;
        pane = new MainAreaWidget({ content, translator: translator ?? undefined });
        // The bar of the plot is part of it, wherever it is shown.
        pane.toolbar.hide();
        pane.id = `dasklab-plot-${cluster}-${plot}`;
        app.shell.add(pane, 'main', restoring ? { activate: false } : place());
        void tracker.add(pane);
      }
      if (!restoring) {
        app.shell.activateById(pane.id);
      }
      return pane;
    }

    /** The first plot beside what is in front, the second beneath it, the others behind those. */
    function place(): IPlace {
      const last = tracker.currentWidget;
      if (last?.isAttached) {
        return { mode: tracker.size === 1 ? 'split-bottom' : 'tab-after', ref: last.id };
      }
      const front = labShell?.currentWidget;
      return front && !front.id.startsWith('launcher')
        ? { mode: 'split-right', ref: front.id }
        : {};
    }
  }
};
