/** What workers send each other: by pair, or over time. */
import { ChartPainter } from '../plot/chart';
import { formatSeconds, formatValue } from '../plot/format';
import type { IPainter, IPlane, IPlot, IStage, ISurface } from '../plot/plot';
import type { IRange } from '../plot/time-axis';
import { Ways } from '../plot/ways';
import { PairsPainter } from './transfer-pairs';
import { pairsOf, sampleFlow } from './transfer-sums';

class TransfersPainter implements IPainter {
  constructor(stage: IStage) {
    const { store, words } = stage;
    this._stage = stage;
    this.ways = new Ways(words.__('How transfers are shown'), [
      ['pairs', words.__('Pairs'), words.__('Who sent how much to whom')],
      ['time', words.__('Time'), words.__('How much was moved when')]
    ]);
    this._pairs = new PairsPainter(stage);
    this._time = new ChartPainter(stage, [
      {
        title: words.__('Bytes between workers'),
        unit: 'rate',
        tracks: [
          {
            label: words.__('Bandwidth'),
            values: sampleFlow(store, 'rate'),
            colour: theme => theme.accent
          }
        ]
      },
      {
        title: words.__('Transfers at once'),
        unit: 'cores',
        tracks: [
          {
            label: words.__('Transfers at once'),
            values: sampleFlow(store, 'busy'),
            colour: theme => theme.warning
          }
        ]
      }
    ]);
  }

  readonly ways: Ways<'pairs' | 'time'>;

  get plane(): IPlane | null {
    return this._painter.plane;
  }

  draw(surface: ISurface): void {
    this._painter.draw(surface);
  }

  said(): string {
    return this.ways.chosen === 'pairs' ? this._pairs.said() : '';
  }

  hit: IPainter['hit'] = (x, y) => this._painter.hit(x, y);
  legend: IPainter['legend'] = theme => this._painter.legend(theme);
  table: IPainter['table'] = () => this._painter.table();
  rows: IPainter['rows'] = () => this._painter.rows();

  statistics({ from, to }: IRange): ReadonlyArray<readonly [string, string]> {
    const { store, words } = this._stage;
    const pairs = pairsOf(store, from, to);
    const sum = (part: 'busy' | 'count' | 'nbytes'): number =>
      pairs.reduce((all, pair) => all + pair[part], 0);
    return [
      [words.__('Selected'), formatSeconds(to - from)],
      [words.__('Transfers'), sum('count').toLocaleString()],
      [words.__('Bytes'), formatValue(sum('nbytes'), 'bytes')],
      [words.__('Mean bandwidth of one'), formatValue(sum('nbytes') / sum('busy'), 'rate')]
    ];
  }

  private get _painter(): IPainter {
    return this.ways.chosen === 'pairs' ? this._pairs : this._time;
  }

  private readonly _stage: IStage;
  private readonly _pairs: PairsPainter;
  private readonly _time: ChartPainter;
}

export const transfers: IPlot = {
  name: 'transfers',
  tables: ['transfers'],
  description: words =>
    words.__(
      'What workers send each other: by pair, the darker the more bytes, of the selected, otherwise of the shown time; or over time.'
    ),
  create: stage => new TransfersPainter(stage)
};
