/** Time as the engine may ask for it; nobody else reads a clock. */
export interface Clock {
  /** Wall time: ms since 1970-01-01 UTC. May step. */
  now(): number;
  /** Monotonic time in ms; never goes back, says nothing about the wall. */
  mono(): number;
  /** Calls `wake` once after at least `delayMs` (0 … 2^31−1); the returned function cancels it. */
  setTimer(wake: () => void, delayMs: number): () => void;
  /** Resolves after at least `ms`; rejects with `signal.reason` as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Resolves in a later turn of the event loop, so that long work does not hold up everybody else; no time passes. */
  nextTurn(): Promise<void>;
}
