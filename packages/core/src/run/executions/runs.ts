import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { redact } from '../../kernel/secret.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { ProcessGroup } from '../../ports/work-runner.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetChange } from '../targets/target-store.ts';
import { freeLane, nextReadyMs, type WaitingRun } from './dispatch-rules.ts';
import type { Execution, StopRequest } from './execution.ts';
import type { EndedExecution, RunningExecution } from './execution-rules.ts';
import { ExecutionRun, type RunEnded, type RunListener } from './execution-run.ts';
import type { ExecutionChange } from './execution-store.ts';
import { LiveRuns } from './live-runs.ts';
import { OutputCapture } from './output-capture.ts';
import { RunAmendments } from './run-amendments.ts';
import { type DispatchRequest, type FullDispatchPlan, RunDispatch } from './run-dispatch.ts';
import { RunEnding } from './run-ending.ts';
import type { RunsOptions } from './runs-options.ts';
import { WaitingRuns } from './waiting-runs.ts';

export type { DispatchRequest };

/** Everything the chapters of the running part write. */
export type RunChange = ExecutionChange | TargetChange | AuditChange;

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

/**
 * The runs of this engine. What is to run is a READY row first; it is started when its target and its pool have room,
 * and a function that was ended but goes on keeps its room until it settles. A run is here from its commit to the
 * commit of its end.
 */
export class Runs implements RunListener {
  readonly #options: RunsOptions;
  readonly #ending: RunEnding;
  readonly #amendments: RunAmendments;
  readonly #dispatch: RunDispatch;
  readonly #live = new LiveRuns();
  readonly #waiting = new WaitingRuns();
  readonly #patience = new AbortController();
  readonly #idleWaiters: Array<() => void> = [];
  #draining = false;
  /** Set once every run was asked to end; what starts in spite of it is asked too. */
  #endRun: ((run: ExecutionRun) => void) | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#ending = new RunEnding(options);
    this.#amendments = new RunAmendments({
      ...options,
      isLive: (run) => this.#live.find(run.execution.id) === run,
      onProgress: (targetId) => options.onMoved(targetId, 'progress'),
    });
    const books = { live: this.#live, waiting: this.#waiting, draining: () => this.#draining };
    this.#dispatch = new RunDispatch({ ...options, ...books });
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

  /** Whether no more may wait for a pool besides `planned` ones. */
  isPoolFull(pool: string, planned = 0): boolean {
    return this.#dispatch.isFull(pool, planned);
  }

  /** Whether any pool has a limit. */
  get hasLimits(): boolean {
    return Object.keys(this.#options.pools).length > 0;
  }

  /** Whether only so many runs of a pool may go on at once. */
  hasLimit(pool: string): boolean {
    return this.#options.pools[pool] !== undefined;
  }

  /** True when anything waits at all. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** When a waiting run must be looked at for its own sake: another attempt, or jitter. */
  nextReadyMs(nowMs: number): number | undefined {
    return this.#waiting.size === 0 ? undefined : nextReadyMs(this.#waiting.all(), nowMs);
  }

  /** The wall clock was set back by `byMs`: what waits for an instant waits no longer for it. Inside the decision. */
  setBack(byMs: number): void {
    this.#waiting.setBack(byMs);
  }

  /** Decides which waiting runs start now, together with what is being committed in the same decision. */
  planDispatch(request: DispatchRequest): FullDispatchPlan {
    return this.#dispatch.plan(request);
  }

  /** Makes the books follow a dispatch that was committed, and starts the work. Inside the decision. */
  applyDispatch(plan: FullDispatchPlan, request: DispatchRequest): void {
    for (const run of [...(request.removed ?? []), ...plan.stops]) this.#waiting.remove(run.execution.id);
    for (const run of plan.waiting) this.#waiting.add(run);
    for (const { run, execution } of plan.starts) {
      this.#waiting.remove(execution.id);
      this.launch(run.definition, execution);
    }
    plan.committed();
    for (const run of plan.stops) this.#options.onMoved(run.definition.id, 'ended');
  }

  /** Puts in what waits from a commit on that started nothing; the next look starts it. Inside the decision. */
  enqueue({ added, removed = [] }: Pick<DispatchRequest, 'added' | 'removed'>): void {
    for (const run of removed) this.#waiting.remove(run.execution.id);
    for (const run of added) this.#waiting.add(run);
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

  /** What follows from a waiting execution that an operator ended. */
  followOfStop(stopped: EndedExecution): Follow {
    return this.#options.afterStops([stopped], [], undefined);
  }

  /**
   * Starts what waits one by one, after all at once was refused. Gives up on those whose rows somebody else has changed,
   * and returns their ids. Inside the decision.
   */
  async startSingly(heldPools?: ReadonlySet<string>): Promise<readonly string[]> {
    const refused: string[] = [];
    const request: DispatchRequest = { added: [], states: [], heldPools };
    for (const run of this.#waiting.all()) {
      const plan = this.#dispatch.plan(request, [run]);
      if (plan.changes.length === 0) continue;
      const isDone = (await this.#options.states.commit(plan.changes, plan.states)) === 'committed';
      if (isDone) this.applyDispatch(plan, request);
      else refused.push(run.execution.id);
    }
    for (const id of refused) this.#waiting.remove(id);
    return refused;
  }

  /** Takes a waiting execution out; its end and what follows from it have been committed by the caller. */
  dequeue({ id, jobId }: Execution, follow: Follow): void {
    this.#waiting.remove(id);
    this.enqueue({ added: follow.runs, removed: follow.removed });
    follow.committed();
    this.#options.onMoved(jobId, 'ended');
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
    const { states } = this.#options;
    await states.exclusively(async () => {
      const plan = this.#dispatch.planEnd('the engine is stopping');
      if (plan.changes.length > 0) await states.commit(plan.changes, plan.states);
      this.applyDispatch(plan, { added: [], states: [] });
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
    this.#amendments.noteGroup(run, processGroup);
  }

  onProgress(run: ExecutionRun): void {
    this.#amendments.noteProgress(run);
  }

  onEnd(run: ExecutionRun, ended: RunEnded): void {
    this.#amendments.forget(run);
    if (ended.detached) this.#live.detach(run);
    this.#finish(run, ended).catch((error: unknown) =>
      this.#warn(run, 'the end of a run is not on record', error),
    );
  }

  onSettledLate(run: ExecutionRun): void {
    if (!this.#live.settle(run)) return;
    const targetId = run.definition.id;
    const { id: executionId } = run.execution;
    this.#options.logger.info('a function that had been ended has settled', { targetId, executionId });
    this.#options.onMoved(targetId, 'settled-late');
  }

  async #finish(run: ExecutionRun, ended: RunEnded): Promise<void> {
    try {
      await this.#ending.commitEnd(run, ended, {
        plan: (request) => this.planDispatch(request),
        draining: () => this.#draining,
        committed: (request, plan) => {
          this.#live.remove(run);
          if (plan === undefined) this.enqueue(request);
          else this.applyDispatch(plan, request);
        },
        patience: this.#patience.signal,
      });
    } finally {
      this.#live.remove(run);
      for (const wake of this.#idleWaiters.splice(0)) wake();
      this.#options.onMoved(run.definition.id, 'ended');
    }
  }

  #warn(run: ExecutionRun, message: string, error: unknown): void {
    this.#options.logger.warn(message, {
      targetId: run.definition.id,
      executionId: run.execution.id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
