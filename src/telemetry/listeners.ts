/** Who wants to be told of changes: all that telemetry and plots need of an observable. */
export class Listeners {
  get size(): number {
    return this._all.size;
  }

  /** Be called at every change until the returned function is called. */
  readonly add = (listener: () => void): (() => void) => {
    this._all.add(listener);
    return () => {
      this._all.delete(listener);
    };
  };

  /** Tell everybody; one who goes meanwhile is not told any more. */
  notify(): void {
    for (const each of this._all) {
      each();
    }
  }

  clear(): void {
    this._all.clear();
  }

  private readonly _all = new Set<() => void>();
}
