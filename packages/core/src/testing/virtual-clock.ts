import type { Clock } from '../ports/clock.ts';

interface Timer {
  readonly id: number;
  readonly dueMono: number;
  readonly wake: () => void;
}

/** Where a virtual clock begins: a Friday, 2026-01-02T00:00:00Z. */
export const VIRTUAL_START_MS = Date.UTC(2026, 0, 2);

/** Turns of the real event loop that are given to work between two timers, so that real I/O can settle. */
const SETTLE_TURNS = 12;

/** A clock that only moves when it is told to; the engine runs on it unchanged. */
export class VirtualClock implements Clock {
  #wallMs: number;
  #monoMs = 0;
  #nextId = 1;
  readonly #timers = new Map<number, Timer>();

  constructor(startMs: number = VIRTUAL_START_MS) {
    this.#wallMs = startMs;
  }

  now(): number {
    return this.#wallMs;
  }

  mono(): number {
    return this.#monoMs;
  }

  setTimer(wake: () => void, delayMs: number): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { id, dueMono: this.#monoMs + Math.max(0, delayMs), wake });
    return () => this.#timers.delete(id);
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const cancel = this.setTimer(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      }, ms);
      function abort(): void {
        cancel();
        reject(signal.reason);
      }
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** At once: long work would otherwise not be done when the next timer is woken. */
  async nextTurn(): Promise<void> {}

  /** Lets `ms` pass: every timer that falls due is woken in order, with time for its work in between. */
  async advance(ms: number): Promise<void> {
    const untilMono = this.#monoMs + ms;
    await this.settle();
    for (let timer = this.#earliest(untilMono); timer !== undefined; timer = this.#earliest(untilMono)) {
      this.#moveTo(Math.max(timer.dueMono, this.#monoMs));
      this.#timers.delete(timer.id);
      timer.wake();
      await this.settle();
    }
    this.#moveTo(untilMono);
    await this.settle();
  }

  /** Lets `ms` pass without waking anybody on the way: the process was stopped or its loop blocked. */
  async stall(ms: number): Promise<void> {
    this.#moveTo(this.#monoMs + ms);
    await this.advance(0);
  }

  /** Sets the wall clock by `ms` without time passing. */
  stepWall(ms: number): void {
    this.#wallMs += ms;
  }

  /** Gives work that is under way its turns. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  #moveTo(mono: number): void {
    this.#wallMs += mono - this.#monoMs;
    this.#monoMs = mono;
  }

  #earliest(untilMono: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.dueMono > untilMono) continue;
      if (
        earliest === undefined ||
        timer.dueMono < earliest.dueMono ||
        (timer.dueMono === earliest.dueMono && timer.id < earliest.id)
      ) {
        earliest = timer;
      }
    }
    return earliest;
  }
}
