import type { Execution, SkipReason, SlotSkip } from '../executions/execution.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { reopenBreaker } from '../targets/target-rules.ts';
import { type LateSlots, lateSlots } from './missed-rules.ts';
import { nextSlot, slotsBetween } from './next-slot.ts';
import { type Occupied, placeSlots } from './overlap-rules.ts';
import { type IntervalSchedule, type Schedule, sessionsOf } from './schedule.ts';
import { isOpenSlot, nextOpenSlot } from './session-slots.ts';
import { mergeSkips, oneSlot, skipOf } from './slot-skips.ts';

/** At most so many late slots of one target are run after a stall, the newest ones, one after another. */
export const LATE_SLOTS_MAX = 10;

/** A target whose calendar is closed is looked at again after this at the latest, so that its slots stay accounted. */
const CLOSED_LOOK_MS = 86_400_000;

/** What one look at a due target is decided from. */
export interface TurnInput {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly nowMs: number;
  readonly occupied: Occupied;
  /** So many wait for the target's pool that no more may. */
  readonly poolFull: boolean;
  readonly draining: boolean;
  /** Run once now although no slot is due: the schedule asks for a run at start. */
  readonly startNow: boolean;
}

/** A slot that becomes an execution. */
export interface StartSlot {
  readonly slotMs: number;
  /** So many missed slots it stands for besides its own, since `missedFromMs`. */
  readonly missedCount?: number;
  readonly missedFromMs?: number;
}

/** What becomes of the slots that are due: each one is in `starts` or in `skips`, none in both. */
export interface Turn {
  /** Slots to run, oldest first; those for which there is no room yet wait. */
  readonly starts: readonly StartSlot[];
  /** True when the one start is the probe of a suspended target. */
  readonly probe: boolean;
  readonly skips: readonly SlotSkip[];
  /** The executions that wait are replaced by the new one. */
  readonly replacesWaiting: boolean;
  /** The runs that go on are stopped for the new one. */
  readonly cancelsRunning: boolean;
  /** Everything up to here is now accounted for. */
  readonly cursorMs: number;
  /** `delay` schedules: the slot after a skipped one; absent while a run is going to fix it at its end. */
  readonly nextSlotMs?: number;
}

/** Accounts for every slot of a target up to now (rule S3); absent when none is due. */
export function decideTurn(input: TurnInput): Turn | undefined {
  const schedule = input.definition.schedule;
  if (schedule === undefined) return undefined;
  return isDelay(schedule) ? decideDelayTurn(input, schedule) : decideGridTurn(input, schedule);
}

/** What becomes of slots that somebody else found due: the parents of a dependent target. */
export function decideSlots(input: TurnInput, slots: readonly number[]): Turn {
  return { ...judgeSlots(input, slots), cursorMs: Math.max(input.state.cursorMs, ...slots) };
}

/** When the loop must look at a target next; absent when only a run's end or an operator can make it due. */
export function dueMs(definition: TargetDefinition, state: TargetState): number | undefined {
  const schedule = definition.schedule;
  if (schedule === undefined) return undefined;
  if (isDelay(schedule)) return state.nextSlotMs;
  if (!isFiltered(schedule)) return nextSlot(schedule, state.cursorMs);
  const openMs = nextOpenSlot(schedule, state.cursorMs) ?? Number.POSITIVE_INFINITY;
  const lookMs = nextSlot(schedule, state.cursorMs + CLOSED_LOOK_MS) ?? Number.POSITIVE_INFINITY;
  const due = Math.min(openMs, lookMs);
  return Number.isFinite(due) ? due : undefined;
}

