const EVERY_MS = 20;

/** Shortest pause that may have cost somebody else a slot of a second. */
const COUNTS_FROM_MS = 500;

/**
 * What the machine took from a program that does nothing but look at the clock: whatever kept it waiting kept others
 * waiting, too. On a machine that keeps nobody waiting there are no pauses, and nothing is forgiven.
 */
export class MachinePauses implements Disposable {
  #longestMs = 0;
  #slots = 0;
  #lastMs = performance.now();
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);

  /** Longest time the program was late, ms. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Slots of a second that the pauses may have cost. */
  get slots(): number {
    return this.#slots;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lastMs - EVERY_MS;
    this.#lastMs = nowMs;
    this.#longestMs = Math.max(this.#longestMs, lateMs);
    if (lateMs >= COUNTS_FROM_MS) this.#slots += Math.ceil(lateMs / 1_000);
  }
}
