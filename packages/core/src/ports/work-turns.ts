import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { OpenedFile } from './keep-files.ts';

/** Others get a turn after so much work at the latest, bytes. */
const TURN_BYTES = 8 * 1024 * 1024;
/** A file costs at least as much as so many bytes. */
const FILE_BYTES = 32 * 1024;

/** Lets others have a turn during long work: a request to stop is heard, and told. */
export class WorkTurns {
  readonly #clock: Pick<Clock, 'nextTurn'>;
  readonly #signal: AbortSignal | undefined;
  #spent = 0;

  constructor(clock: Pick<Clock, 'nextTurn'>, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Counts work; a promise when it is time to wait. @throws the reason of the signal, here or from the promise. */
  spend(bytes: number): Promise<void> | undefined {
    this.#signal?.throwIfAborted();
    this.#spent += bytes;
    if (this.#spent < TURN_BYTES) return undefined;
    this.#spent = 0;
    return this.#turn();
  }

  /** Counts a file that is begun. */
  spendFile(): Promise<void> | undefined {
    return this.spend(FILE_BYTES);
  }

  async #turn(): Promise<void> {
    await this.#clock.nextTurn();
    this.#signal?.throwIfAborted();
  }
}

/** How a file is read for its digest. */
export interface DigestReading {
  readonly buffer: Buffer;
  readonly turns: WorkTurns;
  /** Told of each piece that was read, bytes. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/** SHA-256 and length of what an open file holds, however long it is. @throws the reason of the signal. */
export async function digestInTurns(
  file: OpenedFile,
  { buffer, turns, onRead }: DigestReading,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const digest = createHash('sha256');
  let position = 0;
  for (;;) {
    const got = file.read(buffer, 0, buffer.length, position);
    if (got === 0) return { sha256: digest.digest('hex'), bytes: position };
    digest.update(buffer.subarray(0, got));
    position += got;
    onRead?.(got);
    const turn = turns.spend(got);
    if (turn !== undefined) await turn;
  }
}
