/** What lies in an output of ours: `python/dasklab/widgets/bundle.py` writes it, anybody may. */
import { plotName, type PlotName } from '../plots/names';
import type { IRange } from '../plot/time-axis';

export const MIME = 'application/vnd.dasklab.plots+json';

const VERSION = 1;
const TEXT = 300;

export interface IRecording {
  /** Frames, compressed, as base64. */
  readonly data: string;
  /** The time that it is of. */
  readonly range: IRange;
}

export interface IPayload {
  /** A strip stays a picture until somebody asks for more. */
  readonly kind: 'plots' | 'strip';
  readonly title: string;
  readonly plots: ReadonlyArray<PlotName>;
  /** How much of the time live plots show. */
  readonly seconds: number | null;
  /** Id of the cluster, while that lives. */
  readonly cluster: string | null;
  readonly recording: IRecording | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Read it; null if nothing can be drawn from it. */
export function readPayload(value: unknown): IPayload | null {
  if (!isObject(value) || value.version !== VERSION || !Array.isArray(value.plots)) {
    return null;
  }
  const names = value.plots.map(each => (typeof each === 'string' ? plotName(each) : null));
  const plots = [...new Set(names.filter(each => each !== null))];
  const cluster = isObject(value.cluster) ? value.cluster.id : null;
  return plots.length === 0
    ? null
    : {
        kind: value.kind === 'strip' ? 'strip' : 'plots',
        title: typeof value.title === 'string' ? value.title.slice(0, TEXT) : '',
        plots,
        seconds: isTime(value.seconds) ? value.seconds : null,
        cluster: typeof cluster === 'string' ? cluster : null,
        recording: readRecording(value.recording)
      };
}

function readRecording(value: unknown): IRecording | null {
  if (!isObject(value)) {
    return null;
  }
  const { data, since, until } = value;
  return typeof data === 'string' && isTime(since) && isTime(until) && since < until
    ? { data, range: { from: since, to: until } }
    : null;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
