/** Cores in use by all workers, network and disk of the machines that they are on. */
import { ChartPainter } from '../plot/chart';
import type { IPlot } from '../plot/plot';
import { sampleColumn, sampleMachines } from '../plot/sampling';
import { CLUSTER, SAMPLE } from '../telemetry/rows';

export const cpu: IPlot = {
  name: 'cpu',
  tables: ['cluster', 'workers'],
  description: words =>
    words.__(
      'Cores in use against threads, and what the workers’ machines read and write a second.'
    ),
  create: stage => {
    const { store, words } = stage;
    const machines = (column: number) =>
      sampleMachines(store.workers, column, worker => store.members[worker]?.host ?? '');
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
        title: words.__('Network of the workers’ machines'),
        unit: 'rate',
        tracks: [
          {
            label: words.__('Received'),
            values: machines(SAMPLE.read),
            colour: theme => theme.accent
          },
          {
            label: words.__('Sent'),
            values: machines(SAMPLE.write),
            colour: theme => theme.warning
          }
        ]
      },
      {
        title: words.__('Disk of the workers’ machines'),
        unit: 'rate',
        tracks: [
          {
            label: words.__('Read'),
            values: machines(SAMPLE.diskRead),
            colour: theme => theme.accent
          },
          {
            label: words.__('Written'),
            values: machines(SAMPLE.diskWrite),
            colour: theme => theme.warning
          }
        ]
      }
    ]);
  }
};
