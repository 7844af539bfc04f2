/** How the nodes of a task graph are drawn: a task by its state, a group as a bar of its tasks. */
import { cssColour, mixColours, type Rgb } from '../plot/colours';
import { errorColour, themedColour } from '../plot/inks';
import { fitText } from '../plot/plane';
import type { ILegendItem, IWords } from '../plot/plot';
import type { ITheme } from '../plot/theme';
import type { IProgress } from '../telemetry/schema';
import { stateOf, type TaskState } from '../telemetry/task-graph';
import { amount, done, shade, stateName, STATES, total } from './progress-states';

/** Pixels of a radius from which tasks are circles. */
const ROUND = 3;

/** Pixels of a group's bar. */
export const BAR = { width: 120, height: 14 } as const;

/** The state in words; what is waiting has no shade of its own in the bars of progress. */
export function taskStateName(state: TaskState, words: IWords): string {
  return state === 'waiting'
    ? words.__('Waiting')
    : stateName(state === 'forgotten' ? 'released' : state, words);
}

/** What fills a task; one that is at work is a ring in the colour that its result will have. */
function fillOf(state: TaskState, colour: Rgb, theme: ITheme): Rgb {
  switch (state) {
    case 'processing':
      return theme.background;
    case 'waiting':
      return mixColours(theme.background, theme.foreground, 0.25);
    case 'queued':
      return mixColours(theme.background, theme.foreground, 0.5);
    case 'erred':
      return errorColour(theme);
    case 'forgotten':
      return shade('released', colour, theme);
    case 'memory':
    case 'released':
    case 'noWorker':
      return shade(state, colour, theme);
  }
}

export function drawTask(
  g: CanvasRenderingContext2D,
  theme: ITheme,
  standing: IProgress,
  colour: Rgb,
  x: number,
  y: number,
  across: number,
  down: number
): void {
  const state = stateOf(standing);
  const fill = fillOf(state, colour, theme);
  const busy = state === 'processing';
  if (down < ROUND) {
    // So many that circles would be dots: as wide as there is room, and what is at work is filled.
    g.fillStyle = cssColour(busy ? colour : fill);
    const high = Math.max(0.75, state === 'erred' || busy ? down + 0.5 : down);
    g.fillRect(x - across, y - high, 2 * across, 2 * high);
    if (busy) {
      g.fillStyle = cssColour(theme.foreground);
      g.fillRect(x + across, y - high, 3, 2 * high);
    }
    return;
  }
  const size = Math.min(across, down);
  g.beginPath();
  g.arc(x, y, size, 0, 2 * Math.PI);
  g.fillStyle = cssColour(fill);
  g.fill();
  g.lineWidth = busy ? Math.max(2, size / 3) : 1;
  g.strokeStyle = cssColour(busy ? colour : mixColours(fill, theme.foreground, 0.4));
  g.stroke();
}

export function drawGroup(
  g: CanvasRenderingContext2D,
  theme: ITheme,
  standing: IProgress,
  colour: Rgb,
  x: number,
  y: number,
  scale: number
): void {
  const width = BAR.width * scale;
  const height = Math.max(3, BAR.height * scale);
  const left = x - width / 2;
  const top = y - height / 2;
  const all = Math.max(1, total(standing));
  g.fillStyle = cssColour(theme.grid);
  g.fillRect(left, top, width, height);
  let at = 0;
  for (const state of STATES) {
    const part = amount(standing, state);
    if (part > 0) {
      g.fillStyle = cssColour(shade(state, colour, theme));
      g.fillRect(left + (at / all) * width, top, Math.max(1, (part / all) * width), height);
    }
    at += part;
  }
  if (scale >= 0.6) {
    g.textAlign = 'center';
    g.textBaseline = 'bottom';
    g.fillStyle = cssColour(theme.foreground);
    g.fillText(fitText(g, standing.prefix, width + 24), x, top - 3);
    g.textBaseline = 'top';
    g.fillStyle = cssColour(theme.muted);
    const count = `${done(standing).toLocaleString()} / ${total(standing).toLocaleString()}`;
    g.fillText(fitText(g, count, width + 24), x, top + height + 4);
  }
}

/** What shades and rings mean, in one prefix's colour. */
export function nodeLegend(theme: ITheme, words: IWords): ILegendItem[] {
  const colour = themedColour('sum', theme);
  const states: ReadonlyArray<TaskState> = [
    'waiting',
    'noWorker',
    'queued',
    'memory',
    'released',
    'erred'
  ];
  return [
    { label: words.__('Processing (ring or mark)'), colour, line: true },
    ...states.map(state => ({
      label: taskStateName(state, words),
      colour: fillOf(state, colour, theme)
    }))
  ];
}
