import { nextReadyMs, type WaitingRun } from '../../run/executions/dispatch-rules.ts';
import type { Execution } from '../../run/executions/execution.ts';
import { retryOf } from '../../run/executions/retry-rules.ts';
import { RunDispatch } from '../../run/executions/run-dispatch.ts';
import type { DispatchRequest, Follow, RunChange } from '../../run/executions/runs.ts';
import { WaitingRuns } from '../../run/executions/waiting-runs.ts';
import { JUMP_AT_LEAST_MS, restartAfterStep } from '../../run/scheduler/clock-rules.ts';
import { Dependents } from '../../run/scheduler/dependents.ts';
import { DueHeap } from '../../run/scheduler/due-heap.ts';
import { NOTHING_FOLLOWS } from '../../run/scheduler/follow-draft.ts';
import { registerTarget } from '../../run/scheduler/target-registration.ts';
import { type PlannedTurn, planTurn } from '../../run/scheduler/turn-plan.ts';
import { decideTurn, dueMs, slotAfterRun } from '../../run/scheduler/turn-rules.ts';
import type { TargetDefinition, TargetState } from '../../run/targets/target.ts';
import { afterRun } from '../../run/targets/target-rules.ts';
import { TargetStates } from '../../run/targets/target-states.ts';
import { endSimulatedRun, runEndOf, runEvent } from './simulated-rows.ts';
import { type PoolUse, type SimulatedRun, SimulatedRuns } from './simulated-runs.ts';
import type { SimulationEvent, SimulationInput } from './simulation-events.ts';

/** What a simulated engine is made of; its clock begins at `fromMs`. */
export interface SimulatedEngineInput extends Omit<SimulationInput, 'toMs'> {
  /** States that an earlier engine left; default none. */
  readonly states?: readonly TargetState[] | undefined;
}

/** States live in memory alone. */
const NO_RECORD = { commit: async () => 'committed' as const, readTargetStates: async () => [] };

/**
 * An engine without a store and without time: the loop, the dispatch and the ends of runs over the same rules that the
 * real one decides by. It goes from one instant at which something happens to the next.
 */
export class SimulatedEngine {
  readonly #input: SimulatedEngineInput;
  readonly #emit: (event: SimulationEvent) => void;
  readonly #states: TargetStates<RunChange>;
  readonly #dependents: Dependents;
  readonly #runs: SimulatedRuns;
  readonly #dispatch: RunDispatch;
  readonly #waiting = new WaitingRuns();
  readonly #heap = new DueHeap();
  readonly #startNow = new Set<string>();
  readonly #waits = new Map<string, number>();
  #nowMs: number;