/** The next slot that will be run as far as the schedule and its calendar tell; for screens. */
export function nextRunMs(definition: TargetDefinition, state: TargetState): number | undefined {
  const schedule = definition.schedule;
  if (schedule === undefined) return undefined;
  if (isDelay(schedule)) return state.nextSlotMs;
  return isFiltered(schedule) ? nextOpenSlot(schedule, state.cursorMs) : nextSlot(schedule, state.cursorMs);
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

/** The state after an execution that waited was ended: a `delay` goes on, and a probe that never ran is put off. */
export function stateAfterStop(
  definition: TargetDefinition,
  state: TargetState,
  { id, runType, endedAtMs = state.cursorMs }: Execution,
): TargetState {
  const { breaker } = state;
  const wasProbe = breaker.kind === 'half-open' && breaker.executionId === id;
  const next = wasProbe ? { ...state, breaker: reopenBreaker(breaker, endedAtMs) } : state;
  const moved = runType === 'AUTO' ? slotAfterRun(definition, next, endedAtMs) : next;
  return moved === state ? state : { ...moved, revision: state.revision + 1 };
}

function isDelay(schedule: Schedule): schedule is IntervalSchedule & { mode: 'delay' } {
  return schedule.kind === 'interval' && schedule.mode === 'delay';
}

function isFiltered(schedule: Schedule): boolean {
  return sessionsOf(schedule) !== undefined;
}

function decideDelayTurn(input: TurnInput, schedule: IntervalSchedule): Turn | undefined {
  const { state, nowMs } = input;
  const slotMs = input.startNow ? Math.min(nowMs, state.nextSlotMs ?? nowMs) : state.nextSlotMs;
  if (slotMs === undefined || slotMs > nowMs) return undefined;
  const turn = decideSlots(input, [slotMs]);
  if (turn.starts.length > 0) return turn;
  const afterMs = slotMs + schedule.everyMs > nowMs ? slotMs : nowMs;
  return { ...turn, nextSlotMs: afterMs + schedule.everyMs };
}

function decideGridTurn(input: TurnInput, schedule: Schedule): Turn | undefined {
  const { state, nowMs, definition } = input;
  const firstMs = nextSlot(schedule, state.cursorMs);
  if (firstMs === undefined || firstMs > nowMs) {
    return input.startNow ? decideAllSlots(input, schedule) : undefined;
  }
  // By far the most frequent case: one slot is due, and nothing was missed.
  if (firstMs < nowMs - definition.graceMs || isDue(nextSlot(schedule, firstMs), nowMs)) {
    return decideAllSlots(input, schedule);
  }
  return { ...judgeSlots(input, [firstMs]), cursorMs: Math.max(state.cursorMs, nowMs) };
}

function isDue(slotMs: number | undefined, nowMs: number): boolean {
  return slotMs !== undefined && slotMs <= nowMs;
}

/** `decideTurn` for any number of due slots of a schedule that is not a `delay`, also none; it counts what was missed. */
export function decideAllSlots(input: TurnInput, schedule: Schedule): Turn {
  const { state, nowMs } = input;
  const recent = recentSlots(input, schedule);
  const late = lateSlots({
    schedule,
    span: { afterMs: state.cursorMs, untilMs: recent[0] === undefined ? nowMs : recent[0] - 1 },
    nowMs,
    // Slots that would not have been run anyway are not caught up either.
    policy: olderReason(input) === 'missed' ? input.definition.policies.missed : { kind: 'skip' },
    hasNewer: recent.length > 0,
  });
  const startNow = input.startNow && recent.length === 0 && late.caughtUp.length === 0;
  const judged = judgeSlots(input, startNow ? [nowMs] : [...late.caughtUp, ...recent]);
  return {
    ...judged,
    starts: markMissed(judged.starts, late),
    skips: mergeSkips(
      [...lateSkips(input, late), ...judged.skips],
      judged.starts.map((start) => start.slotMs),
    ),
    cursorMs: Math.max(state.cursorMs, nowMs),
  };
}

/** The newest slots that are not too late to run. */
function recentSlots(input: TurnInput, schedule: Schedule): readonly number[] {
  const { state, nowMs, definition } = input;
  const afterMs = Math.max(state.cursorMs, nowMs - definition.graceMs - 1);
  return slotsBetween(schedule, { afterMs, untilMs: nowMs }, LATE_SLOTS_MAX);
}

function lateSkips(input: TurnInput, late: LateSlots): readonly SlotSkip[] {
  const skips = late.missed.map((range) => skipOf(input.definition.id, olderReason(input), range));
  return [...skips, ...late.closed.map((range) => skipOf(input.definition.id, 'calendar', range))];
}

/** The first run after slots were missed says how many it stands for. */
function markMissed(starts: readonly StartSlot[], late: LateSlots): readonly StartSlot[] {
  const [first, ...rest] = starts;
  if (first === undefined || late.standsFor === undefined) return starts;
  return [{ ...first, ...late.standsFor }, ...rest];
}

function judgeSlots(input: TurnInput, slots: readonly number[]): Omit<Turn, 'cursorMs' | 'nextSlotMs'> {
  const runnable: number[] = [];
  const skips: Array<readonly [number, SkipReason]> = [];
  let probeMs: number | undefined;
  for (const slotMs of slots) {
    const verdict = judgeSlot(input, slotMs);
    if (verdict === 'run') runnable.push(slotMs);
    else if (verdict === 'probe') {
      if (probeMs !== undefined) skips.push([probeMs, 'breaker-open']);
      probeMs = slotMs;
    } else skips.push([slotMs, verdict]);
  }
  const placed = placeSlots(runnable, input.definition.policies, input.occupied);
  for (const slotMs of placed.overlaps) skips.push([slotMs, 'overlap']);
  const starts = probeMs === undefined ? placed.starts : [probeMs];
  return {
    starts: starts.map((slotMs) => ({ slotMs })),
    probe: probeMs !== undefined,
    skips: skipsOf(input.definition.id, skips, starts),
    replacesWaiting: placed.replacesWaiting,
    cancelsRunning: placed.cancelsRunning,
  };
}

/** Why a slot is not run, or that it is; the first reason that applies is the one that is recorded. */
function judgeSlot(input: TurnInput, slotMs: number): SkipReason | 'run' | 'probe' {
  const { state, definition, occupied } = input;
  if (definition.schedule !== undefined && !isOpenSlot(definition.schedule, slotMs)) return 'calendar';
  if (input.draining) return 'draining';
  if (state.pause !== undefined) return 'paused';
  if (state.breaker.kind === 'half-open') return 'breaker-open';
  if (state.breaker.kind === 'open') {
    const { probeAtMs } = state.breaker;
    const busy = occupied.running + occupied.waiting > 0;
    return probeAtMs === undefined || input.nowMs < probeAtMs || busy ? 'breaker-open' : 'probe';
  }
  if (state.backoffUntilMs !== undefined && slotMs < state.backoffUntilMs) return 'backoff';
  return input.poolFull ? 'pool-full' : 'run';
}

/** Slots that passed beyond their grace: nobody looked, unless they would not have been run anyway. */
function olderReason(input: TurnInput): SkipReason {
  if (input.state.pause !== undefined) return 'paused';
  if (input.state.breaker.kind !== 'closed') return 'breaker-open';
  return input.draining ? 'draining' : 'missed';
}

function skipsOf(
  targetId: string,
  slots: ReadonlyArray<readonly [number, SkipReason]>,
  runs: readonly number[],
): readonly SlotSkip[] {
  if (slots.length === 0) return [];
  const inTime = slots.toSorted(([a], [b]) => a - b);
  const skips = inTime.map(([slotMs, reason]) => skipOf(targetId, reason, oneSlot(slotMs)));
  return mergeSkips(skips, runs);
}
