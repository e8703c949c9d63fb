import type { Execution, SlotSkip } from '../executions/execution.ts';
import type { EndedExecution } from '../executions/execution-rules.ts';
import type { Follow, Runs } from '../executions/runs.ts';
import type { TargetDefinition } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { type Conclusion, concludeDependent } from './dependency-rules.ts';
import { type ConcludedSlot, FollowDraft, NOTHING_FOLLOWS } from './follow-draft.ts';
import { type PlannedTurn, planTurn, type SchedulerChange } from './turn-plan.ts';
import { decideSlots } from './turn-rules.ts';

/** Conclusions of so many slots of each target are remembered while its dependents wait for other parents. */
const REMEMBERED_SLOTS = 1000;

interface DependentsOptions {
  readonly states: TargetStates<SchedulerChange>;
  /** The runs of the engine, which are made after this. */
  readonly runs: () => Pick<Runs, 'draining' | 'occupiedBy' | 'waiting' | 'cancel'>;
  readonly now: () => number;
}

/** Targets that come after others: what a parent's slot came to decides what becomes of theirs (rule S17). */
export class Dependents {
  readonly #options: DependentsOptions;
  readonly #children = new Map<string, readonly TargetDefinition[]>();
  readonly #concluded = new Map<string, Map<number, Conclusion>>();

  constructor(options: DependentsOptions) {
    this.#options = options;
    for (const definition of options.states.definitions()) {
      for (const parent of definition.policies.dependency?.after ?? []) {
        this.#children.set(parent, [...(this.#children.get(parent) ?? []), definition]);
      }
    }
  }

