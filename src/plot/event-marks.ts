/** What happened to workers and tasks: marks beneath the time of every plot that has one. */
import type { IEvent } from '../telemetry/schema';
import { cssColour } from './colours';
import { formatClock } from './format';
import type { IHit, IPainter, IPlane, IStage, ISurface, ITable } from './plot';

/** Pixels: half the width of a mark, its height, and how near the pointer has to be. */
const HALF = 3;
const HIGH = 7;
const NEAR = 5;

/** Events that are told of at once. */
const TOLD = 6;

/** What somebody should look at. */
const BAD = /fail|lost|paused|restart/;

function eventsIn(stage: IStage, from: number, to: number): IEvent[] {
  return stage.store.events.filter(({ time }) => time >= from && time <= to);
}

/** What happened, to whom, in a line. */
function sentence({ kind, text, worker }: IEvent, stage: IStage): string {
  const found = stage.store.members.find(each => each.address === worker);
  const what = kind.charAt(0).toUpperCase() + kind.slice(1).replace(/-/g, ' ');
  return [what, found?.name ?? worker, text].filter(Boolean).join(' · ');
}

export function drawEvents({ g, theme }: ISurface, plane: IPlane | null, stage: IStage): void {
  if (plane === null) {
    return;
  }
  const { from, to } = stage.axis;
  for (const { kind, time } of eventsIn(stage, from, to)) {
    const x = plane.left + ((time - from) / (to - from)) * (plane.right - plane.left);
    g.fillStyle = cssColour(BAD.test(kind) ? theme.error : theme.muted);
    g.beginPath();
    g.moveTo(x, plane.bottom);
    g.lineTo(x + HALF, plane.bottom + HIGH);
    g.lineTo(x - HALF, plane.bottom + HIGH);
    g.fill();
  }
}

/** The events whose marks are under the pointer. */
export function eventsAt(stage: IStage, plane: IPlane | null, x: number, y: number): IHit | null {
  if (plane === null) {
    return null;
  }
  const { from, to } = stage.axis;
  const scale = (to - from) / (plane.right - plane.left);
  const at = from + (x - plane.left) * scale;
  const found = y < plane.bottom ? [] : eventsIn(stage, at - NEAR * scale, at + NEAR * scale);
  const more = found.length - TOLD;
  return found.length === 0
    ? null
    : {
        lines: [
          formatClock(found[0].time, 1),
          ...found.slice(0, TOLD).map(event => sentence(event, stage)),
          ...(more > 0 ? [stage.words.__('… and %1 more', more)] : [])
        ]
      };
}

/** The table of a painter; beneath that of one with a time axis stand the events of its time. */
export function tableOf(painter: IPainter, stage: IStage): ITable {
  const table = painter.table();
  if (painter.plane === null) {
    return table;
  }
  const { from, to } = stage.axis;
  const found = eventsIn(stage, from, to).reverse();
  return {
    headings: table.headings,
    rows: [
      ...table.rows,
      ...(found.length > 0 ? [[stage.words.__('Events')]] : []),
      ...found.map(event => [formatClock(event.time, 1), sentence(event, stage)])
    ]
  };
}
