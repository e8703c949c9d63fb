/** A write to the terminal that takes longer than this is slow. */
export const SLOW_WRITE_MS = 50;

/** So many slow writes among the last ones mean that the terminal does not keep up; one alone means nothing. */
export const SLOW_WRITES = 3;

/** So many of the last writes are looked at; as many quick ones in a row make the screen faster again. */
export const WRITES_SEEN = 20;

/** Judges the terminal by how long writes to it block this process. */
export class WriteMeter {
  #slowness: 0 | 1 | 2 = 0;
  #slow: boolean[] = [];

  /** Notes one write; returns the slowness that follows. */
  note(tookMs: number): 0 | 1 | 2 {
    this.#slow = [...this.#slow.slice(1 - WRITES_SEEN), tookMs > SLOW_WRITE_MS];
    const slow = this.#slow.filter(Boolean).length;
    if (slow >= SLOW_WRITES && this.#slowness < 2) this.#turn(this.#slowness === 0 ? 1 : 2);
    else if (slow === 0 && this.#slow.length === WRITES_SEEN && this.#slowness > 0) {
      this.#turn(this.#slowness === 2 ? 1 : 0);
    }
    return this.#slowness;
  }

  /** What was seen led to this; the next turn needs new evidence. */
  #turn(slowness: 0 | 1 | 2): void {
    this.#slowness = slowness;
    this.#slow = [];
  }
}
