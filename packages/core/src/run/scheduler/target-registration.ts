import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { newTargetState, reopenBreaker, updateOf } from '../targets/target-rules.ts';
import type { BatchJob, TargetChange } from '../targets/target-store.ts';
import { JUMP_AT_LEAST_MS, restartAfterStep } from './clock-rules.ts';

/** What is known about a target when the engine starts. */
export interface RegistrationInput {
  readonly definition: TargetDefinition;
  /** Its state from an earlier start; absent for a new target. */
  readonly stored: TargetState | undefined;
  /** False when an earlier config had no schedule for it: the slots since then are not missed, nobody wanted them. */
  readonly wasScheduled: boolean;
  readonly nowMs: number;
}

/** The state a target begins with, and what must be written for it. */
export function registerTarget(input: RegistrationInput): {
  state: TargetState;
  changes: readonly TargetChange[];
} {
  const { definition, stored, nowMs } = input;
  const job: TargetChange = { kind: 'job.upsert', job: jobOf(definition), atMs: nowMs };
  if (stored === undefined) {
    const state = newTargetState(definition.id, nowMs, firstDelaySlot(definition, nowMs));
    return { state, changes: [job, { kind: 'target.insert', state }] };
  }
  const state = resumeState(input, stored);
  const changes = state === stored ? [job] : [job, updateOf(stored, state, 'started')];
  return { state, changes };
}

/** Whether a job that an earlier start left behind had a schedule. */
export function jobWasScheduled(job: BatchJob | undefined): boolean {
  return job?.isActive === true && job.jobType !== 'ON_DEMAND';
}

/**
 * A known target goes on where it was, except for slots nobody wanted, a `delay` run that never ended, a probe that
 * cannot be going on, and a wall clock that was set back while no engine looked.
 */
function resumeState(input: RegistrationInput, stored: TargetState): TargetState {
  const { definition, nowMs, wasScheduled } = input;
  const { nextSlotMs: storedSlotMs, ...rest } = onThisClock(definition, stored, nowMs);
  const slotMs = delaySlot(input, storedSlotMs);
  const cursorMs = wasScheduled ? rest.cursorMs : Math.max(rest.cursorMs, nowMs);
  const breaker = rest.breaker.kind === 'half-open' ? reopenBreaker(rest.breaker, nowMs) : rest.breaker;
  const next: TargetState = {
    ...rest,
    cursorMs,
    breaker,
    ...(slotMs === undefined ? {} : { nextSlotMs: slotMs }),
  };
  return sameSchedulerState(stored, next) ? stored : { ...next, revision: stored.revision + 1 };
}

/** Every slot up to the cursor was looked at, so a cursor in the future proves that the clock was set back. */
function onThisClock(definition: TargetDefinition, stored: TargetState, nowMs: number): TargetState {
  const jumpMs = nowMs - stored.cursorMs;
  if (jumpMs > -JUMP_AT_LEAST_MS) return stored;
  return restartAfterStep(definition, stored, { nowMs, jumpMs })?.state ?? stored;
}

function delaySlot(input: RegistrationInput, storedSlotMs: number | undefined): number | undefined {
  const { definition, nowMs, wasScheduled } = input;
  const firstMs = firstDelaySlot(definition, nowMs);
  return firstMs === undefined || !wasScheduled ? firstMs : (storedSlotMs ?? firstMs);
}

function sameSchedulerState(a: TargetState, b: TargetState): boolean {
  return (
    a.cursorMs === b.cursorMs &&
    a.nextSlotMs === b.nextSlotMs &&
    a.clockEra === b.clockEra &&
    a.breaker === b.breaker
  );
}

function firstDelaySlot(definition: TargetDefinition, nowMs: number): number | undefined {
  const schedule = definition.schedule;
  if (schedule?.kind !== 'interval' || schedule.mode !== 'delay') return undefined;
  return schedule.runOnStart ? nowMs : nowMs + schedule.everyMs;
}

function jobOf(definition: TargetDefinition) {
  return {
    jobId: definition.id,
    jobName: definition.title ?? definition.id,
    // The specification knows four types; only a cron expression would tell which, and nothing depends on it.
    jobType: definition.schedule === undefined ? ('ON_DEMAND' as const) : ('DAILY' as const),
    isActive: true,
  };
}
