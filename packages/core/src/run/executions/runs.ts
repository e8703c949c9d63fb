import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { redact, type Secret } from '../../kernel/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OutputFiles } from '../../ports/output-files.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { ProcessGroup, WorkRunner } from '../../ports/work-runner.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { maxConcurrentOf } from '../targets/target-policies.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { TargetChange } from '../targets/target-store.ts';
import {
  type DispatchPlan,
  freeLane,
  nextReadyMs,
  type Occupancy,
  planDispatch,
  stopWaiting,
  type WaitingRun,
} from './dispatch-rules.ts';
import type { StopRequest } from './execution.ts';
import { amendExecution, type EndedExecution, type RunningExecution } from './execution-rules.ts';
import { ExecutionRun, type RunEnded, type RunListener } from './execution-run.ts';
import type { ExecutionChange } from './execution-store.ts';
import { LiveRuns } from './live-runs.ts';
import { OutputCapture } from './output-capture.ts';
import { RunEnding } from './run-ending.ts';
import { WaitingRuns } from './waiting-runs.ts';

/** Everything the chapters of the running part write. */
export type RunChange = ExecutionChange | TargetChange | AuditChange;

/** What the runs of an engine are made from. */
export interface RunsOptions {
  readonly states: TargetStates<RunChange>;
  readonly clock: Clock;
  readonly runner: WorkRunner;
  readonly outputFiles: OutputFiles;
  readonly logger: Logger;
  readonly secrets: readonly Secret[];
  readonly owner: ProcessIdentity | undefined;
  /** How many runs may go on at once in a pool, by its name; a pool that is not named has no limit. */
  readonly pools: Readonly<Record<string, number>>;
  /** Where a schedule goes after a run ended; given by the scheduler, which knows schedules. */
  readonly slotAfterRun: (definition: TargetDefinition, state: TargetState, endedAtMs: number) => TargetState;
  /** What the last attempt at a slot sets going: the targets that come after it. Given by the scheduler. */
  readonly follow: (ended: EndedExecution) => Follow;
  /** Told after a target became free or its progress moved, so that the loop and the screens look again. */
  readonly onMoved: (targetId: string, what: 'progress' | 'settled-late' | 'ended') => void;
}

/** What follows from something that happened to a target, for the targets that depend on it. */
export interface Follow {
  readonly changes: readonly RunChange[];
  readonly states: readonly TargetState[];
  /** READY executions that wait to be started from the commit on. */
  readonly runs: readonly WaitingRun[];
  /** Waiting ones that gave way to them. */
  readonly removed: readonly WaitingRun[];
  /** Called once everything was committed. */
  committed(): void;
}

/** What a dispatch is planned for. */
export interface DispatchRequest {
  /** READY executions that are being committed in the same decision. */
  readonly added: readonly WaitingRun[];
  /** Waiting ones whose rows are ended in the same decision. */
  readonly removed?: readonly WaitingRun[] | undefined;
  /** States that are being committed in the same decision. */
  readonly states: readonly TargetState[];
  /** A run whose end is being committed: its lane and its place in the pool are free. */
  readonly ending?: ExecutionRun | undefined;
}

/** At most one progress write a second reaches the store. */
const PROGRESS_EVERY_MS = 1000;

/**
 * The runs of this engine. What is to run is a READY row first; it is started when its target and its pool have room,
 * and a function that was ended but goes on keeps its room until it settles. A run is here from its commit to the
 * commit of its end.
 */
