/** The memory of all workers over time. */
import { ChartPainter } from '../plot/chart';
import type { IPlot } from '../plot/plot';
import { sampleColumn } from '../plot/sampling';
import { CLUSTER } from '../telemetry/rows';
import { MEMORY } from './memory-colours';

export const clusterMemory: IPlot = {
  name: 'memory',
  tables: ['cluster'],
  description: words =>
    words.__(
      'The memory of all workers over time: managed is what Dask keeps as results, unmanaged is everything else, spilled lies on disk.'
    ),
  create: stage => {
    const { store, words } = stage;
    const column = (index: number) => sampleColumn(store.cluster, index);
    return new ChartPainter(stage, [
      {
        title: words.__('Memory of all workers'),
        unit: 'bytes',
        stacked: true,
        tracks: [
          { label: words.__('Managed'), values: column(CLUSTER.managed), colour: MEMORY.managed },
          {
            label: words.__('Unmanaged'),
            values: column(CLUSTER.unmanaged),
            colour: MEMORY.unmanaged
          },
          { label: words.__('Spilled'), values: column(CLUSTER.spilled), colour: MEMORY.spilled },
          {
            label: words.__('Limit'),
            values: column(CLUSTER.limit),
            colour: theme => theme.error,
            limit: true
          }
        ]
      }
    ]);
  }
};
