import type { Execution, SlotSkip } from '../executions/execution.ts';
import type { EndedExecution } from '../executions/execution-rules.ts';
import type { Follow, Runs } from '../executions/runs.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { DaySlots } from './day-slots.ts';
import { type Conclusion, concludeDependent, isSettledBySkip } from './dependency-rules.ts';
import { DependencyTree } from './dependency-tree.ts';
import {
  type ConcludedSlot,
  concludedSlot,
  FollowDraft,
  NOTHING_FOLLOWS,
  type SkippedSlots,
} from './follow-draft.ts';
import { countSlots, slotsBetween } from './next-slot.ts';
import { countDecided, SlotLedger } from './slot-ledger.ts';
import { joinOverlapping, oneSlot } from './slot-skips.ts';
import { type PlannedTurn, planTurn, type SchedulerChange } from './turn-plan.ts';
import { decideSlots } from './turn-rules.ts';

/** Of skipped slots that some parents skipped and others did not, so many newest ones are decided one by one. */
const DECIDED_SINGLY_MAX = 1000;

/** Of skipped days so many newest ones are told to a dependent that matches days: twenty-seven years. */
const DECIDED_DAYS_MAX = 10_000;

interface DependentsOptions {
  readonly states: TargetStates<SchedulerChange>;
  /** The runs of the engine, which are made after this. */
  readonly runs: () => Pick<Runs, 'draining' | 'occupiedBy' | 'waiting' | 'cancel'>;
  /** Whether no more may wait for a pool; default: there is always room. */
  readonly isPoolFull?: ((pool: string) => boolean) | undefined;
  readonly now: () => number;
}

/** Targets that come after others: what a parent's slot came to decides what becomes of theirs (rule S17). */
export class Dependents {
  readonly #options: DependentsOptions;
  readonly #tree: DependencyTree;
  readonly #days: DaySlots;
  readonly #ledgers = new Map<string, SlotLedger>();
  /** What a follow was made of, for what is decided besides it before both are committed. */
  readonly #drafts = new WeakMap<Follow, FollowDraft>();
  /** The last slot in the newest row of skipped ones of a dependent; later slots may have been decided before earlier ones. */
  readonly #lastSkipped = new Map<string, number>();

  constructor(options: DependentsOptions) {
    this.#options = options;
    this.#tree = new DependencyTree(options.states.definitions());
    this.#days = new DaySlots(options.states.definitions());
  }

  /** Every target that somebody waits for or that waits for somebody. */
  involved(): readonly string[] {
    return this.#tree.involved();
  }

