import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';

/** Longest delay a timer of the platform can hold. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  setTimer(wake, delayMs) {
    const timer = setTimeout(wake, Math.min(Math.max(0, delayMs), TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
  async sleep(ms, signal) {
    const untilMono = performance.now() + ms;
    // A timer that is too long for the platform is made of several.
    do await sleepOnce(untilMono - performance.now(), signal);
    while (performance.now() < untilMono);
  },
  nextTurn: () => setImmediate(),
};

function sleepOnce(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const cancel = systemClock.setTimer(() => {
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