  constructor(input: SimulatedEngineInput, emit: (event: SimulationEvent) => void) {
    this.#input = input;
    this.#emit = emit;
    this.#nowMs = input.fromMs;
    this.#runs = new SimulatedRuns(input.pools ?? {});
    this.#states = new TargetStates<RunChange>(input.definitions, NO_RECORD);
    this.#states.load(firstStates(input));
    this.#dependents = new Dependents({
      states: this.#states,
      runs: () => ({
        draining: false,
        occupiedBy: (targetId) => this.#occupied(targetId),
        waiting: (targetId) => this.#waiting.of(targetId),
        cancel: (targetId) => this.#cancel(targetId),
      }),
      isPoolFull: (pool) => this.#dispatch.isFull(pool, 0),
      now: () => this.#nowMs,
    });
    this.#dispatch = new RunDispatch({
      states: this.#states,
      clock: { now: () => this.#nowMs },
      owner: undefined,
      pools: input.pools ?? {},
      live: this.#runs,
      waiting: this.#waiting,
      draining: () => false,
      afterStops: (...stops) => this.#dependents.afterStops(...stops),
    });
    for (const definition of input.definitions) {
      const { schedule } = definition;
      if (schedule?.kind === 'interval' && schedule.runOnStart) this.#startNow.add(definition.id);
      this.#place(definition);
    }
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** What would be remembered about every target. */
  get states(): readonly TargetState[] {
    return this.#input.definitions.map(({ id }) => this.#states.require(id));
  }

  /** How full the pools were. */
  get poolUses(): readonly PoolUse[] {
    return this.#runs.uses(this.#nowMs);
  }

  /** Executions that go on or wait, as a store would hold them. */
  get active(): readonly Execution[] {
    return [...this.#runs.all(), ...this.#waiting.all()].map(({ execution }) => execution);
  }

  /** Goes to the next instant up to `untilMs` at which something happens; false when there is none. */
  step(untilMs: number): boolean {
    const readyMs = this.#waiting.size === 0 ? undefined : nextReadyMs(this.#waiting.all(), this.#nowMs);
    const nextMs = Math.min(
      this.#runs.nextEndMs ?? Number.POSITIVE_INFINITY,
      this.#heap.nextDueMs ?? Number.POSITIVE_INFINITY,
      readyMs ?? Number.POSITIVE_INFINITY,
    );
    if (nextMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#nowMs = Math.max(this.#nowMs, nextMs);
    for (const run of this.#runs.takeEnded(this.#nowMs)) this.#end(run);
    const due = this.#heap.takeDue(this.#nowMs);
    if (due.length > 0 || (readyMs !== undefined && readyMs <= this.#nowMs)) this.#look(due);
    return true;
  }

  /** Nobody looks for so long, as if the process had been stopped; runs end meanwhile. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  /** Sets the wall clock by `ms`, back when negative, without time passing. */
  setClock(ms: number): void {
    this.#nowMs += ms;
    this.#runs.shift(ms);
    if (ms < 0) this.#waiting.setBack(-ms);
    if (ms < -JUMP_AT_LEAST_MS) {
      const restarted: string[] = [];
      for (const definition of this.#input.definitions) {
        const before = this.#states.require(definition.id);
        const restart = restartAfterStep(definition, before, { nowMs: this.#nowMs, jumpMs: ms });
        if (restart === undefined) continue;
        this.#states.load([restart.state]);
        restarted.push(definition.id);
      }
      this.#dependents.restart(restarted, this.#nowMs);
    }
    for (const definition of this.#input.definitions) this.#place(definition);
  }

  /** Accounts for slots outside calendars that nobody had to look at yet, and tells what still goes on or waits. */
  finish(): void {
    this.#look(this.#input.definitions.map(({ id }) => id));
    for (const run of this.#runs.all()) this.#emit(runEvent(run.execution, run.waitedMs));
    for (const run of this.#waiting.all()) this.#emit(runEvent(run.execution, this.#waitOf(run)));
  }

  #place(definition: TargetDefinition): void {
    const startsNow = this.#startNow.has(definition.id);
    const due = startsNow ? this.#nowMs : dueMs(definition, this.#states.require(definition.id));
    this.#heap.set(definition.id, due);
  }

  #look(due: readonly string[]): void {
    const definitions = due.map((id) => this.#states.requireDefinition(id));
    const added = new Map<string, number>();
    const planned = definitions.flatMap((definition) => this.#plan(definition, added));
    if (planned.length > 0 || this.#waiting.size > 0) this.#commitTurns(planned);
    for (const definition of definitions) this.#place(definition);
  }

  /** `added`: how many runs the turns before this one add to each pool. */
  #plan(definition: TargetDefinition, added: Map<string, number>): readonly PlannedTurn[] {
    const { id, policies } = definition;
    const { pool } = policies;
    const state = this.#states.require(id);
    const turn = decideTurn({
      definition,
      state,
      nowMs: this.#nowMs,
      occupied: this.#occupied(id),
      poolFull: this.#dispatch.isFull(pool, added.get(pool) ?? 0),
      draining: false,
      startNow: this.#startNow.delete(id),
    });
    if (turn === undefined) return [];
    added.set(pool, (added.get(pool) ?? 0) + turn.starts.length);
    return [planTurn({ definition, state, turn, nowMs: this.#nowMs, waiting: this.#waiting.of(id) })];
  }

  #commitTurns(planned: readonly PlannedTurn[]): void {
    const follow = this.#dependents.afterTurns(planned);
    const changes = planned.flatMap((turn) => turn.changes);
    this.#commit(changes, follow, {
      added: [...planned.flatMap((turn) => turn.runs), ...follow.runs],
      removed: [...planned.flatMap((turn) => turn.replaced), ...follow.removed],
      states: [...planned.map((turn) => turn.state), ...follow.states],
    });
    for (const turn of planned) if (turn.cancelsRunning) this.#cancel(turn.definition.id);
  }

  #end(run: SimulatedRun): void {
    const { definition, execution } = run;
    const nowMs = this.#nowMs;
    const before = this.#states.require(definition.id);
    const slotMs = execution.scheduledAtMs ?? nowMs;
    const outcome = this.#input.outcome?.(definition, slotMs, execution.attempt) ?? 'SUCCESS';
    const ended = endSimulatedRun(run, outcome, nowMs);
    const { breaker, clockEra, pause } = before;
    const mayRetry = breaker.kind === 'closed' && pause === undefined;
    const retry = mayRetry ? retryOf(ended.execution, definition, { nowMs, clockEra }) : undefined;
    const isLast = retry === undefined;
    const { state } = afterRun(before, runEndOf(ended.execution, isLast), definition.errors);
    const follow = isLast ? this.#dependents.afterRun(ended.execution) : NOTHING_FOLLOWS;
    this.#waits.set(execution.id, run.waitedMs);
    this.#runs.remove(run, nowMs);
    this.#commit([...ended.changes, ...(retry?.changes ?? [])], follow, {
      added: [...(retry === undefined ? [] : [retry.run]), ...follow.runs],
      removed: follow.removed,
      states: [isLast ? slotAfterRun(definition, state, nowMs) : state, ...follow.states],
    });
    this.#place(definition);
  }

  /** Makes the books follow decisions: what is told, the states, what waits and what starts. */
  #commit(changes: readonly RunChange[], follow: Follow, request: DispatchRequest): void {
    const nowMs = this.#nowMs;
    const removed = request.removed ?? [];
    const plan = this.#dispatch.plan(request);
    this.#states.load([...request.states, ...plan.states]);
    for (const run of [...removed, ...plan.stops]) {
      this.#waits.set(run.execution.id, this.#waitOf(run));
      this.#waiting.remove(run.execution.id);
    }
    for (const change of changes) this.#tell(change);
    for (const change of follow.changes) this.#tell(change);
    for (const change of plan.changes) this.#tell(change);
    for (const run of plan.waiting) this.#waiting.add(run);
    for (const { run, execution } of plan.starts) {
      this.#waiting.remove(execution.id);
      const { definition } = run;
      const takesMs = this.#input.durationMs?.(definition, execution.scheduledAtMs ?? nowMs) ?? 0;
      const timesOut = takesMs > definition.timeoutMs;
      const endsAtMs = nowMs + (timesOut ? definition.timeoutMs : takesMs);
      const started = { definition, execution, waitedMs: this.#waitOf(run), timesOut, endsAtMs };
      this.#runs.start(started, nowMs);
    }
    if (plan.waiting.length > 0) this.#runs.noteWaiting(plan.waiting, nowMs);
    plan.committed();
    follow.committed();
  }

  #tell(change: RunChange): void {
    if (change.kind === 'slot.skip') this.#emit({ kind: 'skip', ...change.skip });
    if (change.kind !== 'execution.update') return;
    const { execution } = change;
    if (execution.status === 'RUNNING' || execution.status === 'READY') return;
    const waitedMs = this.#waits.get(execution.id) ?? 0;
    this.#waits.delete(execution.id);
    this.#emit(runEvent(execution, waitedMs));
  }

  #cancel(targetId: string): void {
    const reason = 'a newer slot took its place';
    this.#runs.cancel(targetId, { operatorId: 'system:scheduler', atMs: this.#nowMs, reason });
  }

  #waitOf(run: WaitingRun): number {
    return Math.max(0, this.#nowMs - Math.max(run.execution.createdAtMs, run.notBeforeMs));
  }

  #occupied(targetId: string) {
    return { running: this.#runs.countOf(targetId), waiting: this.#waiting.countOf(targetId) };
  }
}

function firstStates({
  definitions,
  states,
  fromMs,
  includesFrom,
}: SimulatedEngineInput): readonly TargetState[] {
  const stored = new Map(states?.map((state) => [state.targetId, state]));
  return definitions.map((definition) => {
    const earlier = stored.get(definition.id);
    const wasScheduled = earlier !== undefined;
    const { state } = registerTarget({ definition, stored: earlier, wasScheduled, nowMs: fromMs });
    return includesFrom === true && earlier === undefined ? { ...state, cursorMs: fromMs - 1 } : state;
  });
}
