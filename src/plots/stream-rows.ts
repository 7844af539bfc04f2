/** The rows of the task stream: threads, those of a worker beneath each other, by its name. */
import type { Series } from '../telemetry/columns';
import type { TelemetryStore } from '../telemetry/store';

/** Worker 10 comes after worker 9. */
const NAMES = new Intl.Collator(undefined, { numeric: true });

export class StreamRows {
  /** The lane in each row. */
  readonly lanes: number[] = [];
  /** What is in each row; undefined where nothing has been done yet. */
  readonly series: Array<Series | undefined> = [];

  /** Take in what the store has; threads keep their order while none are added. */
  update(store: TelemetryStore): void {
    const { groups } = store.tasks;
    if (store.lanes.length !== this.lanes.length || this._first !== store.lanes[0]) {
      this._first = store.lanes[0];
      const { lanes } = store;
      const order = lanes.map((_, index) => index);
      order.sort((a, b) => {
        const [one, two] = [lanes[a], lanes[b]];
        return (
          NAMES.compare(one.name, two.name) ||
          NAMES.compare(one.worker, two.worker) ||
          one.thread - two.thread
        );
      });
      this.lanes.length = 0;
      this.lanes.push(...order);
    }
    this.series.length = this.lanes.length;
    for (let row = 0; row < this.lanes.length; row++) {
      this.series[row] = groups[this.lanes[row]];
    }
  }

  private _first: unknown = null;
}
