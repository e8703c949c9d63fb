/** Cuts bytes into lines. A line longer than the bound is dropped whole, so that memory stays bounded. */
export class LineReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #tooLong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds bytes and returns the lines they complete, without their line ends. */
  push(bytes: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#keep(bytes.subarray(start, end));
      if (!this.#tooLong) lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#forget();
      this.#tooLong = false;
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) {
      this.#forget();
      this.#tooLong = true;
    } else if (!this.#tooLong && bytes.length > 0) {
      this.#parts.push(bytes);
    }
  }

  #forget(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}
