/**
 * What the clusters did lately, for small curves: a sample per change that arrived. Nothing is
 * asked for it and nothing runs; between two samples the value was what it was at the first.
 */
import type { ICluster } from '../api/contract';

/** Seconds that a curve looks back. */
export const SPAN = 120;

/** Samples that are kept of a cluster: more than this many changes in a small curve are noise. */
const SAMPLES = 60;

export interface ISample {
  /** Epoch seconds of the server's clock. */
  readonly at: number;
  /** Cores in use. */
  readonly cpu: number;
  /** Tasks that workers process. */
  readonly tasks: number;
}

/** The samples of a cluster, oldest first; immutable, the same array until one is added. */
export type Samples = ReadonlyArray<ISample>;

const NONE: Samples = [];

export class History {
  get(id: string): Samples {
    return this._samples.get(id) ?? NONE;
  }

  add(cluster: ICluster): void {
    const known = this.get(cluster.id);
    const last = known.at(-1);
    const { cpu, updated: at } = cluster;
    const tasks = cluster.tasks.processing;
    if (last && at < last.at) {
      return;
    }
    // One before the window stays: its value is where the curve begins.
    const inside = known.filter(sample => sample.at > at - SPAN).length;
    const kept = known.slice(-Math.min(inside + 1, SAMPLES - 1));
    if (last?.at === at) {
      kept.pop();
    }
    this._samples.set(cluster.id, [...kept, { at, cpu, tasks }]);
  }

  forget(id: string): void {
    this._samples.delete(id);
  }

  /** Take in a fetched list: a sample each, and nothing of those it does not have. */
  replace(clusters: ReadonlyArray<ICluster>): void {
    const listed = new Set(clusters.map(cluster => cluster.id));
    for (const id of [...this._samples.keys()].filter(each => !listed.has(each))) {
      this.forget(id);
    }
    clusters.forEach(cluster => this.add(cluster));
  }

  private readonly _samples = new Map<string, Samples>();
}

/**
 * The curve in steps, as the points of an SVG polyline in a box of 100 by 16, with the newest sample
 * at the right. It is closed outside the box, so that one shape is the line and the area beneath.
 *
 * @param ceiling - The value at the top of the box; larger ones are cut.
 */
export function curve(
  samples: Samples,
  read: (sample: ISample) => number,
  ceiling: number
): string {
  const end = samples.at(-1)?.at ?? 0;
  const round = (value: number): number => Math.round(value * 10) / 10;
  const x = (at: number): number => round(Math.max(-2, 100 - ((end - at) / SPAN) * 100));
  // The line has a width: half of it stays inside at the top and at the bottom.
  const y = (value: number): number =>
    round(15.25 - 14.5 * Math.min(1, ceiling > 0 ? value / ceiling : 0));
  const points: string[] = [];
  let before = 18;
  for (const sample of samples.length > 1 ? samples : []) {
    const level = y(read(sample));
    if (level !== before) {
      points.push(`${x(sample.at)},${before} ${x(sample.at)},${level}`);
    }
    before = level;
  }
  // To the right edge, also where the last steps were level. And around the box: if the bounds of
  // the shape changed with it, the browser would arrange the layers of the whole page anew.
  return points.length > 0 ? `-2,18 ${points.join(' ')} 102,${before} 102,-2 102,18` : '';
}
