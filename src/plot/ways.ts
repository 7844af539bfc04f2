/** Ways to look at the same thing: a painter has them, the bar shows a button for each. */

type Way<N extends string> = readonly [name: N, label: string, title: string];

export class Ways<N extends string = string> {
  /**
   * @param all - The first one is chosen.
   * @param inTable - They concern the table alone, and are offered where that is shown.
   */
  constructor(
    label: string,
    all: readonly [Way<N>, ...Way<N>[]],
    readonly inTable: boolean = false
  ) {
    this.label = label;
    this.all = all;
    this._chosen = all[0][0];
  }

  readonly label: string;
  readonly all: ReadonlyArray<Way<N>>;

  get chosen(): N {
    return this._chosen;
  }

  choose(name: N): void {
    this._chosen = name;
  }

  private _chosen: N;
}
