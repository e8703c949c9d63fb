/** A write to the terminal that takes longer than this means that the terminal does not keep up. */
export const SLOW_WRITE_MS = 50;

/** So many quick writes in a row make the screen faster again. */
export const QUICK_WRITES = 20;

/** Judges the terminal by how long writes to it block this process. */
export class WriteMeter {
  #slowness: 0 | 1 | 2 = 0;
  #quick = 0;

  /** Notes one write; returns the slowness that follows. */
  note(tookMs: number): 0 | 1 | 2 {
    if (tookMs > SLOW_WRITE_MS) {
      this.#quick = 0;
      this.#slowness = this.#slowness === 0 ? 1 : 2;
      return this.#slowness;
    }
    this.#quick += 1;
    if (this.#quick >= QUICK_WRITES && this.#slowness > 0) {
      this.#quick = 0;
      this.#slowness = this.#slowness === 2 ? 1 : 0;
    }
    return this.#slowness;
  }
}
