import { createReadStream } from 'node:fs';
import type { ListedFile } from '../look/listed-files.ts';
import { shownBytes } from '../look/shown-numbers.ts';

/** Files longer than this are not counted row by row. */
export const COUNTED_MAX_BYTES = 2_147_483_648;

/** At most so many counts are remembered. */
const REMEMBERED_MAX = 64;

const NEWLINE = 0x0a;

/** Counts rows and remembers the counts of files that did not change. */
export class RowCounter {
  readonly #known = new Map<string, number>();

  /**
   * Rows of a file: lines with anything in them, the last one with or without a line break.
   * @throws RangeError for a file longer than `COUNTED_MAX_BYTES`; an AbortError when the signal ends it.
   */
  async count(file: ListedFile, signal: AbortSignal): Promise<number> {
    if (file.bytes > COUNTED_MAX_BYTES) {
      throw new RangeError(
        `${file.path} has ${shownBytes(file.bytes)}, too much to count its rows; measure bytes`,
      );
    }
    const key = `${file.dev}:${file.ino}:${file.bytes}:${file.mtimeMs}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const rows = await countRows(file.path, signal);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, rows);
    return rows;
  }
}

async function countRows(path: string, signal: AbortSignal): Promise<number> {
  let rows = 0;
  let isInRow = false;
  // Blocks of this size keep the event loop free between two of them.
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 262_144 })) {
    const bytes: Buffer = chunk;
    let at = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(NEWLINE, at);
      const stop = end === -1 ? bytes.length : end;
      if (stop > at) isInRow = true;
      if (end === -1) break;
      if (isInRow) rows += 1;
      isInRow = false;
      at = end + 1;
    }
  }
  return isInRow ? rows + 1 : rows;
}
