/** What the plots of a recording share: all of it is there from the beginning, and stays. */
import { Filter } from '../plot/filter';
import type { IAsked, ICellDoor, IStage, IWords } from '../plot/plot';
import { TimeAxis, type IRange } from '../plot/time-axis';
import { readCallTree, type ICallTree } from '../telemetry/call-tree';
import { Listeners } from '../telemetry/listeners';
import { unpackRecording } from '../telemetry/recording';
import { TelemetryStore } from '../telemetry/store';
import { readTaskGraph, type ITaskGraph } from '../telemetry/task-graph';
import { isObject, type Json } from '../telemetry/values';

export class RecordedStage implements IStage {
  private constructor(
    readonly words: IWords,
    readonly cells: ICellDoor,
    answers: Json
  ) {
    const failure = words.__('There is nothing of this in a recording.');
    const said = <T>(answer: unknown, read: (answer: unknown) => T): IAsked<unknown, T> =>
      isObject(answer)
        ? { value: read(answer), failure: '', want: () => {} }
        : { value: null, failure, want: () => {} };
    this.profile = said(answers.profile, readCallTree);
    this.graph = said(answers.graph, answer => readTaskGraph(answer, null));
    this.store.changed.add(() => this.axis.extend(this.store.begin, this.store.now));
  }

  /**
   * Unpack a recording; throws a FrameError if it is none.
   *
   * @param range - The time that is shown at first.
   */
  static async open(
    data: string,
    range: IRange,
    words: IWords,
    cells: ICellDoor
  ): Promise<RecordedStage> {
    const frames = await unpackRecording(data);
    const stage = new RecordedStage(words, cells, frames[0].answers);
    for (const frame of frames) {
      stage.store.apply(frame);
    }
    const { begin, now } = stage.store;
    stage.axis.show(Math.max(range.from, begin || 0), Math.min(range.to, now || Infinity));
    return stage;
  }

  readonly profile: IAsked<unknown, ICallTree>;
  readonly graph: IAsked<unknown, ITaskGraph>;
  readonly told = new Listeners();
  readonly store = new TelemetryStore();
  readonly standing = this.store;
  readonly axis = new TimeAxis();
  readonly filter = new Filter();

  /** Keys stay with the cluster's host, and that is gone. */
  keyOf(): Promise<null> {
    return Promise.resolve(null);
  }
}
