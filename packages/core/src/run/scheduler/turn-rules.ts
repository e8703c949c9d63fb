import type { SkipReason, SlotSkip } from '../executions/execution.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { countSlots, nextSlot, slotsBetween } from './next-slot.ts';
import type { Schedule } from './schedule.ts';

/** At most so many late slots of one target are run after a stall, the newest ones, one after another. */
export const LATE_SLOTS_MAX = 10;

/** What one look at a due target is decided from. */
export interface TurnInput {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly nowMs: number;
  /** A run of this target is going on, waits, or goes on although it was ended. */
  readonly busy: boolean;
  readonly draining: boolean;
  /** Run once now although no slot is due: the schedule asks for a run at start. */
  readonly startNow: boolean;
}

/** What becomes of the slots that are due: each one is in `starts` or in `skips`, none in both. */
export interface Turn {
  /** Slots to run, oldest first; the first starts now, the others wait for it. */
  readonly starts: readonly number[];
  /** True when the one start is the probe of a suspended target. */
  readonly probe: boolean;
  readonly skips: readonly SlotSkip[];
  /** Everything up to here is now accounted for. */
  readonly cursorMs: number;
  /** `delay` schedules: the slot after a skipped one; absent while a run is going to fix it at its end. */
  readonly nextSlotMs?: number;
}

/** Accounts for every slot of a target up to now (rule S3); absent when none is due. */
export function decideTurn(input: TurnInput): Turn | undefined {
  const schedule = input.definition.schedule;
  if (schedule === undefined) return undefined;
  if (isDelay(schedule)) return decideDelayTurn(input, schedule.everyMs);
  return decideGridTurn(input, schedule);
}

/** When the loop must look at a target next; absent when only a run's end or an operator can make it due. */
export function dueMs(definition: TargetDefinition, state: TargetState): number | undefined {
  const schedule = definition.schedule;
  if (schedule === undefined) return undefined;
  return isDelay(schedule) ? state.nextSlotMs : nextSlot(schedule, state.cursorMs);
}

/** The slot after a run of a `delay` schedule that ended at `endedAtMs`, not before a back-off is over. */
export function slotAfterRun(
  definition: TargetDefinition,
  state: TargetState,
  endedAtMs: number,
): TargetState {
  const schedule = definition.schedule;
  if (schedule === undefined || !isDelay(schedule)) return state;
  return { ...state, nextSlotMs: Math.max(endedAtMs + schedule.everyMs, state.backoffUntilMs ?? 0) };
}

function isDelay(schedule: Schedule): schedule is Schedule & { kind: 'interval'; mode: 'delay' } {
  return schedule.kind === 'interval' && schedule.mode === 'delay';
}

function decideDelayTurn(input: TurnInput, everyMs: number): Turn | undefined {
  const { state, nowMs } = input;
  const slotMs = input.startNow ? Math.min(nowMs, state.nextSlotMs ?? nowMs) : state.nextSlotMs;
  if (slotMs === undefined || slotMs > nowMs) return undefined;
  const verdict = judgeSlot(input, slotMs);
  const cursorMs = Math.max(state.cursorMs, slotMs);
  if (verdict === 'run' || verdict === 'probe') {
    return { starts: [slotMs], probe: verdict === 'probe', skips: [], cursorMs };
  }
  const skip = skipOf(input, verdict, { fromMs: slotMs, toMs: slotMs, count: 1, capped: false });
  const afterMs = slotMs + everyMs > nowMs ? slotMs : nowMs;
  return { starts: [], probe: false, skips: [skip], cursorMs, nextSlotMs: afterMs + everyMs };
}

