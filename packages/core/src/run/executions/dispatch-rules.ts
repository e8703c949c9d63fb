import type { ProcessIdentity } from '../../ports/processes.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { maxConcurrentOf } from '../targets/target-policies.ts';
import type { StopRequest } from './execution.ts';
import {
  claimExecution,
  type EndedExecution,
  type ExecutionDecision,
  type ReadyExecution,
  type RunningExecution,
  stopExecution,
} from './execution-rules.ts';
import type { ExecutionChange } from './execution-store.ts';

/** After so much waiting a run counts as one priority higher, so that none waits for ever, ms (rule S18). */
export const PRIORITY_STEP_MS = 60_000;

/** At most so many runs wait for their pool; what comes after is skipped with reason `pool-full`. */
export const POOL_WAITING_MAX = 1000;

/** A committed READY execution that waits to be started. */
export interface WaitingRun {
  readonly execution: ReadyExecution;
  readonly definition: TargetDefinition;
  /** When it is due: its slot, with jitter, or after the wait before another attempt. */
  readonly notBeforeMs: number;
  /** Since when it counts as waiting, where it took the place of another run or the clock was set back. */
  readonly waitsFromMs?: number;
}

/** How much of each limit is taken, and what stands in the way. */
export interface Occupancy {
  /** Lanes of a target in which something goes on. */
  readonly lanesOf: (targetId: string) => readonly number[];
  readonly runningIn: (pool: string) => number;
  /** Absent for a pool without a limit. */
  readonly limitOf: (pool: string) => number | undefined;
  /** The state of a target as the decision leaves it. */
  readonly stateOf: (targetId: string) => TargetState;
  /** Why nothing of this target may be started whatever its state; absent when it may. */
  readonly obstacleOf: (targetId: string) => string | undefined;
  readonly owner: ProcessIdentity | undefined;
  /** So many runs are started at most; absent: as many as there is room for. */
  readonly startsMax?: number;
}

/** What becomes of the runs that wait. */
export interface DispatchPlan {
  readonly starts: ReadonlyArray<{ readonly run: WaitingRun; readonly execution: RunningExecution }>;
  /** Those that will not be started any more: their target is paused, suspended, resting, or the engine ends. */
  readonly stops: readonly WaitingRun[];
  readonly waiting: readonly WaitingRun[];
  readonly changes: readonly ExecutionChange[];
}

/** Runs that will not be started any more, as they are ended, and the others. */
export interface HinderedRuns {
  readonly stops: ReadonlyArray<{ readonly run: WaitingRun } & ExecutionDecision<EndedExecution>>;
  readonly others: readonly WaitingRun[];
}

/**
 * Which waiting runs start now: highest priority first, then the one that has waited longest; runs of one target keep
 * their order. A run that cannot start holds up no other.
 */
export function planDispatch(waiting: readonly WaitingRun[], taken: Occupancy, nowMs: number): DispatchPlan {
  const { stops, others } = hinderedRuns(waiting, taken, nowMs);
  const started = planStarts(others, taken, nowMs);
  return {
    ...started,
    stops: stops.map((stop) => stop.run),
    changes: [...stops.flatMap((stop) => stop.changes), ...started.changes],
  };
}

/** Which waiting runs will not be started any more. */
export function hinderedRuns(waiting: readonly WaitingRun[], taken: Occupancy, nowMs: number): HinderedRuns {
  const stops: Array<HinderedRuns['stops'][number]> = [];
  const others: WaitingRun[] = [];
  for (const run of waiting) {
    const obstacle = obstacleTo(run, taken, nowMs);
    if (obstacle === undefined) others.push(run);
    else stops.push({ run, ...stopWaiting(run, obstacle, nowMs) });
  }
  return { stops, others };
}

/** Which of the runs that nothing hinders start now; the others go on waiting. */
export function planStarts(
  waiting: readonly WaitingRun[],
  taken: Occupancy,
  nowMs: number,
): Omit<DispatchPlan, 'stops'> {
  const starts: Array<DispatchPlan['starts'][number]> = [];
  const left: WaitingRun[] = [];
  const changes: ExecutionChange[] = [];
  const lanes = new Map<string, number[]>();
  const pools = new Map<string, number>();
  const held = new Set<string>();
  const startsMax = taken.startsMax ?? Number.POSITIVE_INFINITY;
  for (const run of inOrder(waiting, nowMs)) {
    const { id, policies } = run.definition;
    const used = lanes.get(id) ?? [...taken.lanesOf(id)];
    const pooled = pools.get(policies.pool) ?? taken.runningIn(policies.pool);
    const limit = taken.limitOf(policies.pool) ?? Number.POSITIVE_INFINITY;
    const most = maxConcurrentOf(policies);
    const isFull = used.length >= most || pooled >= limit || starts.length >= startsMax;
    if (run.notBeforeMs > nowMs || isFull || held.has(id)) {
      // Runs of a target that goes one by one keep their order, also past one that may not start yet.
      if (most === 1) held.add(id);
      left.push(run);
      continue;
    }
    const at = { atMs: nowMs, lane: freeLane(used), dueMs: run.notBeforeMs };
    const claim = claimExecution(run.execution, taken.owner, at);
    starts.push({ run, execution: claim.execution });
    changes.push(...claim.changes);
    lanes.set(id, [...used, claim.execution.lane]);
    pools.set(policies.pool, pooled + 1);
  }
  return { starts, waiting: left, changes };
}

