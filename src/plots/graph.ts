/** The task graph of the current computation: what needs what, and how far it is. */
import { cssColour, mixColours } from '../plot/colours';
import { themedColour } from '../plot/inks';
import { fitText } from '../plot/plane';
import type { IHit, ILegendItem, IPainter, IPlot, IStage, ISurface, ITable } from '../plot/plot';
import type { ITheme } from '../plot/theme';
import { stateOf, type IShape, type ITaskGraph } from '../telemetry/task-graph';
import { prefixLegend } from './legend';
import { layOut, type ILayout } from './graph-layout';
import { GraphMap, LARGEST } from './graph-map';
import { BAR, drawGroup, drawTask, nodeLegend, taskStateName } from './graph-nodes';
import { amount, done, stateName, STATES, total } from './progress-states';

/** Pixels of the step to the next node at which one is named. */
const NAMED = 15;

/** Half of the pixels that a task is wide where it cannot be high. */
const WIDEST = 14;

/** Pixels by which a key moves the picture. */
const STEP = 60;

/** Edges from which straight lines have to do. */
const MANY = 4_000;

class GraphPainter implements IPainter {
  constructor(stage: IStage) {
    this._stage = stage;
  }

  readonly plane = null;

  readonly map = new GraphMap();

  draw(surface: ISurface): void {
    const { g, height, theme, width } = surface;
    this._ask();
    g.fillStyle = cssColour(theme.background);
    g.fillRect(0, 0, width, height);
    g.font = theme.font;
    const graph = this._graph;
    if (graph !== null && this._layout !== null) {
      this.map.place(this._layout, width, height, graph.shape.grouped);
      this._drawEdges(surface, graph.shape);
      this._drawNodes(surface, graph);
    }
  }

  said(): string {
    const { graph, words } = this._stage;
    if (this._graph === null) {
      return graph.failure || words.__('Asking the scheduler…');
    }
    const { leftOut, shape, tasks } = this._graph;
    if (shape.nodes.length === 0) {
      return words.__('There are no tasks now.');
    }
    const count = words._n('%2 task', '%2 tasks', tasks, tasks.toLocaleString());
    const groups = shape.nodes.length;
    const parts = [
      shape.grouped ? words._n('%2 in %1 group', '%2 in %1 groups', groups, count) : count
    ];
    if (leftOut > 0) {
      parts.push(words.__('%1 parts of it are left out', leftOut.toLocaleString()));
    }
    return [...parts, graph.failure].filter(Boolean).join(' · ');
  }

  hit(x: number, y: number): IHit | null {
    const graph = this._graph;
    const index = this._at(x, y);
    const standing = graph?.standing[index];
    if (graph === null || standing === undefined) {
      return null;
    }
    const { words } = this._stage;
    const { grouped, nodes } = graph.shape;
    const { group, name } = nodes[index];
    const [needs, needed] = this._degrees(index);
    return {
      lines: [
        name,
        ...(grouped
          ? [
              words.__('%1 of %2 tasks done', done(standing), total(standing)),
              ...STATES.filter(state => amount(standing, state) > 0).map(
                state => `${stateName(state, words)}: ${amount(standing, state).toLocaleString()}`
              )
            ]
          : [taskStateName(stateOf(standing), words), words.__('Group: %1', group)]),
        words.__('Needs %1, is needed by %2', needs, needed)
      ]
    };
  }

  legend(theme: ITheme): ReadonlyArray<ILegendItem> {
    return [...nodeLegend(theme, this._stage.words), ...prefixLegend(this._stage, theme, false)];
  }

