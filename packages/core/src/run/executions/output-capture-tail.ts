/** The last `capacity` bytes of a stream. Grows with what arrives and never beyond twice its capacity. */
export class ByteTail {
  readonly #capacity: number;
  #buffer = Buffer.alloc(0);
  #end = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of bytes kept. */
  get length(): number {
    return Math.min(this.#end, this.#capacity);
  }

  /** Adds bytes; the oldest beyond the capacity are forgotten. */
  append(bytes: Buffer): void {
    const added = bytes.subarray(Math.max(0, bytes.length - this.#capacity));
    if (added.length === 0) return;
    if (this.#end + added.length > this.#buffer.length) this.#makeRoom(added.length);
    added.copy(this.#buffer, this.#end);
    this.#end += added.length;
  }

  /** The bytes kept; a view that is valid until the next `append`. */
  bytes(): Buffer {
    return this.#buffer.subarray(this.#end - this.length, this.#end);
  }

  /** Moves what is kept to the front, into a larger buffer while that may still grow: linear work in all. */
  #makeRoom(addedBytes: number): void {
    const kept = this.bytes();
    const wanted = Math.min(2 * this.#capacity, 2 * (kept.length + addedBytes));
    const target = wanted > this.#buffer.length ? Buffer.allocUnsafeSlow(wanted) : this.#buffer;
    kept.copy(target);
    this.#buffer = target;
    this.#end = kept.length;
  }
}
