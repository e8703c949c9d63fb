import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { newTargetState, updateOf } from '../targets/target-rules.ts';
import type { TargetChange } from '../targets/target-store.ts';

/** What is known about a target when the engine starts. */
export interface RegistrationInput {
  readonly definition: TargetDefinition;
  /** Its state from an earlier start; absent for a new target. */
  readonly stored: TargetState | undefined;
  /** False when an earlier config no longer named it: the slots since then are not missed, nobody wanted them. */
  readonly wasActive: boolean;
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

/** A known target goes on where it was, except for slots nobody wanted and a `delay` run that never ended. */
function resumeState(input: RegistrationInput, stored: TargetState): TargetState {
  const { definition, nowMs, wasActive } = input;
  const isDelay = definition.schedule?.kind === 'interval' && definition.schedule.mode === 'delay';
  const { nextSlotMs, ...rest } = stored;
  const firstMs = firstDelaySlot(definition, nowMs);
  const slot = !isDelay ? undefined : wasActive ? (nextSlotMs ?? firstMs) : firstMs;
  const cursorMs = wasActive ? stored.cursorMs : Math.max(stored.cursorMs, nowMs);
  if (slot === nextSlotMs && cursorMs === stored.cursorMs) return stored;
  return {
    ...rest,
    revision: stored.revision + 1,
    cursorMs,
    ...(slot === undefined ? {} : { nextSlotMs: slot }),
  };
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
