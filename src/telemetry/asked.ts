/**
 * Something that a host tells when it is asked, not by itself: the profile, the task graph. Asked
 * for by who draws it, when there is reason to think that it has changed; so nobody asks for what
 * is not seen.
 */

export class Asked<Q, T> {
  /**
   * @param ask - Asks; rejects with an error whose message is for the user.
   * @param told - Called when there is an answer, and when it may be asked again.
   * @param pause - Milliseconds between an answer and the next question.
   */
  constructor(ask: (question: Q, before: T | null) => Promise<T>, told: () => void, pause: number) {
    this._ask = ask;
    this._told = told;
    this._pause = pause;
  }

  /** The last answer. */
  get value(): T | null {
    return this._value;
  }

  /** Why there is no newer one; empty if there is. */
  get failure(): string {
    return this._failure;
  }

  /** Ask, unless just that has been asked. What comes too early is asked for when it is time. */
  want(question: Q): void {
    const key = JSON.stringify(question);
    if (key === this._key || this._asking || this._timer !== null) {
      return;
    }
    this._key = key;
    void this._begin(question);
  }

  dispose(): void {
    this._isDisposed = true;
    if (this._timer !== null) {
      clearTimeout(this._timer);
    }
  }

  private async _begin(question: Q): Promise<void> {
    this._asking = true;
    try {
      this._value = await this._ask(question, this._value);
      this._failure = '';
    } catch (error) {
      this._failure = error instanceof Error ? error.message : String(error);
    }
    this._asking = false;
    if (!this._isDisposed) {
      this._timer = setTimeout(() => {
        this._timer = null;
        this._told();
      }, this._pause);
      this._told();
    }
  }

  private readonly _ask: (question: Q, before: T | null) => Promise<T>;
  private readonly _told: () => void;
  private readonly _pause: number;
  private _value: T | null = null;
  private _failure = '';
  private _key = '';
  private _asking = false;
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _isDisposed = false;
}
