/** How late event loops answer, and who waits for Python's lock. */
import { ChartPainter } from '../plot/chart';
import type { IPlot } from '../plot/plot';
import { sampleAll, sampleColumn } from '../plot/sampling';
import { CLUSTER, SAMPLE } from '../telemetry/rows';

export const eventLoop: IPlot = {
  name: 'event-loop',
  tables: ['cluster', 'workers'],
  description: words =>
    words.__(
      'How late the event loops of scheduler and workers are, and how much of the time Python’s global lock is held.'
    ),
  create: stage => {
    const { store, words } = stage;
    const workers = (column: number, merge: 'mean' | 'highest') =>
      sampleAll(store.workers, column, merge);
    const measured = (): boolean =>
      store.workers.groups.some(({ last }) => last !== null && last.columns[SAMPLE.gil][0] >= 0);
    return new ChartPainter(
      stage,
      [
        {
          title: words.__('Event loop: how late'),
          unit: 'seconds',
          tracks: [
            {
              label: words.__('Scheduler'),
              values: sampleColumn(store.cluster, CLUSTER.lag),
              colour: theme => theme.error
            },
            {
              label: words.__('Latest worker'),
              values: workers(SAMPLE.lag, 'highest'),
              colour: theme => theme.warning
            },
            {
              label: words.__('Mean of the workers'),
              values: workers(SAMPLE.lag, 'mean'),
              colour: theme => theme.accent
            }
          ]
        },
        {
          title: words.__('Global lock (GIL): time that it is held'),
          unit: 'percent',
          high: 1,
          tracks: [
            {
              label: words.__('Busiest worker'),
              values: workers(SAMPLE.gil, 'highest'),
              colour: theme => theme.warning
            },
            {
              label: words.__('Mean of the workers'),
              values: workers(SAMPLE.gil, 'mean'),
              colour: theme => theme.accent
            }
          ]
        }
      ],
      () =>
        store.workers.rows === 0 || measured()
          ? ''
          : words.__('GIL: not measured, as gilknocker is not installed where the workers run.')
    );
  }
};
