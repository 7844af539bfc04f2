/** What the scheduler has to do: tasks by state, and how long it thinks that takes. */
import { ChartPainter } from '../plot/chart';
import { mixColours } from '../plot/colours';
import type { IPlot } from '../plot/plot';
import { sampleColumn } from '../plot/sampling';
import { CLUSTER } from '../telemetry/rows';

export const queue: IPlot = {
  name: 'occupancy',
  tables: ['cluster'],
  description: words =>
    words.__('Tasks that are to be done, by state, and how long all threads have to work on them.'),
  create: stage => {
    const { store, words } = stage;
    const column = (index: number) => sampleColumn(store.cluster, index);
    return new ChartPainter(stage, [
      {
        title: words.__('Tasks to do'),
        unit: 'count',
        stacked: true,
        tracks: [
          {
            label: words.__('Processing'),
            values: column(CLUSTER.processing),
            colour: theme => theme.success
          },
          {
            label: words.__('Queued'),
            values: column(CLUSTER.queued),
            colour: theme => theme.accent
          },
          {
            label: words.__('Waiting'),
            values: column(CLUSTER.waiting),
            colour: theme => mixColours(theme.background, theme.foreground, 0.35)
          },
          {
            label: words.__('No worker fits'),
            values: column(CLUSTER.noWorker),
            colour: theme => theme.error
          }
        ]
      },
      {
        title: words.__('Occupancy: work that is given out'),
        unit: 'seconds',
        tracks: [
          {
            label: words.__('Occupancy'),
            values: column(CLUSTER.occupancy),
            colour: theme => theme.accent
          }
        ]
      },
      {
        title: words.__('Workers'),
        unit: 'count',
        tracks: [
          {
            label: words.__('Workers'),
            values: column(CLUSTER.workers),
            colour: theme => theme.accent
          }
        ]
      }
    ]);
  }
};
