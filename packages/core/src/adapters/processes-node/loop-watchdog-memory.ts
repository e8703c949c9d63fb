/** Functions that can be named at a time; further ones are only counted. */
export const SUSPECTS_MAX = 64;
const SUSPECT_BYTES = 192;
const BEAT = 0;
const RUNNING = 1;
const LENGTHS = 2;
const HEADER_INTS = LENGTHS + SUSPECTS_MAX;

/** A function that was running in the engine's process when its event loop stood still. */
export interface LoopSuspect {
  readonly executionId: string;
  readonly targetId: string;
}

/**
 * What the main thread and its watchdog share: a beat and the names of the running functions. It is written before
 * a function is called, because a thread that does not yield can say nothing afterwards.
 */
export class LoopMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #slots = new Map<string, number>();

  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(HEADER_INTS * 4 + SUSPECTS_MAX * SUSPECT_BYTES);
    this.#header = new Int32Array(this.buffer, 0, HEADER_INTS);
  }

  /** The main loop turned. */
  beat(): void {
    Atomics.add(this.#header, BEAT, 1);
  }

  /** Changes whenever the main loop turned; wraps. */
  get beats(): number {
    return Atomics.load(this.#header, BEAT);
  }

  /** Functions that are running, also those that found no slot for their name. */
  get running(): number {
    return Atomics.load(this.#header, RUNNING);
  }

  /** Notes a function that is about to be called. */
  enter(executionId: string, targetId: string): void {
    Atomics.add(this.#header, RUNNING, 1);
    const slot = this.#header.subarray(LENGTHS).indexOf(0);
    if (slot < 0 || this.#slots.has(executionId)) return;
    this.#slots.set(executionId, slot);
    const length = this.#text(slot).write(`${executionId}\n${targetId}`);
    // The length last: a reader sees a whole name or none.
    Atomics.store(this.#header, LENGTHS + slot, length);
  }

  /** Forgets a function that has settled. */
  leave(executionId: string): void {
    Atomics.sub(this.#header, RUNNING, 1);
    const slot = this.#slots.get(executionId);
    if (slot === undefined) return;
    this.#slots.delete(executionId);
    Atomics.store(this.#header, LENGTHS + slot, 0);
  }

  /** The named functions that are running. */
  suspects(): readonly LoopSuspect[] {
    const found: LoopSuspect[] = [];
    for (let slot = 0; slot < SUSPECTS_MAX; slot += 1) {
      const length = Atomics.load(this.#header, LENGTHS + slot);
      if (length === 0) continue;
      const [executionId = '', targetId = ''] = this.#text(slot).toString('utf8', 0, length).split('\n');
      found.push({ executionId, targetId });
    }
    return found;
  }

  #text(slot: number): Buffer {
    return Buffer.from(this.buffer, HEADER_INTS * 4 + slot * SUSPECT_BYTES, SUSPECT_BYTES);
  }
}
