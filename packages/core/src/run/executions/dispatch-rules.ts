import type { PoolMembership } from '../targets/target-policies.ts';

/** After so much waiting a run counts as one priority higher, so that none waits for ever, ms (rule S18). */
export const PRIORITY_STEP_MS = 60_000;

/** At most so many runs wait for their pool; what comes after is skipped with reason `pool-full`. */
export const POOL_WAITING_MAX = 1000;

/** A run that is READY and waits to be started. */
export interface WaitingRun extends PoolMembership {
  readonly executionId: string;
  readonly targetId: string;
  /** How many runs of its target may go on at once. */
  readonly maxConcurrent: number;
  /** Since when it waits. */
  readonly sinceMs: number;
  /** Not before this: the wait before another attempt, or jitter. */
  readonly notBeforeMs: number;
}

/** How much of each limit is taken. */
export interface Occupancy {
  readonly runningOf: (targetId: string) => number;
  readonly runningIn: (pool: string) => number;
  /** Absent for a pool without a limit. */
  readonly limitOf: (pool: string) => number | undefined;
}

/**
 * Which waiting runs start now: highest priority first, then the one that has waited longest; runs of one target keep
 * their order. A run that cannot start holds up no other.
 */
export function chooseStarts<W extends WaitingRun>(
  waiting: readonly W[],
  taken: Occupancy,
  nowMs: number,
): readonly W[] {
  const ready = waiting.filter((run) => run.notBeforeMs <= nowMs);
  if (ready.length === 0) return [];
  const ofTarget = new Map<string, number>();
  const inPool = new Map<string, number>();
  const started: W[] = [];
  for (const run of ready.sort((a, b) => compare(a, b, nowMs))) {
    const running = ofTarget.get(run.targetId) ?? taken.runningOf(run.targetId);
    const pooled = inPool.get(run.pool) ?? taken.runningIn(run.pool);
    const limit = taken.limitOf(run.pool);
    if (running >= run.maxConcurrent || (limit !== undefined && pooled >= limit)) continue;
    ofTarget.set(run.targetId, running + 1);
    inPool.set(run.pool, pooled + 1);
    started.push(run);
  }
  return started;
}

/** When waiting runs must be looked at again for their own sake; absent when only the end of a run can help. */
export function nextReadyMs(waiting: Iterable<WaitingRun>, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const run of waiting) {
    if (run.notBeforeMs > nowMs && (next === undefined || run.notBeforeMs < next)) next = run.notBeforeMs;
  }
  return next;
}

/** Priority with what waiting has added, at most 9. */
export function effectivePriority(run: WaitingRun, nowMs: number): number {
  const waitedMs = Math.max(0, nowMs - Math.max(run.sinceMs, run.notBeforeMs));
  return Math.min(9, run.priority + Math.floor(waitedMs / PRIORITY_STEP_MS));
}

function compare(a: WaitingRun, b: WaitingRun, nowMs: number): number {
  if (a.targetId === b.targetId) return a.sinceMs - b.sinceMs;
  return effectivePriority(b, nowMs) - effectivePriority(a, nowMs) || a.sinceMs - b.sinceMs;
}
