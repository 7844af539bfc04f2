/**
 * What the server sends, as the rest of the front end sees it.
 *
 * Numbers are SI and times are epoch seconds of the server's clock. Objects are immutable: a
 * change is a new object, which is how a card knows that it has nothing to repaint.
 */

/** Where a cluster is in its life. */
export type Phase = 'starting' | 'waiting' | 'running' | 'stopping' | 'stopped' | 'failed' | 'lost';

/** What may be asked of a cluster. */
export type Ability =
  | 'scale'
  | 'adapt'
  | 'restart'
  | 'stop'
  /** Let go of a cluster that was found running. */
  | 'detach'
  | 'keep'
  | 'dashboard'
  | 'logs';

/** Something that went wrong: the same words in magic, panel and REST. */
export interface IProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** One step of a launch, in the order they happen. */
export interface IStep {
  readonly name: string;
  readonly title: string;
  readonly state: 'active' | 'done' | 'failed';
  readonly started: number;
  readonly finished: number | null;
}

export interface IWorkers {
  /** Those of groups are among them, as they are among those that run. */
  readonly wanted: number;
  readonly running: number;
  /** The range of adaptive scaling, without groups; both null when the number is fixed. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** How many are wanted of each worker group. */
  readonly groups: Readonly<Record<string, number>>;
}

/** Why the cluster may still live; limits in seconds, null for none. */
export interface ILease {
  readonly pinned: boolean;
  readonly idle: number | null;
  readonly noClient: number | null;
  readonly maxAge: number | null;
  /** When it ends if nothing changes; null while nothing counts down. */
  readonly deadline: number | null;
  readonly cause: string | null;
}

/** A finding about missing workers or about options, with what shows it. */
export interface IAdvice {
  readonly code: string;
  readonly message: string;
  /** What to change; may be empty. */
  readonly hint: string;
  readonly severity: 'note' | 'warning' | 'error';
  readonly evidence: ReadonlyArray<string>;
  /** Whether it has been given up until the cluster is scaled, be it to the same number. */
  readonly again: boolean;
}

/** What a worker is to run in: a batch job, a pod. */
export interface IJob {
  readonly id: string;
  readonly state: 'pending' | 'running' | 'ended';
  /** In words, or else the queue's own word; may be empty. */
  readonly text: string;
  readonly node: string;
  /** When the queue expects it to start; null where it does not say. */
  readonly expected: number | null;
}

/** What a launch would run, and what to mind. */
export interface IPreview {
  readonly text: string;
  readonly advice: ReadonlyArray<IAdvice>;
}

export interface IHistoryLine {
  readonly at: number;
  readonly kind: string;
  readonly text: string;
}

export interface ICluster {
  readonly id: string;
  readonly name: string;
  readonly deployment: string;
  readonly profile: string | null;
  /** A process of its own, or published by a kernel. */
  readonly origin: 'host' | 'kernel';
  /** The class of what a kernel has published, such as `LocalCluster`; else empty. */
  readonly kind: string;
  readonly phase: Phase;
  readonly reason: IProblem | null;
  readonly steps: ReadonlyArray<IStep>;
  /** What to call the interpreter's environment; empty when unknown. */
  readonly environment: string;
  /** Changes when the scheduler was replaced: views of the old one are dead then. */
  readonly schedulerId: string | null;
  readonly workers: IWorkers;
  readonly cores: number;
  /** Cores in use. */
  readonly cpu: number;
  readonly memory: { readonly used: number; readonly limit: number };
  readonly tasks: {
    readonly processing: number;
    readonly waiting: number;
    readonly memory: number;
    readonly erred: number;
  };
  readonly clients: number;
  readonly lease: ILease;
  readonly events: ReadonlyArray<IHistoryLine>;
  /** Where the workers are to run, where something keeps them. */
  readonly jobs: ReadonlyArray<IJob>;
  /** Why there are fewer workers than wanted; most important first. */
  readonly advice: ReadonlyArray<IAdvice>;
  /** What to mind of its options, as it was known before the launch. */
  readonly warnings: ReadonlyArray<IAdvice>;
  readonly can: ReadonlySet<Ability>;
  /** Whether its host keeps a log, which can be read even when the host is gone. */
  readonly hasLog: boolean;
  readonly created: number;
  readonly updated: number;
}

