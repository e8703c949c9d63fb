import type { Execution, SlotSkip } from '../executions/execution.ts';
import type { EndedExecution } from '../executions/execution-rules.ts';
import type { Follow, Runs } from '../executions/runs.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { type Conclusion, concludeDependent, conclusionOf, isSettledBySkip } from './dependency-rules.ts';
import { DependencyTree } from './dependency-tree.ts';
import { type ConcludedSlot, FollowDraft, NOTHING_FOLLOWS, type SkippedSlots } from './follow-draft.ts';
import { countSlots, slotsBetween } from './next-slot.ts';
import { SlotLedger } from './slot-ledger.ts';
import { joinOverlapping } from './slot-skips.ts';
import { type PlannedTurn, planTurn, type SchedulerChange } from './turn-plan.ts';
import { decideSlots } from './turn-rules.ts';

/** Of skipped slots that some parents skipped and others did not, so many newest ones are decided one by one. */
const DECIDED_SINGLY_MAX = 1000;

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
  readonly #ledgers = new Map<string, SlotLedger>();

  constructor(options: DependentsOptions) {
    this.#options = options;
    this.#tree = new DependencyTree(options.states.definitions());
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
   * of it. `states` are being committed in the same decision.
   */
  afterStops(stopped: readonly EndedExecution[], states: readonly TargetState[] = []): Follow {
    const draft = new FollowDraft(this.#options.states, states);
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
      const ledger = this.#ledgerOf(skip.targetId);
      if (this.#isWhole(skip)) ledger.noteSkipped(skip);
      else for (const slotMs of [skip.fromMs, skip.toMs]) ledger.note(slotMs, 'skipped');
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
    return draft.follow((planned) => {
      for (const slot of draft.concluded) this.#ledgerOf(slot.targetId).note(slot.slotMs, slot.conclusion);
      for (const range of draft.skipped) this.#ledgerOf(range.targetId).noteSkipped(range);
      for (const turn of planned) if (turn.cancelsRunning) this.#options.runs().cancel(turn.definition.id);
    });
  }

  #conclude(slots: readonly ConcludedSlot[], draft: FollowDraft): void {
    const queue = [...slots];
    for (let slot = queue.shift(); slot !== undefined; slot = queue.shift()) {
      draft.conclude(slot);
      for (const child of this.#tree.childrenOf(slot.targetId)) {
        queue.push(...this.#decide(child, slot.slotMs, draft));
      }
    }
  }

  /** Decides a child's slot once its parents have concluded it; returns what its own dependents learn at once. */
  #decide(child: TargetDefinition, slotMs: number, draft: FollowDraft): readonly ConcludedSlot[] {
    const { dependency } = child.policies;
    if (dependency === undefined || this.#conclusionOf(child.id, slotMs, draft) !== undefined) return [];
    const parents = dependency.after.map((parent) => this.#conclusionOf(parent, slotMs, draft));
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
    if (turn.starts.length > 0) return replaced;
    return [...replaced, { targetId: definition.id, slotMs, conclusion: 'skipped' }];
  }

  /** Slots of a target were skipped together; what follows is decided together where that is possible. */
  #skip(range: SkippedSlots, draft: FollowDraft): void {
    const { targetId, fromMs, toMs, count } = range;
    if (count === 1) return this.#conclude([{ targetId, slotMs: toMs, conclusion: 'skipped' }], draft);
    draft.concludeSkipped(range);
    for (const child of this.#tree.childrenOf(targetId)) {
      const { dependency } = child.policies;
      const ledgers = [draft.ledgerOf(child.id), this.#ledgerOf(child.id)];
      // Another parent skipped the same slots before.
      if (dependency === undefined || ledgers.some((ledger) => ledger.covers(range))) continue;
      const isWhole = isSettledBySkip(dependency) && !ledgers.some((ledger) => ledger.touches(range));
      if (isWhole) {
        draft.skip(child, { fromMs, toMs, count, capped: range.capped }, this.#options.now());
        this.#skip({ ...range, targetId: child.id }, draft);
      } else this.#decideSingly(child, range, draft);
    }
  }

  #decideSingly(child: TargetDefinition, range: SkippedSlots, draft: FollowDraft): void {
    const { fromMs, toMs } = range;
    const schedule = this.#tree.scheduleOf(child.id);
    const span = { afterMs: fromMs - 1, untilMs: toMs };
    const slots = schedule === undefined ? [fromMs, toMs] : slotsBetween(schedule, span, DECIDED_SINGLY_MAX);
    this.#conclude(
      slots.flatMap((slotMs) => this.#decide(child, slotMs, draft)),
      draft,
    );
  }

  #conclusionOf(targetId: string, slotMs: number, draft: FollowDraft): Conclusion | undefined {
    return draft.ledgerOf(targetId).conclusionAt(slotMs) ?? this.#ledgerOf(targetId).conclusionAt(slotMs);
  }

  #ledgerOf(targetId: string): SlotLedger {
    const ledger = this.#ledgers.get(targetId) ?? new SlotLedger();
    this.#ledgers.set(targetId, ledger);
    return ledger;
  }

  /** A row of a dependent may span slots that were still open when it was extended. */
  #isWhole({ targetId, fromMs, toMs, count, capped }: SlotSkip): boolean {
    const schedule = this.#tree.scheduleOf(targetId);
    if (schedule === undefined) return count === 1;
    return capped || countSlots(schedule, { afterMs: fromMs - 1, untilMs: toMs }).count === count;
  }
}

function oneSlot(slotMs: number) {
  return { fromMs: slotMs, toMs: slotMs, count: 1, capped: false };
}

function concludedSlot(execution: Execution): ConcludedSlot | undefined {
  const { jobId, scheduledAtMs: slotMs, runType } = execution;
  const conclusion = conclusionOf(execution);
  if (slotMs === undefined || runType !== 'AUTO' || conclusion === undefined) return undefined;
  return { targetId: jobId, slotMs, conclusion };
}