  /** Every target that somebody waits for or that waits for somebody. */
  involved(): readonly string[] {
    const children = [...this.#children.values()].flat().map((definition) => definition.id);
    return [...new Set([...this.#children.keys(), ...children])];
  }

  /** What follows from the last attempt at a slot. */
  afterRun(ended: EndedExecution): Follow {
    const slot = concludedSlot(ended);
    return slot === undefined || !this.#isInvolved(slot.targetId)
      ? NOTHING_FOLLOWS
      : this.#follow([slot], []);
  }

  /** What follows from slots that were skipped: a dependent of a skipped slot is skipped too, visibly. */
  afterTurns(planned: readonly PlannedTurn[]): Follow {
    const skips = planned.flatMap((turn) => turn.skips).filter((skip) => this.#children.has(skip.targetId));
    if (skips.length === 0) return NOTHING_FOLLOWS;
    const single = skips.filter((skip) => skip.count === 1);
    const slots = single.map(({ targetId, toMs }) => ({
      targetId,
      slotMs: toMs,
      conclusion: 'skipped' as const,
    }));
    return this.#follow(
      slots,
      skips.filter((skip) => skip.count > 1),
    );
  }

  /** After a start: what the records of all involved targets lead to that was not decided before the engine died. */
  afterRecords(executions: readonly Execution[], skips: readonly SlotSkip[]): Follow {
    const ofSkips = skips.flatMap(({ targetId, fromMs, toMs, count }) => {
      const ends = count === 1 ? [toMs] : [fromMs, toMs];
      return ends.map((slotMs) => ({ targetId, slotMs, conclusion: 'skipped' as const }));
    });
    const ofRuns = executions.flatMap((execution) => concludedSlot(execution) ?? []);
    for (const slot of [...ofSkips, ...ofRuns]) this.#remember(slot);
    const known = new Set(executions.map((execution) => `${execution.jobId} ${execution.scheduledAtMs}`));
    const covered = (id: string, slotMs: number) =>
      known.has(`${id} ${slotMs}`) ||
      skips.some((skip) => skip.targetId === id && skip.fromMs <= slotMs && slotMs <= skip.toMs);
    const draft = new FollowDraft(this.#options.states);
    for (const { targetId, slotMs } of [...ofSkips, ...ofRuns]) {
      for (const child of this.#children.get(targetId) ?? []) {
        const isNew =
          draft.stateOf(child.id).cursorMs < slotMs || draft.conclusionOf(targetId, slotMs) !== undefined;
        if (isNew && !covered(child.id, slotMs))
          this.#conclude([{ targetId, slotMs, conclusion: 'skipped' }], draft, true);
      }
    }
    return this.#finish(draft);
  }

  #isInvolved(targetId: string): boolean {
    return this.#children.has(targetId);
  }

  #follow(slots: readonly ConcludedSlot[], ranges: readonly SlotSkip[]): Follow {
    const draft = new FollowDraft(this.#options.states);
    this.#conclude(slots, draft, false);
    for (const range of ranges) this.#skipRange(range, draft);
    return this.#finish(draft);
  }

  #finish(draft: FollowDraft): Follow {
    return draft.follow((planned) => {
      for (const slot of draft.concluded) this.#remember(slot);
      for (const turn of planned) if (turn.cancelsRunning) this.#options.runs().cancel(turn.definition.id);
    });
  }

  /** `known`: the conclusions are remembered already, only what follows from them is decided. */
  #conclude(slots: readonly ConcludedSlot[], draft: FollowDraft, known: boolean): void {
    const queue = [...slots];
    if (!known) draft.concluded.push(...slots);
    for (let slot = queue.shift(); slot !== undefined; slot = queue.shift()) {
      for (const child of this.#children.get(slot.targetId) ?? []) {
        const next = this.#decide(child, slot.slotMs, draft);
        if (next === undefined) continue;
        draft.concluded.push(next);
        queue.push(next);
      }
    }
  }

  /** Decides a child's slot once its parents have concluded it; returns what its own dependents learn at once. */
  #decide(child: TargetDefinition, slotMs: number, draft: FollowDraft): ConcludedSlot | undefined {
    const { dependency } = child.policies;
    if (dependency === undefined || this.#conclusionOf(child.id, slotMs, draft) !== undefined)
      return undefined;
    const parents = dependency.after.map((parent) => this.#conclusionOf(parent, slotMs, draft));
    const verdict = concludeDependent(dependency, parents);
    const skipped = { targetId: child.id, slotMs, conclusion: 'skipped' } as const;
    if (verdict === 'wait') return undefined;
    if (verdict === 'run') return this.#start(child, slotMs, draft) ? undefined : skipped;
    draft.skip(child, { fromMs: slotMs, toMs: slotMs, count: 1, capped: false }, this.#options.now());
    return skipped;
  }

  /** True when the child's slot became an execution; false when its own state stood in the way. */
  #start(definition: TargetDefinition, slotMs: number, draft: FollowDraft): boolean {
    const runs = this.#options.runs();
    const nowMs = this.#options.now();
    const state = draft.stateOf(definition.id);
    const { running, waiting } = runs.occupiedBy(definition.id);
    const occupied = { running, waiting: waiting + draft.addedTo(definition.id) };
    const around = { poolFull: false, draining: runs.draining, startNow: false };
    const turn = decideSlots({ definition, state, nowMs, occupied, ...around }, [slotMs]);
    draft.take(planTurn({ definition, state, turn, nowMs, waiting: runs.waiting(definition.id) }));
    return turn.starts.length > 0;
  }

  #skipRange(range: SlotSkip, draft: FollowDraft): void {
    for (const child of this.#children.get(range.targetId) ?? []) {
      const { cursorMs } = draft.stateOf(child.id);
      // A second parent that skipped the same slots has nothing to add.
      const isFirstToSay = child.policies.dependency?.after[0] === range.targetId;
      if (range.toMs <= cursorMs && !isFirstToSay) continue;
      const { fromMs, toMs, count, capped } = range;
      draft.skip(child, { fromMs, toMs, count, capped }, this.#options.now());
      this.#skipRange({ ...range, targetId: child.id }, draft);
    }
  }

  #conclusionOf(targetId: string, slotMs: number, draft: FollowDraft): Conclusion | undefined {
    return draft.conclusionOf(targetId, slotMs) ?? this.#concluded.get(targetId)?.get(slotMs);
  }

  #remember({ targetId, slotMs, conclusion }: ConcludedSlot): void {
    const slots = this.#concluded.get(targetId) ?? new Map<number, Conclusion>();
    slots.set(slotMs, conclusion);
    const [oldest] = slots.keys();
    if (slots.size > REMEMBERED_SLOTS && oldest !== undefined) slots.delete(oldest);
    this.#concluded.set(targetId, slots);
  }
}

function concludedSlot(execution: Execution): ConcludedSlot | undefined {
  const { jobId, scheduledAtMs, status, runType } = execution;
  if (scheduledAtMs === undefined || runType !== 'AUTO' || status === 'READY' || status === 'RUNNING')
    return undefined;
  return {
    targetId: jobId,
    slotMs: scheduledAtMs,
    conclusion: status === 'SUCCESS' ? 'succeeded' : 'failed',
  };
}