/** A number of workers, or the range of adaptive scaling. */
export type Scaling = number | { readonly minimum: number; readonly maximum: number };

/** The same for the workers of no group, and a number for each group. */
export interface IGroupedScaling {
  readonly workers: Scaling;
  readonly groups: Readonly<Record<string, number>>;
}

/** Options of a deployment by name: JSON, as its schema says. */
export type Options = Readonly<Record<string, unknown>>;

/** What is asked for when a cluster is launched. */
export interface ILaunch {
  /** Chosen here, so that asking twice makes one cluster. */
  readonly id: string;
  readonly deployment: string;
  readonly name: string | null;
  /** A saved profile; what else is given goes before what it says. */
  readonly profile: string | null;
  /** Null leaves the number to the profile or the deployment. */
  readonly workers: Scaling | null;
  readonly environment: string | null;
  readonly options: Options;
  /** Folder of the cluster's processes, relative to the server's root. */
  readonly cwd: string | null;
}

export interface IListing {
  readonly clusters: ReadonlyArray<ICluster>;
  /** Records that cannot be read, a sentence each. */
  readonly problems: ReadonlyArray<IProblem>;
}

/** What a launch may ask for; the number can always be left to the deployment. */
export interface IWorkerCounts {
  readonly number: boolean;
  readonly adaptive: boolean;
  /** Why another number is refused; empty if none is. */
  readonly why: string;
}

export interface IDeployment {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of its options. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly workers: IWorkerCounts;
  /** Options that an administrator has fixed. */
  readonly locked: Options;
  readonly available: boolean;
  /** What is missing and how to get it. */
  readonly missing: IProblem | null;
}

/** The ways to run Dask that an environment has. */
export interface ICatalogue {
  readonly deployments: ReadonlyArray<IDeployment>;
  /** Workers that a cluster may have; null where that is not said. */
  readonly mostWorkers: number | null;
}

/** What a profile is made of. */
export interface ISettings {
  readonly deployment: string;
  readonly workers: Scaling | null;
  readonly environment: string | null;
  readonly options: Options;
}

/** A deployment with settings, saved under a name. */
export interface IProfile extends ISettings {
  readonly name: string;
  /** The file that defines it, null where it was set otherwise. */
  readonly path: string | null;
  /** Whether it can be saved anew and removed from here. */
  readonly editable: boolean;
  readonly problem: IProblem | null;
}

export interface IProfiles {
  readonly profiles: ReadonlyArray<IProfile>;
  /** Files of the configuration that cannot be read. */
  readonly problems: ReadonlyArray<IProblem>;
}

/** A cluster that runs already and is in no list; a launch with its options attaches to it. */
export interface IFound {
  readonly deployment: string;
  /** What told of it. */
  readonly source: string;
  readonly name: string;
  readonly text: string;
  /** What to call it here, null for whatever is free. */
  readonly label: string | null;
  readonly options: Options;
}

export interface IDiscovery {
  readonly found: ReadonlyArray<IFound>;
  /** What could not be asked. */
  readonly silent: ReadonlyArray<IProblem>;
}

export interface IEnvironment {
  readonly name: string;
  readonly title: string;
}

export type LogSource = 'scheduler' | 'workers' | 'host';

export interface ILogLine {
  readonly source: string;
  readonly at: number | null;
  readonly level: string;
  readonly text: string;
}

export interface IPage {
  readonly name: string;
  readonly title: string;
}

/** A page behind a short-lived capability. */
export interface IView {
  readonly url: string;
  readonly expires: number;
}

/** Code that connects a notebook: with dasklab in its kernel, and without. */
export interface IConnectCode {
  readonly connect: string;
  readonly plain: string;
}

/** A change that the server pushed. */
export type ClusterEvent =
  | { readonly action: 'changed'; readonly cluster: ICluster }
  | { readonly action: 'forgotten'; readonly id: string };

/** Whether nothing of the cluster is left but its record. */
export function hasEnded(phase: Phase): boolean {
  return phase === 'stopped' || phase === 'failed' || phase === 'lost';
}

/** Whether there is something to plot: of a cluster that has ended, only if it ever ran. */
export function hasPlots(cluster: ICluster): boolean {
  return !hasEnded(cluster.phase) || cluster.schedulerId !== null;
}

/** Whether the cluster is on its way to a worker. */
export function isComing(phase: Phase): boolean {
  return phase === 'starting' || phase === 'waiting';
}