export class Runs implements RunListener {
  readonly #options: RunsOptions;
  readonly #ending: RunEnding;
  readonly #live = new LiveRuns();
  readonly #waiting = new WaitingRuns();
  readonly #progressTimers = new Map<string, () => void>();
  readonly #patience = new AbortController();
  #idleWaiters: Array<() => void> = [];
  #draining = false;
  /** Set once every run was asked to end; what starts in spite of it is asked too. */
  #endRun: ((run: ExecutionRun) => void) | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#ending = new RunEnding(options);
  }

  /** Runs of a target that go on, oldest first. */
  of(targetId: string): readonly ExecutionRun[] {
    return this.#live.of(targetId);
  }

  /** The run with this execution id, if it is going on here. */
  find(executionId: string): ExecutionRun | undefined {
    return this.#live.find(executionId);
  }

  /** What of a target goes on and waits. */
  occupiedBy(targetId: string): { readonly running: number; readonly waiting: number } {
    return { running: this.#live.lanesOf(targetId).length, waiting: this.#waiting.countOf(targetId) };
  }

  /** True while a function of the target goes on although its run was ended. */
  isDetached(targetId: string): boolean {
    return this.#live.detachedOf(targetId).length > 0;
  }

  /** READY executions of a target, in the order in which they came. */
  waiting(targetId: string): readonly WaitingRun[] {
    return this.#waiting.of(targetId);
  }

  /** How many wait for a pool that has a limit; 0 for one without. */
  waitingForPool(pool: string): number {
    return this.#options.pools[pool] === undefined ? 0 : this.#waiting.countIn(pool);
  }

  /** True when anything waits at all. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** When a waiting run must be looked at for its own sake: another attempt, or jitter. */
  nextReadyMs(nowMs: number): number | undefined {
    return this.#waiting.size === 0 ? undefined : nextReadyMs(this.#waiting.all(), nowMs);
  }

  /** Decides which waiting runs start now, together with what is being committed in the same decision. */
  planDispatch(request: DispatchRequest): DispatchPlan {
    const gone = new Set(request.removed?.map((run) => run.execution.id));
    const waiting = [...this.#waiting.all(), ...request.added].filter((run) => !gone.has(run.execution.id));
    return planDispatch(waiting, this.#occupancy(request), this.#options.clock.now());
  }

  /** Makes the books follow a dispatch that was committed, and starts the work. Inside the decision. */
  applyDispatch(plan: DispatchPlan, request: DispatchRequest): void {
    for (const run of [...(request.removed ?? []), ...plan.stops]) this.#waiting.remove(run.execution.id);
    for (const run of plan.waiting) this.#waiting.add(run);
    for (const { run, execution } of plan.starts) {
      this.#waiting.remove(execution.id);
      this.launch(run.definition, execution);
    }
  }

  /** The lane for a run of a target that is started now. */
  freeLane(targetId: string): number {
    return freeLane(this.#live.lanesOf(targetId));
  }

  /**
   * Starts the work of an execution that was committed as RUNNING; called inside the decision that committed it,
   * so that nobody can decide on a run that is not here yet. `params` is what the work is given.
   */
  launch(definition: TargetDefinition, execution: RunningExecution, params?: JsonObject): void {
    const { runner, clock, secrets } = this.#options;
    const run = new ExecutionRun({
      definition,
      execution,
      params: params ?? execution.params ?? {},
      clean: (text) => redact(text, secrets),
      runner,
      clock,
      capture: new OutputCapture({ secrets }),
      listener: this,
    });
    this.#live.add(run);
    run.start();
    this.#endRun?.(run);
  }

  /** Takes a waiting execution out; its row has been ended by the caller. */
  dequeue(executionId: string): void {
    this.#waiting.remove(executionId);
  }

  /** Asks the runs of a target to end because a newer slot takes their place. */
  cancel(targetId: string): void {
    const atMs = this.#options.clock.now();
    const stop = { operatorId: 'system:scheduler', atMs, reason: 'a newer slot took its place' };
    for (const run of this.#live.of(targetId)) run.requestStop(stop);
  }

  /** From now on nothing that waits is started any more; what waits is ended on record. */
  async beginDrain(): Promise<void> {
    this.#draining = true;
    const { states, clock } = this.#options;
    await states.exclusively(async () => {
      const waiting = this.#waiting.all();
      const changes = waiting.flatMap((run) => stopWaiting(run, 'the engine is stopping', clock.now()));
      if (changes.length > 0) await states.commit(changes, []);
      for (const run of waiting) this.#waiting.remove(run.execution.id);
    });
  }

  /** This process as it stands in the rows of its runs. */
  get owner(): ProcessIdentity | undefined {
    return this.#options.owner;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Resolves when no run is going on; detached functions do not count, they cannot be ended. */
  async idle(): Promise<void> {
    while (this.#live.size > 0) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
  }

  /** Asks every run to end, also those that a decision under way still starts. */
  stopAll(stop: StopRequest): void {
    this.#endRun ??= (run) => run.requestStop(stop);
    for (const run of this.#live.all()) run.requestStop(stop);
  }

  /** Ends every run by force, and no longer waits for a store that refuses to write their ends. */
  killAll(stop: StopRequest): void {
    this.#endRun = (run) => run.kill(stop);
    for (const run of this.#live.all()) run.kill(stop);
    this.#patience.abort();
  }

  onProcessGroup(run: ExecutionRun, processGroup: ProcessGroup): void {
    this.#amend(run, { processGroup }).catch((error: unknown) =>
      this.#warn(run, 'could not record the process group of a run', error),
    );
  }

  onProgress(run: ExecutionRun): void {
    const id = run.execution.id;
    if (this.#progressTimers.has(id)) return;
    const again = () => {
      this.#progressTimers.delete(id);
      if (!run.ended && run.progress !== run.execution.progress) this.onProgress(run);
    };
    this.#progressTimers.set(id, this.#options.clock.setTimer(again, PROGRESS_EVERY_MS));
    this.#saveProgress(run).catch((error: unknown) =>
      this.#warn(run, 'could not write the progress of a run', error),
    );
  }

  onEnd(run: ExecutionRun, ended: RunEnded): void {
    const id = run.execution.id;
    this.#progressTimers.get(id)?.();
    this.#progressTimers.delete(id);
    if (ended.detached) this.#live.detach(run);
    this.#finish(run, ended).catch((error: unknown) =>
      this.#warn(run, 'the end of a run is not on record', error),
    );
  }

  onSettledLate(run: ExecutionRun): void {
    if (!this.#live.settle(run)) return;
    const targetId = run.definition.id;
    const fields = { targetId, executionId: run.execution.id };
    this.#options.logger.info('a function that had been ended has settled', fields);
    this.#options.onMoved(targetId, 'settled-late');
  }

  async #finish(run: ExecutionRun, ended: RunEnded): Promise<void> {
    try {
      await this.#ending.commitEnd(run, ended, {
        plan: (request) => this.planDispatch(request),
        draining: () => this.#draining,
        committed: (request, plan) => {
          this.#live.remove(run);
          if (plan !== undefined) this.applyDispatch(plan, request);
        },
        patience: this.#patience.signal,
      });
    } finally {
      this.#live.remove(run);
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const wake of waiters) wake();
      this.#options.onMoved(run.definition.id, 'ended');
    }
  }

  #occupancy({ states: decided, ending }: DispatchRequest): Occupancy {
    const { states, pools, owner } = this.#options;
    const newest = new Map(decided.map((state) => [state.targetId, state]));
    const freed = (pool: string) => (ending?.definition.policies.pool === pool ? 1 : 0);
    return {
      lanesOf: (targetId) => this.#live.lanesOf(targetId, ending),
      runningIn: (pool) => this.#live.countIn(pool) - freed(pool),
      limitOf: (pool) => pools[pool],
      stateOf: (targetId) => newest.get(targetId) ?? states.require(targetId),
      obstacleOf: (targetId) => this.#obstacle(targetId),
      owner,
    };
  }

  #obstacle(targetId: string): string | undefined {
    if (this.#draining) return 'the engine is stopping';
    const most = maxConcurrentOf(this.#options.states.requireDefinition(targetId).policies);
    const stuck = this.#live.detachedOf(targetId).length >= most;
    return stuck ? 'a function that was ended has not settled yet' : undefined;
  }

  async #saveProgress(run: ExecutionRun): Promise<void> {
    await this.#amend(run, { progress: run.progress });
    this.#options.onMoved(run.definition.id, 'progress');
  }

  /** Writes a newer version of a running execution, unless its end was committed meanwhile. */
  async #amend(run: ExecutionRun, fields: Parameters<typeof amendExecution>[1]): Promise<void> {
    const { states, clock } = this.#options;
    await states.exclusively(async () => {
      if (this.#live.find(run.execution.id) !== run) return;
      const note = { by: 'scheduler', atMs: clock.now() };
      const { execution, changes } = amendExecution(run.execution, fields, note);
      if ((await states.commit(changes, [])) === 'committed') run.execution = execution;
    });
  }

  #warn(run: ExecutionRun, message: string, error: unknown): void {
    this.#options.logger.warn(message, {
      targetId: run.definition.id,
      executionId: run.execution.id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
