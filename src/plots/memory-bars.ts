/** One bar for each worker, of what its memory holds. */
import { cssColour } from '../plot/colours';
import { formatValue } from '../plot/format';
import { fitText } from '../plot/plane';
import type { IHit, ILegendItem, IPainter, IStage, ISurface, ITable } from '../plot/plot';
import { niceHigh, Scale, ticks, valueStep } from '../plot/scale';
import type { ITheme } from '../plot/theme';
import { SAMPLE } from '../telemetry/rows';
import { MEMORY, THRESHOLDS } from './memory-colours';
import { unmanagedOf, workersNow, type IWorkerNow } from './worker-samples';

/** Pixels. */
const LEFT = 110;
const RIGHT = 16;
const BOTTOM = 26;
const HIGHEST = 34;

export class BarsPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  readonly plane = null;

  draw(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    this._workers = workersNow(this._stage);
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, width, height);
    g.font = theme.font;
    let high = 0;
    for (const each of this._workers) {
      const held = each.value(SAMPLE.process) + (each.value(SAMPLE.spilled) || 0);
      high = Math.max(high, each.worker.limit, held);
    }
    const bottom = height - BOTTOM;
    this._scale.set(0, niceHigh(high, 'bytes'), LEFT, Math.max(LEFT + 20, width - RIGHT));
    this._drawAxis(surface, bottom);
    this._row = Math.min(HIGHEST, (bottom - 6) / Math.max(1, this._workers.length));
    this._workers.forEach((each, index) => {
      this._drawBar(surface, each, 6 + index * this._row);
    });
  }

  hit(_: number, y: number): IHit | null {
    const each = this._workers[Math.floor((y - 6) / this._row)];
    if (each === undefined || y < 6) {
      return null;
    }
    const { words } = this._stage;
    const write = (value: number): string => formatValue(value, 'bytes');
    return {
      lines: [
        each.worker.name,
        words.__('Process: %1 of %2', write(each.value(SAMPLE.process)), write(each.worker.limit)),
        words.__('Managed: %1', write(each.value(SAMPLE.managed))),
        words.__('Unmanaged: %1', write(unmanagedOf(each))),
        words.__('Unmanaged, recent: %1', write(each.value(SAMPLE.unmanagedRecent))),
        words.__('Spilled to disk: %1', write(each.value(SAMPLE.spilled))),
        each.worker.address
      ]
    };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    const { words } = this._stage;
    return [
      { label: words.__('Managed'), colour: MEMORY.managed(theme) },
      { label: words.__('Unmanaged'), colour: MEMORY.unmanaged(theme) },
      { label: words.__('Unmanaged, recent'), colour: MEMORY.recent(theme) },
      { label: words.__('Spilled to disk'), colour: MEMORY.spilled(theme) },
      {
        label: words.__('60 %, 70 %: spills; 80 %: pauses; 95 %: restarts'),
        colour: theme.error,
        line: true
      }
    ];
  }

  table(): ITable {
    return memoryTable(this._workers, this._stage, value => formatValue(value, 'bytes'));
  }

  rows(): ITable<string | number> {
    return memoryTable(this._workers, this._stage, value => value);
  }

  private _drawAxis(surface: ISurface, bottom: number): void {
    const { g, theme } = surface;
    const { begin, end, high } = this._scale;
    const step = valueStep((high * 90) / (end - begin), 'bytes');
    g.textBaseline = 'top';
    for (const tick of ticks(0, high, step, this._ticks)) {
      const x = Math.round(this._scale.at(tick));
      g.fillStyle = cssColour(theme.grid);
      g.fillRect(x, 4, 1, bottom);
      g.fillStyle = cssColour(theme.muted);
      g.textAlign = x > end - 30 ? 'right' : 'center';
      g.fillText(formatValue(tick, 'bytes'), x, bottom + 8);
    }
  }

  private _drawBar(surface: ISurface, each: IWorkerNow, y: number): void {
    const { g, theme } = surface;
    const height = Math.max(2, this._row - (this._row > 8 ? 4 : 1));
    let at = 0;
    const part = (value: number, colour: string): void => {
      if (value > 0) {
        const x = this._scale.at(at);
        at += value;
        g.fillStyle = colour;
        g.fillRect(x, y, this._scale.at(at) - x, height);
      }
    };
    part(each.value(SAMPLE.managed), cssColour(MEMORY.managed(theme)));
    part(unmanagedOf(each), cssColour(MEMORY.unmanaged(theme)));
    part(each.value(SAMPLE.unmanagedRecent), cssColour(MEMORY.recent(theme)));
    part(each.value(SAMPLE.spilled), cssColour(MEMORY.spilled(theme)));
    const { limit, name } = each.worker;
    const full = each.value(SAMPLE.process) / limit;
    for (const threshold of limit > 0 ? THRESHOLDS : []) {
      g.fillStyle = cssColour(
        full >= threshold ? theme.error : theme.foreground,
        full >= threshold ? 1 : 0.45
      );
      g.fillRect(Math.round(this._scale.at(limit * threshold)), y - 1, 1, height + 2);
    }
    if (limit > 0) {
      g.fillStyle = cssColour(theme.foreground);
      g.fillRect(Math.round(this._scale.at(limit)), y - 1, 2, height + 2);
    }
    if (this._row >= 10) {
      g.textAlign = 'right';
      g.textBaseline = 'middle';
      g.fillStyle = cssColour(full >= THRESHOLDS[2] ? theme.error : theme.foreground);
      // Who is paused is so in words too.
      const paused = each.value(SAMPLE.status) === 1;
      const label = paused ? this._stage.words.__('%1 (paused)', name) : name;
      g.fillText(fitText(g, label, LEFT - 12), LEFT - 6, y + height / 2);
    }
  }

  private readonly _stage: IStage;
  private readonly _scale = new Scale();
  private readonly _ticks: number[] = [];
  private _workers: ReadonlyArray<IWorkerNow> = [];
  private _row = HIGHEST;
}

/** Workers and their memory as text. */
export function memoryTable(
  workers: ReadonlyArray<IWorkerNow>,
  stage: IStage,
  write: (bytes: number) => string | number
): ITable<string | number> {
  const { words } = stage;
  return {
    headings: [
      words.__('Worker'),
      words.__('Limit'),
      words.__('Process'),
      words.__('Managed'),
      words.__('Unmanaged'),
      words.__('Unmanaged, recent'),
      words.__('Spilled')
    ],
    rows: workers.map(each => [
      each.worker.name,
      write(each.worker.limit),
      write(each.value(SAMPLE.process)),
      write(each.value(SAMPLE.managed)),
      write(unmanagedOf(each)),
      write(each.value(SAMPLE.unmanagedRecent)),
      write(each.value(SAMPLE.spilled))
    ])
  };
}