  /** What follows from the last attempt at a slot. */
  afterRun(ended: EndedExecution): Follow {
    const slot = concludedSlot(ended);
    if (slot === undefined || !this.#tree.isParent(slot.targetId)) return NOTHING_FOLLOWS;
    const draft = new FollowDraft(this.#options.states);
    this.#conclude([slot], draft);
    return this.#finish(draft);
  }

  /**
   * What follows from waiting executions that were ended without a start: their schedules go on, and dependents learn
   * of it. `states` and `before` are being committed in the same decision.
   */
  afterStops(stopped: readonly EndedExecution[], states: readonly TargetState[], before?: Follow): Follow {
    const drafted = before === undefined ? undefined : this.#drafts.get(before);
    const draft = new FollowDraft(this.#options.states, states, drafted);
    for (const execution of stopped) {
      const definition = this.#options.states.findDefinition(execution.jobId);
      if (definition !== undefined) draft.noteStopped(definition, execution);
    }
    this.#conclude(this.#parentSlots(stopped), draft);
    return this.#finish(draft);
  }

  /** What follows from slots that were skipped: a dependent of a skipped slot is skipped too, visibly. */
  afterTurns(planned: readonly PlannedTurn[]): Follow {
    if (this.#tree.isEmpty) return NOTHING_FOLLOWS;
    const turns = planned.filter((turn) => this.#tree.isParent(turn.definition.id));
    if (turns.length === 0) return NOTHING_FOLLOWS;
    const draft = new FollowDraft(
      this.#options.states,
      planned.map((turn) => turn.state),
    );
    for (const { skips, replaced } of turns) {
      // What a duplicate came to was concluded when it was recorded first.
      const ranges = joinOverlapping(skips.filter((skip) => skip.reason !== 'duplicate'));
      for (const range of ranges) this.#skip(range, draft);
      this.#conclude(
        replaced.flatMap(({ execution }) => concludedSlot({ ...execution, status: 'STOPPED' }) ?? []),
        draft,
      );
    }
    return this.#finish(draft);
  }

  /**
   * At a start: remembers what the records say, then decides what follows from `closed`, the executions that a dead
   * engine left and that were ended just now.
   */
  afterRecords(
    executions: readonly Execution[],
    skips: readonly SlotSkip[],
    closed: readonly EndedExecution[],
  ): Follow {
    const nowMs = this.#options.now();
    for (const skip of skips) {
      if (skip.toMs > nowMs) continue;
      this.#ledgerOf(skip.targetId).noteSkipped(skip);
    }
    // Newest first or not: a later attempt at a slot counts more than an earlier one.
    for (const execution of executions.toSorted((a, b) => a.attempt - b.attempt)) {
      const slot = concludedSlot(execution);
      if (slot !== undefined && slot.slotMs <= nowMs) {
        this.#ledgerOf(slot.targetId).note(slot.slotMs, slot.conclusion);
      }
    }
    const draft = new FollowDraft(this.#options.states);
    this.#conclude(this.#parentSlots(closed), draft);
    return this.#finish(draft);
  }

  /** The clock was set back, and these targets began anew: what they and their dependents concluded comes again. */
  restart(targetIds: readonly string[], nowMs: number): void {
    for (const id of this.#tree.withDescendants(targetIds)) this.#ledgers.get(id)?.forgetAfter(nowMs);
  }

  #parentSlots(executions: readonly EndedExecution[]): readonly ConcludedSlot[] {
    const slots = executions.flatMap((execution) => concludedSlot(execution) ?? []);
    return slots.filter(({ targetId }) => this.#tree.isParent(targetId));
  }

  #finish(draft: FollowDraft): Follow {
    const apart = ({ targetId, fromMs, toMs }: SlotSkip) => {
      const lastMs = draft.lastSkippedOf(targetId) ?? this.#lastSkipped.get(targetId);
      draft.lastSkipped.set(targetId, toMs);
      return !this.#tree.isNextSlot(targetId, lastMs, fromMs);
    };
    const follow = draft.follow(apart, (planned) => {
      for (const [id, slotMs] of draft.lastSkipped) this.#lastSkipped.set(id, slotMs);
      for (const slot of draft.concluded) this.#ledgerOf(slot.targetId).note(slot.slotMs, slot.conclusion);
      for (const range of draft.skipped) this.#ledgerOf(range.targetId).noteSkipped(range);
      for (const turn of planned) if (turn.cancelsRunning) this.#options.runs().cancel(turn.definition.id);
    });
    if (follow !== NOTHING_FOLLOWS) this.#drafts.set(follow, draft);
    return follow;
  }

  #conclude(slots: readonly ConcludedSlot[], draft: FollowDraft): void {
    for (const slot of slots) {
      draft.conclude(slot);
      this.#tellChildren([slot], draft);
    }
  }

  /** `told` has been concluded in the draft. */
  #tellChildren(told: readonly ConcludedSlot[], draft: FollowDraft): void {
    const queue = [...told];
    for (let slot = queue.shift(); slot !== undefined; slot = queue.shift()) {
      for (const child of this.#tree.childrenOf(slot.targetId)) {
        const slotMs = this.#days.childSlot(child, slot.slotMs);
        const decided = slotMs === undefined ? [] : this.#decide(child, slotMs, draft);
        for (const next of decided) draft.conclude(next);
        queue.push(...decided);
      }
    }
  }

  /** Decides a child's slot once its parents have concluded it; returns what its own slots came to by that. */
  #decide(child: TargetDefinition, slotMs: number, draft: FollowDraft): readonly ConcludedSlot[] {
    const { dependency } = child.policies;
    if (dependency === undefined || this.#isDecided(child.id, slotMs, draft)) return [];
    const parents = dependency.after.map((parent) => this.#conclusionFor(child, parent, { slotMs, draft }));
    // The slot of a day may still be to come when the first parent has concluded.
    if (dependency.sameDayIn !== undefined && parents.includes(undefined)) return [];
    const verdict = concludeDependent(dependency, parents);
    if (verdict === 'wait') return [];
    if (verdict === 'run') return this.#start(child, slotMs, draft);
    draft.skip(child, oneSlot(slotMs), this.#options.now());
    return [{ targetId: child.id, slotMs, conclusion: 'skipped' }];
  }

  /** The child's slot becomes an execution, unless its own state stands in the way. */
  #start(definition: TargetDefinition, slotMs: number, draft: FollowDraft): readonly ConcludedSlot[] {
    const runs = this.#options.runs();
    const nowMs = this.#options.now();
    const state = draft.stateOf(definition.id);
    const waiting = draft.waitingOf(definition.id, runs.waiting(definition.id));
    const occupied = { running: runs.occupiedBy(definition.id).running, waiting: waiting.length };
    const poolFull = this.#options.isPoolFull?.(definition.policies.pool) ?? false;
    const around = { poolFull, draining: runs.draining, startNow: false };
    const turn = decideSlots({ definition, state, nowMs, occupied, ...around }, [slotMs]);
    const planned = planTurn({ definition, state, turn, nowMs, waiting });
    draft.take(planned);
    const replaced = planned.replaced.flatMap(
      ({ execution }) => concludedSlot({ ...execution, status: 'STOPPED' }) ?? [],
    );
    const conclusion = turn.starts.length > 0 ? 'started' : 'skipped';
    return [...replaced, { targetId: definition.id, slotMs, conclusion }];
  }

  /** Slots of a target were skipped together; what follows is decided together where that is possible. */
  #skip(range: SkippedSlots, draft: FollowDraft): void {
    const { targetId, toMs, count } = range;
    if (count === 1) return this.#conclude([{ targetId, slotMs: toMs, conclusion: 'skipped' }], draft);
    draft.concludeSkipped(range);
    for (const child of this.#tree.childrenOf(targetId)) {
      const { dependency } = child.policies;
      const ledgers = this.#ledgersOf(child.id, draft);
      if (dependency?.sameDayIn !== undefined) this.#decideDays(child, range, draft);
      // Another parent skipped the same slots before.
      else if (dependency === undefined || ledgers.some((ledger) => ledger.covers(range))) continue;
      else if (isSettledBySkip(dependency)) this.#skipOpen(child, range, draft);
      else this.#decideSingly(child, range, draft);
    }
  }

  /** Skips those slots of a range of which it is not decided yet what becomes of them. */
  #skipOpen(child: TargetDefinition, range: SkippedSlots, draft: FollowDraft): void {
    const { fromMs, toMs, count, capped } = range;
    const ledgers = this.#ledgersOf(child.id, draft);
    const schedule = this.#tree.scheduleOf(child.id);
    const decided = schedule === undefined ? 0 : countDecided(ledgers, range, schedule);
    if (decided >= count) return;
    draft.skip(child, { fromMs, toMs, count: count - decided, capped }, this.#options.now());
    this.#skip({ ...range, targetId: child.id }, draft);
  }

  /** Where other parents count too, every slot is decided for itself, as far back as that can be afforded. */
  #decideSingly(child: TargetDefinition, range: SkippedSlots, draft: FollowDraft): void {
    const { fromMs, toMs } = range;
    const schedule = this.#tree.scheduleOf(child.id);
    const span = { afterMs: fromMs - 1, untilMs: toMs };
    const slots = schedule === undefined ? [fromMs, toMs] : slotsBetween(schedule, span, DECIDED_SINGLY_MAX);
    const [oldestMs = fromMs] = slots;
    if (schedule !== undefined && oldestMs > fromMs) {
      const untilMs = oldestMs - 1;
      const { count, lastMs = fromMs, capped } = countSlots(schedule, { afterMs: fromMs - 1, untilMs });
      this.#skipOpen(child, { ...range, toMs: lastMs, count, capped }, draft);
    }
    this.#decideEach(child, slots, draft);
  }

  #decideEach(child: TargetDefinition, slots: readonly number[], draft: FollowDraft): void {
    for (const slotMs of slots) {
      const decided = this.#decide(child, slotMs, draft);
      for (const slot of decided) draft.conclude(slot);
      this.#tellChildren(decided, draft);
    }
  }

  /** The days of a range of skipped slots, each for itself: other parents have other slots. */
  #decideDays(child: TargetDefinition, range: SkippedSlots, draft: FollowDraft): void {
    const schedule = this.#tree.scheduleOf(range.targetId);
    const span = { afterMs: range.fromMs - 1, untilMs: range.toMs };
    const slots = schedule === undefined ? [] : slotsBetween(schedule, span, DECIDED_DAYS_MAX);
    const ofChild = slots.flatMap((slotMs) => this.#days.childSlot(child, slotMs) ?? []);
    this.#decideEach(child, ofChild, draft);
  }

  /** What the slot of a parent came to that belongs to one of a child; on a day without one nothing was run. */
  #conclusionFor(
    child: TargetDefinition,
    parentId: string,
    { slotMs, draft }: { readonly slotMs: number; readonly draft: FollowDraft },
  ): Conclusion | undefined {
    const parentMs = this.#days.parentSlot(child, parentId, slotMs);
    return parentMs === undefined ? 'skipped' : this.#conclusionOf(parentId, parentMs, draft);
  }

  #conclusionOf(targetId: string, slotMs: number, draft: FollowDraft): Conclusion | undefined {
    for (const ledger of this.#ledgersOf(targetId, draft)) {
      const conclusion = ledger.conclusionAt(slotMs);
      if (conclusion !== undefined) return conclusion;
    }
    return undefined;
  }

  #isDecided(targetId: string, slotMs: number, draft: FollowDraft): boolean {
    return this.#ledgersOf(targetId, draft).some((ledger) => ledger.isDecided(slotMs));
  }

  #ledgersOf(targetId: string, draft: FollowDraft): readonly SlotLedger[] {
    return [...draft.ledgersOf(targetId), this.#ledgerOf(targetId)];
  }

  #ledgerOf(targetId: string): SlotLedger {
    const ledger = this.#ledgers.get(targetId) ?? new SlotLedger();
    this.#ledgers.set(targetId, ledger);
    return ledger;
  }
}
