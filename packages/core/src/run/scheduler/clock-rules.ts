import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { updateOf } from '../targets/target-rules.ts';
import type { TargetChange } from '../targets/target-store.ts';
import { isElapsedLike, type Schedule } from './schedule.ts';

/** Wall and monotonic time may differ by this much between two looks before it counts as a step, ms (rule S2). */
export const JUMP_AT_LEAST_MS = 2000;

/** A backward step up to this size does not repeat wall-clock slots; a larger one is a correction (rule S2). */
export const CORRECTION_ABOVE_MS = 3 * 3_600_000;

/** How far the wall clock was set beyond the time that passed; 0 when it was not. */
export function jumpOf(passed: { readonly wallMs: number; readonly monoMs: number }): number {
  const jumpMs = passed.wallMs - passed.monoMs;
  return Math.abs(jumpMs) > JUMP_AT_LEAST_MS ? jumpMs : 0;
}

/** A target whose schedule begins anew after the wall clock was set back. */
export interface ScheduleRestart {
  readonly state: TargetState;
  readonly change: TargetChange;
}

/**
 * What a backward step does to a target: what follows real time goes on at once in a new clock era, so that it is
 * never silent; wall-clock slots that were already run are not repeated, unless the step is a correction.
 */
export function restartAfterStep(
  definition: TargetDefinition,
  state: TargetState,
  step: { readonly nowMs: number; readonly jumpMs: number },
): ScheduleRestart | undefined {
  const { schedule } = definition;
  // A dependent runs at the slots of others, which may come again: its ids must differ then.
  if (schedule === undefined && definition.policies.dependency === undefined) return undefined;
  const repeats = schedule === undefined || followsRealTime(schedule);
  if (!repeats && -step.jumpMs <= CORRECTION_ABOVE_MS) return undefined;
  const next: TargetState = {
    ...state,
    revision: state.revision + 1,
    clockEra: state.clockEra + 1,
    cursorMs: Math.min(state.cursorMs, step.nowMs),
    ...(state.nextSlotMs === undefined
      ? {}
      : { nextSlotMs: Math.max(step.nowMs, state.nextSlotMs + step.jumpMs) }),
    ...(state.backoffUntilMs === undefined ? {} : { backoffUntilMs: state.backoffUntilMs + step.jumpMs }),
    breaker: shiftProbe(state, step.jumpMs),
  };
  return { state: next, change: updateOf(state, next, 'clock-stepped') };
}

/** Slots at a constant distance; a moment of a session is a wall time like any other. */
function followsRealTime(schedule: Schedule): boolean {
  return schedule.kind === 'interval' || (schedule.kind === 'cron' && isElapsedLike(schedule.fields));
}

/** Instants that were measured on the old clock move with it. */
function shiftProbe(state: TargetState, jumpMs: number): TargetState['breaker'] {
  const breaker = state.breaker;
  if (breaker.kind !== 'open' || breaker.probeAtMs === undefined) return breaker;
  return { ...breaker, probeAtMs: breaker.probeAtMs + jumpMs };
}