/** READY → STOPPED for a run that will not be started; `why` completes «not started: …». */
export function stopWaiting(run: WaitingRun, why: string, atMs: number): ExecutionDecision<EndedExecution> {
  const stop: StopRequest = { operatorId: 'system:scheduler', atMs, reason: `not started: ${why}` };
  return stopExecution(run.execution, stop, { atMs, by: 'scheduler' });
}

/** When waiting runs must be looked at again for their own sake; absent when only the end of a run can help. */
export function nextReadyMs(waiting: Iterable<WaitingRun>, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const { notBeforeMs } of waiting) {
    if (notBeforeMs > nowMs && (next === undefined || notBeforeMs < next)) next = notBeforeMs;
  }
  return next;
}

/** Priority with what waiting has added, at most 9. */
export function effectivePriority(run: WaitingRun, nowMs: number): number {
  const waitedMs = Math.max(0, nowMs - waitsFromMsOf(run));
  return Math.min(9, run.definition.policies.priority + Math.floor(waitedMs / PRIORITY_STEP_MS));
}

/** Since when a run, or the one whose place it took, could have started but had to wait. */
export function waitsFromMsOf({ execution, notBeforeMs, waitsFromMs }: WaitingRun): number {
  return waitsFromMs ?? Math.max(execution.createdAtMs, notBeforeMs);
}

/**
 * Sorting is stable: what was put in first comes first among those that have waited as long. A run never goes before an
 * earlier one of its target, although it may have waited longer: the earlier one may have been put off.
 */
function inOrder(waiting: readonly WaitingRun[], nowMs: number): readonly WaitingRun[] {
  if (isInOrder(waiting, nowMs)) return waiting;
  const places = waiting.map((run) => placeOf(run, nowMs));
  const ofTarget = new Map<string, Place>();
  for (const [index, place] of places.entries()) {
    const { id, policies } = place.run.definition;
    if (maxConcurrentOf(policies) !== 1) continue;
    const before = ofTarget.get(id);
    const own = before !== undefined && precedes(place, before) ? { ...before, run: place.run } : place;
    places[index] = own;
    ofTarget.set(id, own);
  }
  return places.sort((a, b) => b.rank - a.rank || a.fromMs - b.fromMs).map(({ run }) => run);
}

/** What decides where a run stands in the order. */
interface Place {
  readonly run: WaitingRun;
  readonly rank: number;
  readonly fromMs: number;
}

function placeOf(run: WaitingRun, nowMs: number): Place {
  return { run, rank: effectivePriority(run, nowMs), fromMs: waitsFromMsOf(run) };
}

/** Mostly they are; thousands of runs that are due together are not worth a list of their places. */
function isInOrder(waiting: readonly WaitingRun[], nowMs: number): boolean {
  let before: Place | undefined;
  for (const run of waiting) {
    // What may not start yet takes no part: with jitter it is nearly all of them.
    if (run.notBeforeMs > nowMs) continue;
    const place = placeOf(run, nowMs);
    if (before !== undefined && precedes(place, before)) return false;
    before = place;
  }
  return true;
}

function precedes(place: Place, other: Place): boolean {
  return place.rank > other.rank || (place.rank === other.rank && place.fromMs < other.fromMs);
}

function obstacleTo(run: WaitingRun, taken: Occupancy, nowMs: number): string | undefined {
  const { execution, definition } = run;
  const state = taken.stateOf(definition.id);
  const { breaker } = state;
  if (state.pause !== undefined) return 'the target is paused';
  const isProbe = breaker.kind === 'half-open' && breaker.executionId === execution.id;
  if (breaker.kind !== 'closed' && !isProbe) return 'the target is suspended';
  const rests = execution.attempt === 1 && state.backoffUntilMs !== undefined && nowMs < state.backoffUntilMs;
  if (rests && !isProbe) return 'the target backs off after a failure';
  return taken.obstacleOf(definition.id);
}

/** The smallest lane in which nothing goes on. */
export function freeLane(used: readonly number[]): number {
  for (let lane = 0; ; lane++) if (!used.includes(lane)) return lane;
}
