/**
 * A made-up run of a cluster that has something for every plot: it reads, computes, moves data,
 * spills, waits at the end for one slow task, and a few tasks fail. Always the same for the same
 * numbers, so that its pictures can be compared.
 */
import { EPOCH, type Wire } from '../builders';
import { dictionaries, encodeFrame } from './frames';

export interface IStory {
  readonly workers: number;
  readonly threads: number;
  /** Seconds of the run. */
  readonly seconds: number;
  /** Mean seconds of a task. */
  readonly task: number;
}

export const STORY: IStory = { workers: 8, threads: 4, seconds: 60, task: 0.35 };

export const PREFIXES = [
  'read_parquet',
  'getitem',
  'random_sample',
  'mean_chunk',
  'mean_agg-aggregate',
  'rechunk-merge',
  'tensordot',
  'store-map'
];

const LIMIT = 4 * 2 ** 30;

/** What happened meanwhile: second, kind, words, worker. */
const EVENTS: ReadonlyArray<readonly [number, string, string, number]> = [
  [26, 'spill', 'It began to write data to disk.', 2],
  [31, 'worker-paused', 'It is short of memory and takes no more tasks.', 2],
  [36, 'worker-resumed', 'It takes tasks again.', 2]
];

/** Numbers between 0 and 1 that look random and never are. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The frames of the run, one every `step` seconds; the first has the dictionaries. */
export function story(told: IStory = STORY, step: number = told.seconds): ArrayBuffer[] {
  const tasks = tasksOf(told);
  const frames: ArrayBuffer[] = [];
  let cursor = 0;
  let sampled = 0;
  let moved = 0;
  for (let until = step; until <= told.seconds + 1e-9; until += step) {
    const from = cursor;
    while (cursor < tasks.length && tasks[cursor][0] + tasks[cursor][1] <= until) {
      cursor += 1;
    }
    const times: number[] = [];
    for (; sampled / 2 <= until; sampled++) {
      times.push(sampled / 2);
    }
    const transfers = times.flatMap(time => transfersAt(time, told));
    frames.push(
      encodeFrame(
        {
          seq: frames.length,
          time: EPOCH + until,
          snapshot: frames.length === 0,
          dictionaries:
            frames.length === 0 ? dictionaries(told.workers, told.threads, PREFIXES) : {},
          progress: progressAt(tasks, cursor, told),
          groups: { whole: false, items: groupsAt(tasks, cursor, told) },
          totals: { tasks: cursor },
          events: eventsBetween(until - step, until)
        },
        {
          tasks: { rows: tasks.slice(from, cursor), cursor: from },
          workers: {
            rows: times.flatMap(time => samplesAt(time, told)),
            cursor: (sampled - times.length) * told.workers
          },
          cluster: {
            rows: times.map(time => clusterAt(time, told)),
            cursor: sampled - times.length
          },
          transfers: { rows: transfers, cursor: moved }
        }
      )
    );
    moved += transfers.length;
  }
  return frames;
}

function eventsBetween(from: number, to: number): Wire[] {
  return EVENTS.filter(([at]) => at > from && at <= to).map(([at, kind, text, worker]) => ({
    time: EPOCH + at,
    kind,
    text,
    worker: `tcp://127.0.0.1:${40_001 + worker}`
  }));
}

type Row = [number, number, number, number, number, number];

function tasksOf({ seconds, task, threads, workers }: IStory): Row[] {
  const roll = dice(7);
  const rows: Row[] = [];
  for (let lane = 0; lane < workers * threads; lane++) {
    let time = 0.5 + roll() * 0.4;
    // Stragglers: most threads are done a good while before the last one.
    const end = seconds * (lane === 5 ? 0.97 : 0.8 + 0.1 * roll());
    while (time < end) {
      const phase = Math.min(3, Math.floor((time / seconds) * 4.2));
      const kind = phase * 2 + (roll() < 0.7 ? 0 : 1);
      if (phase >= 2 && roll() < 0.4) {
        const lasts = task * 0.4 * roll();
        rows.push([time, lasts, 6e7 * roll(), lane, kind, 1]);
        time += lasts;
      }
      if (phase === 1 && roll() < 0.08) {
        const lasts = task * 0.5 * roll();
        rows.push([time, lasts, 3e7, lane, kind, 3]);
        time += lasts;
      }
      const long = lane === 5 && time > seconds * 0.75;
      const lasts = task * (long ? 6 : 0.3 + roll() + (kind === 6 ? 1 : 0));
      const failed = roll() < 0.004 ? 16 : 0;
      rows.push([time, lasts, 2e6 + 4e7 * roll(), lane, kind, 64 | failed]);
      time += lasts + (roll() < 0.06 ? task * roll() * 2 : task * 0.03);
    }
  }
  return rows.sort((a, b) => a[0] + a[1] - b[0] - b[1]);
}

