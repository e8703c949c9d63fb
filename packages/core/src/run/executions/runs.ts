import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { redact, type Secret } from '../../kernel/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OutputFiles } from '../../ports/output-files.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { ProcessGroup, WorkRunner } from '../../ports/work-runner.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { TargetChange } from '../targets/target-store.ts';
import type { StopRequest } from './execution.ts';
import { amendExecution, type ReadyExecution, type RunningExecution } from './execution-rules.ts';
import { ExecutionRun, type RunEnded, type RunListener } from './execution-run.ts';
import type { ExecutionChange } from './execution-store.ts';
import { OutputCapture } from './output-capture.ts';
import { type AfterEnd, RunEnding } from './run-ending.ts';

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
  /** Where a schedule goes after a run ended; given by the scheduler, which knows schedules. */
  readonly slotAfterRun: (definition: TargetDefinition, state: TargetState, endedAtMs: number) => TargetState;
  /** Told after a target became free or its progress moved, so that the loop and the screens look again. */
  readonly onMoved: (targetId: string, what: 'progress' | 'settled-late' | 'ended') => void;
}

/** At most one progress write a second reaches the store. */
const PROGRESS_EVERY_MS = 1000;

/**
 * The runs of this engine: at most one per target is going on, others wait as READY rows, and a function that was
 * ended but goes on keeps its target busy until it settles. A run is here from its commit to the commit of its end.
 */
export class Runs implements RunListener {
  readonly #options: RunsOptions;
  readonly #ending: RunEnding;
  readonly #running = new Map<string, ExecutionRun>();
  readonly #byExecution = new Map<string, ExecutionRun>();
  readonly #detached = new Map<string, ExecutionRun>();
  readonly #waiting = new Map<string, readonly ReadyExecution[]>();
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

  /** The run of a target that is going on. */
  of(targetId: string): ExecutionRun | undefined {
    return this.#running.get(targetId);
  }

  /** The run with this execution id, if it is going on here. */
  find(executionId: string): ExecutionRun | undefined {
    return this.#byExecution.get(executionId);
  }

  /** True while nothing new may be started for the target. */
  isBusy(targetId: string): boolean {
    return this.#running.has(targetId) || this.#detached.has(targetId) || this.#waiting.has(targetId);
  }

  /** True while a function of the target goes on although its run was ended. */
  isDetached(targetId: string): boolean {
    return this.#detached.has(targetId);
  }

  /** READY executions of a target, in the order in which they will be started. */
  waiting(targetId: string): readonly ReadyExecution[] {
    return this.#waiting.get(targetId) ?? [];
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
    this.#running.set(definition.id, run);
    this.#byExecution.set(execution.id, run);
    run.start();
    this.#endRun?.(run);
  }

  /** Keeps committed READY executions until the run before them has ended. */
  enqueue(targetId: string, executions: readonly ReadyExecution[]): void {
    if (executions.length > 0) this.#waiting.set(targetId, [...this.waiting(targetId), ...executions]);
  }

  /** Takes a waiting execution out; its row has been ended by the caller. */
  dequeue(targetId: string, executionId: string): void {
    const rest = this.waiting(targetId).filter((execution) => execution.id !== executionId);
    if (rest.length === 0) this.#waiting.delete(targetId);
    else this.#waiting.set(targetId, rest);
  }

  /** From now on nothing that waits is started any more. */
  beginDrain(): void {
    this.#draining = true;
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
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
  }

  /** Asks every run to end, also those that a decision under way still starts. */
  stopAll(stop: StopRequest): void {
    this.#endRun ??= (run) => run.requestStop(stop);
    for (const run of this.#running.values()) run.requestStop(stop);
  }

  /** Ends every run by force, and no longer waits for a store that refuses to write their ends. */
  killAll(stop: StopRequest): void {
    this.#endRun = (run) => run.kill(stop);
    for (const run of this.#running.values()) run.kill(stop);
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
    if (ended.detached) this.#detached.set(run.definition.id, run);
    this.#finish(run, ended).catch((error: unknown) =>
      this.#warn(run, 'the end of a run is not on record', error),
    );
  }

  onSettledLate(run: ExecutionRun): void {
    const targetId = run.definition.id;
    if (this.#detached.get(targetId) !== run) return;
    this.#detached.delete(targetId);
    this.#options.logger.info('a function that had been ended has settled', {
      targetId,
      executionId: run.execution.id,
    });
    this.#options.onMoved(targetId, 'settled-late');
  }

  async #finish(run: ExecutionRun, ended: RunEnded): Promise<void> {
    const targetId = run.definition.id;
    try {
      await this.#ending.commitEnd(run, ended, {
        waiting: () => this.waiting(targetId),
        obstacle: () => this.#obstacle(targetId),
        committed: (after) => this.#replaceBy(run, after),
        patience: this.#patience.signal,
      });
    } finally {
      this.#forget(run);
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const wake of waiters) wake();
      this.#options.onMoved(targetId, 'ended');
    }
  }

  /** Inside the decision that committed the end: the books change together with the store. */
  #replaceBy(run: ExecutionRun, after: AfterEnd): void {
    const { definition } = run;
    this.#forget(run);
    if (after.waiting.length === 0) this.#waiting.delete(definition.id);
    else this.#waiting.set(definition.id, after.waiting);
    if (after.next !== undefined) this.launch(definition, after.next);
  }

  #forget(run: ExecutionRun): void {
    this.#byExecution.delete(run.execution.id);
    if (this.#isCurrent(run)) this.#running.delete(run.definition.id);
  }

  #isCurrent(run: ExecutionRun): boolean {
    return this.#running.get(run.definition.id) === run;
  }

  #obstacle(targetId: string): string | undefined {
    if (this.#draining) return 'the engine is stopping';
    return this.#detached.has(targetId) ? 'a function that was ended has not settled yet' : undefined;
  }

  async #saveProgress(run: ExecutionRun): Promise<void> {
    await this.#amend(run, { progress: run.progress });
    this.#options.onMoved(run.definition.id, 'progress');
  }

  /** Writes a newer version of a running execution, unless its end was committed meanwhile. */
  async #amend(run: ExecutionRun, fields: Parameters<typeof amendExecution>[1]): Promise<void> {
    const { states, clock } = this.#options;
    await states.exclusively(async () => {
      if (!this.#isCurrent(run)) return;
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
