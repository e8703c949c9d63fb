/** What the screen knows of time. Handed in, so that a test can hold it still. */
export interface ScreenClock {
  /** This machine's clock, ms UTC at the start of the process and counted on from there. */
  nowMs(): number;
  /** Calls once after so many ms; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * The clock and timers of this process. It never goes backwards, even when the wall clock is set back, so that no
 * dialog stays deaf and no age is negative. Its timers do not keep the process alive.
 */
export const systemScreenClock: ScreenClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
