/** All plots. To add one: a file beside this one, a line here, and its name in `names.ts`. */
import type { IPlot } from '../plot/plot';
import { clusterMemory } from './cluster-memory';
import { cpu } from './cpu';
import { durations } from './durations';
import { eventLoop } from './event-loop';
import { graph } from './graph';
import { profile } from './profile';
import { progress } from './progress';
import { queue } from './queue';
import { taskStream } from './task-stream';
import { transfers } from './transfers';
import { workers } from './workers';
import { workersMemory } from './workers-memory';

export const PLOTS: ReadonlyArray<IPlot> = [
  taskStream,
  progress,
  clusterMemory,
  workersMemory,
  cpu,
  queue,
  eventLoop,
  durations,
  workers,
  transfers,
  graph,
  profile
];
