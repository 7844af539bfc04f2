/** The memory of each worker: bars while they can be told apart, a heat map over time beyond. */
import type { IPainter, IPlane, IPlot, IStage, ISurface } from '../plot/plot';
import { BarsPainter } from './memory-bars';
import { HeatPainter } from './memory-heat';
import { workersShown } from './worker-samples';

/** Workers up to which each has a bar. */
export const BARS = 30;

/** One of two pictures, by the number of workers. */
class WorkersMemoryPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
    this._bars = new BarsPainter(stage);
    this._heat = new HeatPainter(stage);
  }

  get plane(): IPlane | null {
    return this._painter.plane;
  }

  draw(surface: ISurface): void {
    this._painter.draw(surface);
  }

  hit: IPainter['hit'] = (x, y) => this._painter.hit(x, y);
  legend: IPainter['legend'] = theme => this._painter.legend(theme);
  table: IPainter['table'] = () => this._painter.table();
  rows: IPainter['rows'] = () => this._painter.rows();

  private get _painter(): IPainter {
    return workersShown(this._stage).length > BARS ? this._heat : this._bars;
  }

  private readonly _stage: IStage;
  private readonly _bars: BarsPainter;
  private readonly _heat: HeatPainter;
}

export const workersMemory: IPlot = {
  name: 'workers-memory',
  tables: ['workers'],
  description: words =>
    words.__(
      'The memory of each worker against its limit; lines mark where Dask spills, spills more, pauses and restarts a worker.'
    ),
  create: stage => new WorkersMemoryPainter(stage)
};
