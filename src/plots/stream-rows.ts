/** The rows of the task stream: threads, those of a worker beneath each other. */
import type { Series } from '../telemetry/columns';
import type { TelemetryStore } from '../telemetry/store';

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
      const firsts = new Map<string, number>();
      lanes.forEach(({ worker }, index) => {
        if (!firsts.has(worker)) {
          firsts.set(worker, index);
        }
      });
      order.sort((a, b) => {
        const workers = (firsts.get(lanes[a].worker) ?? 0) - (firsts.get(lanes[b].worker) ?? 0);
        return workers || lanes[a].thread - lanes[b].thread || a - b;
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