function decideGridTurn(input: TurnInput, schedule: Schedule): Turn | undefined {
  const { state, nowMs } = input;
  const span = { afterMs: state.cursorMs, untilMs: nowMs };
  const firstMs = nextSlot(schedule, state.cursorMs);
  if ((firstMs === undefined || firstMs > nowMs) && !input.startNow) return undefined;
  const recent = recentSlots(input, schedule);
  const skips: SlotSkip[] = [];
  const olderUntilMs = recent[0] === undefined ? nowMs : recent[0] - 1;
  const older = countSlots(schedule, { ...span, untilMs: olderUntilMs });
  if (older.count > 0 && older.firstMs !== undefined && older.lastMs !== undefined) {
    const range = { fromMs: older.firstMs, toMs: older.lastMs, count: older.count, capped: older.capped };
    skips.push(skipOf(input, olderReason(input), range));
  }
  const judged = judgeSlots(input, input.startNow && recent.length === 0 ? [nowMs] : recent);
  return {
    ...judged,
    skips: mergeSkips([...skips, ...judged.skips]),
    cursorMs: Math.max(state.cursorMs, nowMs),
  };
}

/** The newest slots that are not too late to run. */
function recentSlots(input: TurnInput, schedule: Schedule): readonly number[] {
  const { state, nowMs, definition } = input;
  const afterMs = Math.max(state.cursorMs, nowMs - definition.graceMs - 1);
  return slotsBetween(schedule, { afterMs, untilMs: nowMs }, LATE_SLOTS_MAX);
}

function judgeSlots(input: TurnInput, slots: readonly number[]): Pick<Turn, 'starts' | 'probe' | 'skips'> {
  const starts: number[] = [];
  const skips: SlotSkip[] = [];
  let probeMs: number | undefined;
  for (const slotMs of slots) {
    const verdict = judgeSlot(input, slotMs);
    if (verdict === 'run') starts.push(slotMs);
    else if (verdict === 'probe') {
      if (probeMs !== undefined) skips.push(skipOne(input, 'breaker-open', probeMs));
      probeMs = slotMs;
    } else skips.push(skipOne(input, verdict, slotMs));
  }
  if (probeMs !== undefined) return { starts: [probeMs], probe: true, skips };
  return { starts, probe: false, skips };
}

/** Why a slot is not run, or that it is; the first reason that applies is the one that is recorded. */
function judgeSlot(input: TurnInput, slotMs: number): SkipReason | 'run' | 'probe' {
  const { state } = input;
  if (input.draining) return 'draining';
  if (state.pause !== undefined) return 'paused';
  if (state.breaker.kind === 'half-open') return 'breaker-open';
  if (state.breaker.kind === 'open') {
    const probeAtMs = state.breaker.probeAtMs;
    return probeAtMs === undefined || input.nowMs < probeAtMs || input.busy ? 'breaker-open' : 'probe';
  }
  if (input.busy) return 'overlap';
  return state.backoffUntilMs !== undefined && slotMs < state.backoffUntilMs ? 'backoff' : 'run';
}

/** Slots that passed beyond their grace: nobody looked, unless they would not have been run anyway. */
function olderReason(input: TurnInput): SkipReason {
  if (input.state.pause !== undefined) return 'paused';
  if (input.state.breaker.kind !== 'closed') return 'breaker-open';
  return input.draining ? 'draining' : 'missed';
}

function skipOne(input: TurnInput, reason: SkipReason, slotMs: number): SlotSkip {
  return skipOf(input, reason, { fromMs: slotMs, toMs: slotMs, count: 1, capped: false });
}

function skipOf(
  input: TurnInput,
  reason: SkipReason,
  range: Pick<SlotSkip, 'fromMs' | 'toMs' | 'count' | 'capped'>,
): SlotSkip {
  return { targetId: input.definition.id, reason, ...range };
}

/** Joins neighbours of the same reason, so that a burst becomes one row. */
function mergeSkips(skips: readonly SlotSkip[]): readonly SlotSkip[] {
  const merged: SlotSkip[] = [];
  for (const skip of skips) {
    const last = merged.at(-1);
    if (last === undefined || last.reason !== skip.reason) merged.push(skip);
    else
      merged[merged.length - 1] = {
        ...last,
        toMs: skip.toMs,
        count: last.count + skip.count,
        capped: last.capped || skip.capped,
      };
  }
  return merged;
}