  key(key: string): null | false {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [STEP, 0],
      ArrowRight: [-STEP, 0],
      ArrowUp: [0, STEP],
      ArrowDown: [0, -STEP]
    };
    const step = steps[key];
    if (step === undefined) {
      return false;
    }
    this.map.move(...step);
    return null;
  }

  table(): ITable {
    const { words } = this._stage;
    const { grouped = false, nodes = [] } = this._graph?.shape ?? {};
    const standing = this._graph?.standing ?? [];
    const head = [words.__('Needs'), words.__('Needed by')];
    return grouped
      ? {
          headings: [words.__('Group'), words.__('Done'), words.__('Tasks'), ...head],
          rows: standing.map((each, index) => [
            nodes[index].name,
            done(each).toLocaleString(),
            total(each).toLocaleString(),
            ...this._degrees(index)
          ])
        }
      : {
          headings: [words.__('Task'), words.__('State'), ...head],
          rows: standing.map((each, index) => [
            nodes[index].name,
            taskStateName(stateOf(each), words),
            ...this._degrees(index)
          ])
        };
  }

  rows(): ITable<string | number> {
    const nodes = this._graph?.shape.nodes ?? [];
    return {
      headings: ['name', 'prefix', 'group', ...STATES, 'waiting', 'needs'],
      rows: (this._graph?.standing ?? []).map((each, index) => [
        each.name,
        each.prefix,
        nodes[index].group,
        ...STATES.map(state => amount(each, state)),
        each.waiting,
        this._degrees(index)[0]
      ])
    };
  }

  private _ask(): void {
    const { axis, graph, store } = this._stage;
    if (axis.following || graph.value === null) {
      graph.want(store.work);
    }
    const before = this._graph?.shape;
    this._graph = graph.value;
    const shape = this._graph?.shape;
    if (shape !== undefined && shape !== before) {
      this._layout = layOut(shape.nodes.length, shape.edges);
      if (shape.nodes.length !== before?.nodes.length) {
        this.map.fit();
      }
      this._needs = new Uint32Array(shape.nodes.length);
      this._needed = new Uint32Array(shape.nodes.length);
      for (let at = 0; at < shape.edges.length; at += 2) {
        this._needed[shape.edges[at]] += 1;
        this._needs[shape.edges[at + 1]] += 1;
      }
    }
  }

  private _drawEdges({ g, height, theme, width }: ISurface, { edges }: IShape): void {
    const { xs, ys } = this.map;
    const many = edges.length / 2 > MANY;
    // Where lines are as dense as a surface, it must not be louder than what it joins.
    const strength = Math.max(0.08, Math.min(0.35, 90 / edges.length));
    g.beginPath();
    for (let at = 0; at < edges.length; at += 2) {
      const [x0, y0, x1, y1] = [xs[edges[at]], ys[edges[at]], xs[edges[at + 1]], ys[edges[at + 1]]];
      if ((x0 < 0 && x1 < 0) || (x0 > width && x1 > width)) {
        continue;
      }
      if ((y0 < 0 && y1 < 0) || (y0 > height && y1 > height)) {
        continue;
      }
      g.moveTo(x0, y0);
      if (many) {
        g.lineTo(x1, y1);
      } else {
        const half = (x0 + x1) / 2;
        g.bezierCurveTo(half, y0, half, y1, x1, y1);
      }
    }
    g.lineWidth = 1;
    g.strokeStyle = cssColour(mixColours(theme.background, theme.foreground, strength));
    g.stroke();
  }

  private _drawNodes({ g, height, theme, width }: ISurface, graph: ITaskGraph): void {
    const { filter } = this._stage;
    const { grouped, nodes } = graph.shape;
    const { across, down, xs, ys } = this.map;
    const scale = Math.min(1, down / 50, Math.max(0.25, across / (BAR.width + 24)));
    const high = Math.min(LARGEST, down * 0.4);
    const wide = Math.max(1, Math.min(high < 3 ? WIDEST : LARGEST, across * 0.25));
    const named = !grouped && down >= NAMED && across >= 70;
    graph.standing.forEach((standing, index) => {
      const [x, y] = [xs[index], ys[index]];
      if (x < -BAR.width || y < -20 || x > width + BAR.width || y > height + 20) {
        return;
      }
      const { prefix } = standing;
      const colour = filter.hides(prefix) ? theme.grid : themedColour(prefix, theme);
      if (grouped) {
        drawGroup(g, theme, standing, colour, x, y, scale);
      } else {
        drawTask(g, theme, standing, colour, x, y, wide, high);
      }
      if (named) {
        g.textAlign = 'left';
        // Above the edge that leaves to the right.
        g.textBaseline = 'bottom';
        g.fillStyle = cssColour(theme.muted);
        const room = across - 2 * wide - 14;
        g.fillText(fitText(g, nodes[index].prefix, room), x + wide + 4, y - 1);
      }
    });
    this._half = grouped
      ? { x: (BAR.width * scale) / 2, y: 9 }
      : { x: wide + 3, y: Math.max(3, high + 2) };
  }

  /** The node at a place, or the nearest one within a few pixels. */
  private _at(x: number, y: number): number {
    let nearest = -1;
    const half = this._half;
    let best = 1;
    const { xs, ys } = this.map;
    for (let node = 0; node < xs.length; node++) {
      const off = Math.max(Math.abs(x - xs[node]) / half.x, Math.abs(y - ys[node]) / half.y);
      if (off <= best) {
        best = off;
        nearest = node;
      }
    }
    return nearest;
  }

  private _degrees(node: number): readonly [number, number] {
    return [this._needs[node], this._needed[node]];
  }

  private readonly _stage: IStage;
  private _graph: ITaskGraph | null = null;
  private _layout: ILayout | null = null;
  private _needs = new Uint32Array(0);
  private _needed = new Uint32Array(0);
  /** Half of a node, with a few pixels around it. */
  private _half = { x: 1, y: 1 };
}

export const graph: IPlot = {
  name: 'graph',
  tables: [],
  description: words =>
    words.__(
      'The task graph of the computation that was begun last, from what is needed first on the left, with the states of its tasks; group by group where there are too many tasks.'
    ),
  create: stage => new GraphPainter(stage)
};
