import { schedule as scheduleTask } from 'node-cron';

/** Looks at second 0 and 30 of every minute. */
const EVERY_HALF_MINUTE = '*/30 * * * * *';
/** A check this late is still a check, ms. */
const MISSED_TOLERANCE_MS = 30_000;
/** After a standstill of the whole process both timers are late; the loop gets this long to show that it goes on, ms. */
const SECOND_LOOK_MS = 2_000;
/** How often wall time is compared with real time, ms. */
const CLOCK_CHECK_MS = 1_000;
/** A difference beyond this is a step of the clock, ms. */
const CLOCK_STEP_MS = 2_000;

/** A loop that stands still. */
export interface SchedulerStall {
  /** About when it was last seen moving, ms UTC. */
  readonly sinceMs: number;
  /** How long ago that is in real time, ms. */
  readonly silentMs: number;
  /** Its counter, which has not grown since. */
  readonly wakes: number;
}

/** What the watchdog looks at and whom it tells. */
export interface CronWatchdogOptions {
  /** A counter that grows while the loop goes on. */
  readonly wakes: () => number;
  /** Once when the counter has stopped growing. */
  readonly onStalled: (stall: SchedulerStall) => void;
  /** Once when it grows again after `onStalled`. */
  readonly onMoving: () => void;
  /** When to look, as a cron expression in UTC; every half minute when absent. */
  readonly expression?: string | undefined;
}

/** A running watchdog. */
export interface CronWatchdog {
  close(): void;
}

/**
 * Watches the engine's loop on a timer that is not the engine's own: one node-cron task in UTC. A fault of our heap,
 * our slots or our store so cannot silence what would report it. Never keeps the process alive.
 */
export function startCronWatchdog(options: CronWatchdogOptions): CronWatchdog {
  const episode = new StallEpisode(options);
  let task = startTask(options.expression ?? EVERY_HALF_MINUTE, episode);
  /*
   * node-cron waits for wall times: set back by a day it would be silent for a day, set forward it would count every
   * missed time in one go. A new task starts from the new time.
   */
  let stepMs = clockDifferenceMs();
  const clockCheck = setInterval(() => {
    const nowMs = clockDifferenceMs();
    if (Math.abs(nowMs - stepMs) <= CLOCK_STEP_MS) return;
    stepMs = nowMs;
    void task.destroy();
    task = startTask(options.expression ?? EVERY_HALF_MINUTE, episode);
  }, CLOCK_CHECK_MS);
  clockCheck.unref();
  return {
    close: () => {
      clearInterval(clockCheck);
      episode.close();
      void task.destroy();
    },
  };
}

function startTask(expression: string, episode: StallEpisode) {
  return scheduleTask(expression, () => episode.look(), {
    timezone: 'UTC',
    noOverlap: true,
    missedExecutionTolerance: MISSED_TOLERANCE_MS,
    suppressMissedWarning: true,
    unref: true,
    logger: silent,
  });
}

/** What node-cron would print belongs to nobody: a check that comes late is reported by its result. */
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

function clockDifferenceMs(): number {
  return Date.now() - performance.now();
}

/** Tells once that the counter stands still and once that it grows again. */
class StallEpisode {
  readonly #options: CronWatchdogOptions;
  #wakes: number;
  #seenAtMs = Date.now();
  #seenAtMono = performance.now();
  #stalled = false;
  #secondLook: NodeJS.Timeout | undefined;

  constructor(options: CronWatchdogOptions) {
    this.#options = options;
    this.#wakes = options.wakes();
  }

  /** Looks at the counter; a standstill counts when a second look a little later finds the same. */
  look(): void {
    if (this.#hasMoved() || this.#stalled || this.#secondLook !== undefined) return;
    this.#secondLook = setTimeout(() => {
      this.#secondLook = undefined;
      if (!this.#hasMoved()) this.#report();
    }, SECOND_LOOK_MS);
    this.#secondLook.unref();
  }

  close(): void {
    clearTimeout(this.#secondLook);
  }

  #hasMoved(): boolean {
    const wakes = this.#options.wakes();
    if (wakes === this.#wakes) return false;
    this.#wakes = wakes;
    this.#seenAtMs = Date.now();
    this.#seenAtMono = performance.now();
    if (this.#stalled) {
      this.#stalled = false;
      this.#options.onMoving();
    }
    return true;
  }

  #report(): void {
    this.#stalled = true;
    const silentMs = Math.round(performance.now() - this.#seenAtMono);
    this.#options.onStalled({ sinceMs: this.#seenAtMs, silentMs, wakes: this.#wakes });
  }
}
