/** Cores in use, network and disk of all workers. */
import { ChartPainter } from '../plot/chart';
import type { IPlot } from '../plot/plot';
import { sampleAll, sampleColumn } from '../plot/sampling';
import { CLUSTER, SAMPLE } from '../telemetry/rows';

export const cpu: IPlot = {
  name: 'cpu',
  tables: ['cluster', 'workers'],
  description: words =>
    words.__('Cores in use against threads, and what all workers read and write a second.'),
  create: stage => {
    const { store, words } = stage;
    const sum = (column: number) => sampleAll(store.workers, column, 'sum');
    return new ChartPainter(stage, [
      {
        title: words.__('Cores in use'),
        unit: 'cores',
        tracks: [
          {
            label: words.__('Cores in use'),
            values: sampleColumn(store.cluster, CLUSTER.cpu),
            colour: theme => theme.accent
          },
          {
            label: words.__('Threads'),
            values: sampleColumn(store.cluster, CLUSTER.threads),
            colour: theme => theme.muted,
            limit: true
          }
        ]
      },
      {
        title: words.__('Network'),
        unit: 'rate',
        tracks: [
          { label: words.__('Received'), values: sum(SAMPLE.read), colour: theme => theme.accent },
          { label: words.__('Sent'), values: sum(SAMPLE.write), colour: theme => theme.warning }
        ]
      },
      {
        title: words.__('Disk'),
        unit: 'rate',
        tracks: [
          { label: words.__('Read'), values: sum(SAMPLE.diskRead), colour: theme => theme.accent },
          {
            label: words.__('Written'),
            values: sum(SAMPLE.diskWrite),
            colour: theme => theme.warning
          }
        ]
      }
    ]);
  }
};
