/** What an engine has done up to an instant. */
export interface Progress {
  /** Looks of the scheduler's loop. */
  readonly wakes: number;
  readonly hasChecks: boolean;
  /** Interval of the check that looks most often, ms. */
  readonly shortestIntervalMs?: number | undefined;
  /** Monotonic time at which a check last finished, ms; absent before the first. */
  readonly lastLookMono?: number | undefined;
  /** Age of the oldest notice that is due and not sent, ms. */
  readonly outboxOldestMs?: number | undefined;
  /** Our own connection is down, so notices wait as they should. */
  readonly isIsolated?: boolean | undefined;
  /** How long this engine has been able to send, ms. */
  readonly runningMs?: number | undefined;
  readonly isStoreWritable: boolean;
  readonly mono: number;
}

/** No check has to finish more often than this, or than three times the shortest interval, ms. */
export const LOOK_WITHIN_MS = 120_000;
/** A notice that waits longer than this means that nobody hears of anything, ms. */
export const OUTBOX_WITHIN_MS = 1_800_000;
/** The loop of the scheduler looks at least once a second, so nothing is concluded sooner than this, ms. */
const WAKE_WITHIN_MS = 2000;

/**
 * Why the outside must not be told that this engine lives, although its process does; none when it really works.
 * `before` is what it had done when it was last asked.
 */
export function standstillsOf(now: Progress, before: Progress): readonly string[] {
  const reasons: string[] = [];
  if (now.wakes === before.wakes && now.mono - before.mono > WAKE_WITHIN_MS) {
    reasons.push('the scheduler does not look');
  }
  const sinceLookMs = now.mono - (now.lastLookMono ?? 0);
  const lookWithinMs = Math.max(LOOK_WITHIN_MS, 3 * (now.shortestIntervalMs ?? 0));
  if (now.hasChecks && sinceLookMs > lookWithinMs) reasons.push('no check finishes');
  // Whoever restarts an engine that stands still must not do so again at once because of what an earlier one left.
  const unsentMs = Math.min(now.outboxOldestMs ?? 0, now.runningMs ?? Number.POSITIVE_INFINITY);
  if (now.isIsolated !== true && unsentMs > OUTBOX_WITHIN_MS) reasons.push('notices are not sent');
  if (!now.isStoreWritable) reasons.push('the store cannot be written');
  return reasons;
}
