/** What the plots of a recording share: all of it is there from the beginning, and stays. */
import { Filter } from '../plot/filter';
import type { IAsked, ICellDoor, IStage, IWords } from '../plot/plot';
import { TimeAxis, type IRange } from '../plot/time-axis';
import { Listeners } from '../telemetry/listeners';
import { unpackRecording } from '../telemetry/recording';
import { TelemetryStore } from '../telemetry/store';

export class RecordedStage implements IStage {
  private constructor(
    readonly words: IWords,
    readonly cells: ICellDoor
  ) {
    const failure = words.__('There is nothing of this in a recording.');
    this.profile = this.graph = { value: null, failure, want: () => {} };
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
    const stage = new RecordedStage(words, cells);
    for (const frame of await unpackRecording(data)) {
      stage.store.apply(frame);
    }
    const { begin, now } = stage.store;
    stage.axis.show(Math.max(range.from, begin || 0), Math.min(range.to, now || Infinity));
    return stage;
  }

  readonly profile: IAsked<unknown, never>;
  readonly graph: IAsked<unknown, never>;
  readonly told = new Listeners();
  readonly store = new TelemetryStore();
  readonly axis = new TimeAxis();
  readonly filter = new Filter();

  /** Keys stay with the cluster's host, and that is gone. */
  keyOf(): Promise<null> {
    return Promise.resolve(null);
  }
}
