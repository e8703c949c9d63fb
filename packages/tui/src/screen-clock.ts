/** What the screen knows of time. Handed in, so that a test can hold it still. */
export interface ScreenClock {
  /** This machine's wall clock, ms UTC. */
  nowMs(): number;
  /** Calls once after so many ms; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** The clock and timers of this process. Its timers do not keep the process alive. */
export const systemScreenClock: ScreenClock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
