import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OutputFiles } from '../../ports/output-files.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { ProcessGroup, WorkRunner } from '../../ports/work-runner.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { TargetChange } from '../targets/target-store.ts';
import type { StopRequest } from './execution.ts';
import type { ReadyExecution, RunningExecution } from './execution-rules.ts';
import { ExecutionRun, type RunListener, type RunVerdict } from './execution-run.ts';
import type { ExecutionChange } from './execution-store.ts';
import { OutputCapture } from './output-capture.ts';
import { RunEnding } from './run-ending.ts';

/** What the life of a run may write. */
export type RunChange = ExecutionChange | TargetChange | AuditChange;

/** What the runs of an engine need. */
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
 * ended but goes on keeps its target busy until it settles.
 */
export class Runs implements RunListener {
  readonly #options: RunsOptions;
  readonly #ending: RunEnding;
  readonly #running = new Map<string, ExecutionRun>();
  readonly #detached = new Map<string, ExecutionRun>();
  readonly #waiting = new Map<string, ReadyExecution[]>();
  readonly #progressTimers = new Map<string, () => void>();
  readonly #idleWaiters: Array<() => void> = [];
  #draining = false;

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
    return this.all().find((run) => run.execution.id === executionId);
  }

  all(): ExecutionRun[] {
    return [...this.#running.values()];
  }

  /** True while nothing new may be started for the target. */
  isBusy(targetId: string): boolean {
    return this.#running.has(targetId) || this.#detached.has(targetId) || this.#waiting.has(targetId);
  }

  isDetached(targetId: string): boolean {
    return this.#detached.has(targetId);
  }

  waiting(targetId: string): readonly ReadyExecution[] {
    return this.#waiting.get(targetId) ?? [];
  }

  /** Starts the work of an execution that was committed as RUNNING. */
  launch(definition: TargetDefinition, execution: RunningExecution): void {
    const { runner, clock, secrets } = this.#options;
    const capture = new OutputCapture({ secrets });
    const run = new ExecutionRun({ definition, execution, runner, clock, capture, listener: this });
    this.#running.set(definition.id, run);
    run.start();
  }

  /** Keeps a committed READY execution until the run before it has ended. */
  enqueue(targetId: string, execution: ReadyExecution): void {
    this.#waiting.set(targetId, [...this.waiting(targetId), execution]);
  }

  /** Takes a waiting execution out; its row has been or will be ended by the caller. */
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

  /** Asks every run to end. */
  stopAll(stop: StopRequest): void {
    for (const run of this.all()) run.requestStop(stop);
  }

  /** Ends every run by force. */
  killAll(stop: StopRequest): void {
    for (const run of this.all()) run.kill(stop);
  }

  onProcessGroup(run: ExecutionRun, group: ProcessGroup): void {
    void this.#ending.update(run, { processGroup: group }, () => this.#isCurrent(run));
  }

  onProgress(run: ExecutionRun): void {
    const id = run.execution.id;
    if (this.#progressTimers.has(id)) return;
    this.#saveProgress(run);
    const again = () => {
      this.#progressTimers.delete(id);
      if (this.#isCurrent(run) && run.progress !== run.execution.progress) this.onProgress(run);
    };
    this.#progressTimers.set(id, this.#options.clock.setTimer(again, PROGRESS_EVERY_MS));
  }

  onEnd(run: ExecutionRun, verdict: RunVerdict, detached: boolean): void {
    const id = run.execution.id;
    this.#progressTimers.get(id)?.();
    this.#progressTimers.delete(id);
    if (detached) this.#detached.set(run.definition.id, run);
    void this.#finish(run, verdict, detached);
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

  async #finish(run: ExecutionRun, verdict: RunVerdict, detached: boolean): Promise<void> {
    const targetId = run.definition.id;
    const next = await this.#ending.commitEnd(run, verdict, {
      detached,
      waiting: () => this.waiting(targetId),
      mayStartNext: () => !this.#draining && !this.#detached.has(targetId),
      committed: (following) => this.#replaceBy(run, following),
    });
    if (next !== undefined) this.launch(run.definition, next);
    for (const wake of this.#idleWaiters.splice(0)) wake();
    this.#options.onMoved(targetId, 'ended');
  }

  /** Inside the decision that committed the end: the books change together with the store. */
  #replaceBy(run: ExecutionRun, following: readonly ReadyExecution[]): void {
    const targetId = run.definition.id;
    if (this.#isCurrent(run)) this.#running.delete(targetId);
    if (following.length === 0) this.#waiting.delete(targetId);
    else this.#waiting.set(targetId, [...following]);
  }

  #isCurrent(run: ExecutionRun): boolean {
    return this.#running.get(run.definition.id) === run;
  }

  #saveProgress(run: ExecutionRun): void {
    const progress = run.progress;
    void this.#ending
      .update(run, { progress }, () => this.#isCurrent(run))
      .then(() => this.#options.onMoved(run.definition.id, 'progress'));
  }
}

/** Fields for a log line about a run. */
export function runFields(run: ExecutionRun): JsonObject {
  return { targetId: run.definition.id, executionId: run.execution.id };
}
