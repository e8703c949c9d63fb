import type { WaitingRun } from '../executions/dispatch-rules.ts';
import type { Execution, SlotSkip } from '../executions/execution.ts';
import { NOTHING_FOLLOWS } from '../executions/follow-rules.ts';
import type { Follow } from '../executions/runs.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { updateOf } from '../targets/target-rules.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { type Conclusion, conclusionOf } from './dependency-rules.ts';
import { SlotLedger, type SlotRange } from './slot-ledger.ts';
import { type PlannedTurn, planTurn, type SchedulerChange } from './turn-plan.ts';
import { stateAfterStop } from './turn-rules.ts';

/** How one slot of a target ended. */
export interface ConcludedSlot {
  readonly targetId: string;
  readonly slotMs: number;
  /** `started`: it became an execution that has not concluded yet. */
  readonly conclusion: Conclusion | 'started';
}

/** How the slot of an execution ended; absent before its end, and for an operator's run. */
export function concludedSlot(execution: Execution): ConcludedSlot | undefined {
  const { jobId, scheduledAtMs: slotMs, runType } = execution;
  const conclusion = conclusionOf(execution);
  if (slotMs === undefined || runType !== 'AUTO' || conclusion === undefined) return undefined;
  return { targetId: jobId, slotMs, conclusion };
}

/** Slots of a target that were skipped together. */
export interface SkippedSlots extends Omit<SlotSkip, 'reason'> {}

export { NOTHING_FOLLOWS };

/**
 * Collects what several decisions about dependents add up to. Each sees what the ones before it left; nothing is
 * remembered before it was committed, so that a refused commit can be decided again.
 */
export class FollowDraft {
  readonly #states: TargetStates<SchedulerChange>;
  /** What was drafted before this in the same decision. */
  readonly #before: FollowDraft | undefined;
  /** States that are being committed in the same decision, before anything here. */
  readonly #given: ReadonlyMap<string, TargetState>;
  readonly #drafted = new Map<string, TargetState>();
  readonly #planned: PlannedTurn[] = [];
  readonly #updates: SchedulerChange[] = [];
  readonly #ledgers = new Map<string, SlotLedger>();
  /** The last slot of the newest row of skipped ones, by target. */
  readonly lastSkipped = new Map<string, number>();
  readonly concluded: ConcludedSlot[] = [];
  readonly skipped: Array<SlotRange & { readonly targetId: string }> = [];

  constructor(
    states: TargetStates<SchedulerChange>,
    given: readonly TargetState[] = [],
    before?: FollowDraft,
  ) {
    this.#states = states;
    this.#before = before;
    this.#given = new Map(given.map((state) => [state.targetId, state]));
  }

  stateOf(targetId: string): TargetState {
    return this.#drafted.get(targetId) ?? this.#given.get(targetId) ?? this.#states.require(targetId);
  }

  /** What was concluded of a target in the same decision, the newest first. */
  ledgersOf(targetId: string): readonly SlotLedger[] {
    return [this.#ledgerOf(targetId), ...(this.#before?.ledgersOf(targetId) ?? [])];
  }

  #ledgerOf(targetId: string): SlotLedger {
    const ledger = this.#ledgers.get(targetId) ?? new SlotLedger();
    this.#ledgers.set(targetId, ledger);
    return ledger;
  }

  conclude(slot: ConcludedSlot): void {
    this.concluded.push(slot);
    this.#ledgerOf(slot.targetId).note(slot.slotMs, slot.conclusion);
  }

  concludeSkipped({ targetId, fromMs, toMs }: SlotRange & { readonly targetId: string }): void {
    this.skipped.push({ targetId, fromMs, toMs });
    this.#ledgerOf(targetId).noteSkipped({ fromMs, toMs });
  }

  /** What waits of a target once this draft is committed; `now`: what waits now. */
  waitingOf(targetId: string, now: readonly WaitingRun[]): readonly WaitingRun[] {
    const before = this.#before?.waitingOf(targetId, now) ?? now;
    const ofTarget = this.#planned.filter((turn) => turn.definition.id === targetId);
    const gone = new Set(ofTarget.flatMap((turn) => turn.replaced.map((run) => run.execution.id)));
    const all = [...before, ...ofTarget.flatMap((turn) => turn.runs)];
    return all.filter((run) => !gone.has(run.execution.id));
  }

  take(planned: PlannedTurn): void {
    this.#planned.push(planned);
    this.#drafted.set(planned.definition.id, planned.state);
  }

  /** A waiting execution of a target has been ended without a start: its schedule and its probe do not wait for it. */
  noteStopped(definition: TargetDefinition, execution: Execution): void {
    const before = this.stateOf(definition.id);
    const after = stateAfterStop(definition, before, execution);
    if (after === before) return;
    this.#updates.push(updateOf(before, after, 'run-ended'));
    this.#drafted.set(definition.id, after);
  }

  /** Skips slots of a dependent because of what its parents came to. */
  skip(definition: TargetDefinition, range: Omit<SkippedSlots, 'targetId'>, nowMs: number): void {
    const state = this.stateOf(definition.id);
    const turn = {
      starts: [],
      probe: false,
      skips: [{ targetId: definition.id, reason: 'upstream' as const, ...range }],
      replacesWaiting: false,
      cancelsRunning: false,
      cursorMs: Math.max(state.cursorMs, range.toMs),
    };
    this.take(planTurn({ definition, state, turn, nowMs, waiting: [] }));
  }

  lastSkippedOf(targetId: string): number | undefined {
    return this.lastSkipped.get(targetId) ?? this.#before?.lastSkippedOf(targetId);
  }

  /** `apart`: whether skipped slots begin a row of their own. */
  follow(apart: (skip: SlotSkip) => boolean, committed: (planned: readonly PlannedTurn[]) => void): Follow {
    if (this.#planned.length === 0 && this.#updates.length === 0 && this.concluded.length === 0) {
      return this.skipped.length === 0
        ? NOTHING_FOLLOWS
        : { ...NOTHING_FOLLOWS, committed: () => committed([]) };
    }
    const removed = this.#planned.flatMap((turn) => turn.replaced);
    const gone = new Set(removed.map((run) => run.execution.id));
    return {
      changes: [
        ...this.#updates,
        ...this.#planned.flatMap((turn) => turn.changes).map((change) => keptApart(change, apart)),
      ],
      states: [...this.#drafted.values()],
      runs: this.#planned.flatMap((turn) => turn.runs).filter((run) => !gone.has(run.execution.id)),
      removed,
      committed: () => committed(this.#planned),
    };
  }
}

function keptApart(change: SchedulerChange, apart: (skip: SlotSkip) => boolean): SchedulerChange {
  return change.kind === 'slot.skip' && apart(change.skip) ? { ...change, apart: true } : change;
}