/** How full worker number `worker` is: up while it computes, with one that has too much. */
function heldAt(time: number, worker: number, seconds: number): number {
  const part = Math.min(1, time / (seconds * 0.7));
  const wave = 0.06 * Math.sin(time / 3 + worker);
  const greedy = worker % 7 === 2 ? 0.25 : 0;
  const after = time > seconds * 0.85 ? 0.6 : 1;
  return Math.max(0.05, (0.12 + part * (0.5 + greedy) + wave) * after);
}

function samplesAt(time: number, { seconds, threads, workers }: IStory): number[][] {
  return Array.from({ length: workers }, (_, worker) => {
    const held = heldAt(time, worker, seconds);
    const busy = time < seconds * 0.85 ? threads * (0.8 + 0.2 * Math.sin(time + worker)) : 0.1;
    const moves = time > seconds * 0.45 && time < seconds * 0.85 ? 4e7 : 1e5;
    return [
      EPOCH + time,
      worker,
      held * LIMIT,
      held * LIMIT * 0.65,
      held * LIMIT * 0.08,
      held > 0.6 ? (held - 0.6) * LIMIT * 2 : 0,
      busy,
      moves * (1 + Math.sin(time / 2 + worker)),
      moves * (1 + Math.cos(time / 2 + worker)),
      time < seconds * 0.3 ? 9e7 : 0,
      held > 0.6 ? 5e7 : 0,
      0.004 + 0.01 * Math.abs(Math.sin(time / 5 + worker)) + (worker === 3 ? 0.05 : 0),
      worker % 2 ? 0.2 + 0.3 * Math.abs(Math.sin(time / 7)) : NaN,
      Math.round(busy),
      Math.round(busy * 2),
      held > 0.8 ? 1 : 0
    ];
  });
}

/** Everybody gets something from two others while data are moved, much of it from one of them. */
function transfersAt(time: number, { seconds, workers }: IStory): number[][] {
  if (time < seconds * 0.45 || time > seconds * 0.85) {
    return [];
  }
  return Array.from({ length: workers * 2 }, (_, pair) => {
    const receiver = pair % workers;
    const sender = (receiver + 1 + ((pair * 5 + Math.floor(time * 2)) % (workers - 1))) % workers;
    const nbytes = 4e6 * (1 + Math.sin(time / 2 + receiver)) * (sender === 2 ? 6 : 1) + 1e5;
    return [EPOCH + time, sender, receiver, 1 + (pair % 4), nbytes, nbytes / 9e7, 0.3];
  });
}

function clusterAt(time: number, told: IStory): number[] {
  const { seconds, threads, workers } = told;
  const samples = samplesAt(time, told);
  const sum = (column: number): number => samples.reduce((all, row) => all + row[column], 0);
  const left = Math.max(0, 1 - time / (seconds * 0.85));
  return [
    EPOCH + time,
    left > 0 ? workers * threads * 2 : 1,
    Math.round(left * 900),
    Math.round(left * 2_400),
    time > seconds * 0.4 && time < seconds * 0.5 ? 40 : 0,
    Math.round((1 - left) * 1_500),
    Math.round(time / 12),
    left * 400,
    workers,
    workers * threads,
    sum(2),
    LIMIT * workers,
    sum(3),
    sum(2) - sum(3),
    sum(5),
    sum(6),
    0.005 + 0.03 * Math.abs(Math.sin(time / 4))
  ];
}

function progressAt(tasks: Row[], done: number, told: IStory): Wire {
  return Object.fromEntries(
    PREFIXES.map((name, kind) => {
      const all = tasks.filter(row => row[4] === kind && (row[5] & 15) === 0);
      const ended = tasks.slice(0, done).filter(row => row[4] === kind && (row[5] & 15) === 0);
      const erred = ended.filter(row => row[5] & 16).length;
      const rest = all.length - ended.length;
      const processing = Math.min(rest, told.workers * told.threads);
      return [
        name,
        {
          released: kind % 2 ? 0 : ended.length - erred,
          memory: kind % 2 ? ended.length - erred : 0,
          erred,
          processing,
          queued: Math.floor((rest - processing) / 2),
          waiting: rest - processing - Math.floor((rest - processing) / 2),
          no_worker: 0,
          forgotten: 0,
          duration: told.task
        }
      ];
    })
  );
}

/** The same by group, of which the newest prefixes have two. */
function groupsAt(tasks: Row[], done: number, told: IStory): Wire {
  return Object.fromEntries(
    Object.entries(progressAt(tasks, done, told)).flatMap(([prefix, how], kind) => {
      const parts = kind < 5 ? 1 : 2;
      return Array.from({ length: parts }, (_, part) => [
        `${prefix}-${'0123456789abcdef'.repeat(2).slice(kind + part)}`,
        {
          ...Object.fromEntries(
            Object.entries(how as Record<string, number>).map(([state, count]) => [
              state,
              state === 'duration' ? count : Math.floor((count + part) / parts)
            ])
          ),
          prefix
        }
      ]);
    })
  );
}
