/** The workers, one row each, as they are at the moment that is shown. */
import { formatSeconds, formatValue } from '../plot/format';
import type { IPainter, IPlot, IStage, ITable, IWords } from '../plot/plot';
import { SAMPLE } from '../telemetry/rows';
import { workersNow } from './worker-samples';

class WorkersTable implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  readonly plane = null;

  draw(): void {
    // All of it is text.
  }

  hit(): null {
    return null;
  }

  legend(): [] {
    return [];
  }

  table(): ITable {
    const { words } = this._stage;
    const bytes = (value: number): string => formatValue(value, 'bytes');
    const rate = (value: number): string => formatValue(value, 'rate');
    return {
      headings: [
        words.__('Worker'),
        words.__('State'),
        words.__('Threads'),
        words.__('At work'),
        words.__('Ready'),
        words.__('CPU'),
        words.__('Memory'),
        words.__('Limit'),
        words.__('Managed'),
        words.__('Spilled'),
        words.__('Machine received'),
        words.__('Machine sent'),
        words.__('Event loop'),
        words.__('GIL'),
        words.__('Address')
      ],
      rows: workersNow(this._stage).map(({ value, worker }) => [
        worker.name,
        statusName(value(SAMPLE.status), words),
        worker.threads,
        value(SAMPLE.executing),
        value(SAMPLE.ready),
        formatValue(value(SAMPLE.cpu), 'cores'),
        bytes(value(SAMPLE.process)),
        bytes(worker.limit),
        bytes(value(SAMPLE.managed)),
        bytes(value(SAMPLE.spilled)),
        rate(value(SAMPLE.read)),
        rate(value(SAMPLE.write)),
        formatSeconds(value(SAMPLE.lag)),
        formatValue(value(SAMPLE.gil), 'percent'),
        worker.address
      ])
    };
  }

  rows(): ITable<string | number> {
    const columns = Object.entries(SAMPLE).filter(([name]) => name !== 'time');
    return {
      headings: ['name', 'address', 'host', 'threads', 'limit', ...columns.map(([name]) => name)],
      rows: workersNow(this._stage).map(({ value, worker }) => [
        worker.name,
        worker.address,
        worker.host,
        worker.threads,
        worker.limit,
        ...columns.map(([, column]) => (Number.isNaN(value(column)) ? '' : value(column)))
      ])
    };
  }

  private readonly _stage: IStage;
}

function statusName(status: number, words: IWords): string {
  switch (status) {
    case 0:
      return words.__('running');
    case 1:
      return words.__('paused');
    case 2:
      return words.__('closing');
    default:
      return words.__('other');
  }
}

export const workers: IPlot = {
  name: 'workers',
  tables: ['workers'],
  asTable: true,
  description: words =>
    words.__('All workers with their memory, CPU and tasks, and the network of their machines.'),
  create: stage => new WorkersTable(stage)
};
