import type { SlotSkip } from '../executions/execution.ts';
import type { Follow } from '../executions/runs.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { Conclusion } from './dependency-rules.ts';
import { type PlannedTurn, planTurn, type SchedulerChange } from './turn-plan.ts';

/** How one slot of a target ended. */
export interface ConcludedSlot {
  readonly targetId: string;
  readonly slotMs: number;
  readonly conclusion: Conclusion;
}

/** Nothing follows. */
export const NOTHING_FOLLOWS: Follow = {
  changes: [],
  states: [],
  runs: [],
  removed: [],
  committed: () => {},
};

/**
 * Collects what several decisions about dependents add up to. Each sees what the ones before it left; nothing is
 * remembered before it was committed, so that a refused commit can be decided again.
 */
export class FollowDraft {
  readonly #states: TargetStates<SchedulerChange>;
  readonly #drafted = new Map<string, TargetState>();
  readonly #planned: PlannedTurn[] = [];
  readonly concluded: ConcludedSlot[] = [];

  constructor(states: TargetStates<SchedulerChange>) {
    this.#states = states;
  }

  stateOf(targetId: string): TargetState {
    return this.#drafted.get(targetId) ?? this.#states.require(targetId);
  }

  conclusionOf(targetId: string, slotMs: number): Conclusion | undefined {
    return this.concluded.find((slot) => slot.targetId === targetId && slot.slotMs === slotMs)?.conclusion;
  }

  /** How many executions of a target this draft adds. */
  addedTo(targetId: string): number {
    const ofTarget = this.#planned.filter((turn) => turn.definition.id === targetId);
    return ofTarget.reduce((sum, turn) => sum + turn.runs.length, 0);
  }

  take(planned: PlannedTurn): void {
    this.#planned.push(planned);
    this.#drafted.set(planned.definition.id, planned.state);
  }

  /** Skips slots of a dependent because of what its parents came to. */
  skip(definition: TargetDefinition, range: Omit<SlotSkip, 'targetId' | 'reason'>, nowMs: number): void {
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

  follow(committed: (planned: readonly PlannedTurn[]) => void): Follow {
    return {
      changes: this.#planned.flatMap((turn) => turn.changes),
      states: [...this.#drafted.values()],
      runs: this.#planned.flatMap((turn) => turn.runs),
      removed: this.#planned.flatMap((turn) => turn.replaced),
      committed: () => committed(this.#planned),
    };
  }
}
