import type { JsonObject } from '../../kernel/json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Progress } from '../../ports/target.ts';
import type { ProcessGroup, WorkHandle, WorkOutcome, WorkRunner } from '../../ports/work-runner.ts';
import type { TargetDefinition } from '../targets/target.ts';
import type { ExecutionProgress, StopRequest } from './execution.ts';
import type { RunningExecution } from './execution-rules.ts';
import { type ExecutionFailure, judgeOutcome, type OutcomeReading } from './outcome-rules.ts';
import type { OutputCapture } from './output-capture.ts';
import { advanceProgress } from './progress-rules.ts';

/** How a run ended. */
export type RunVerdict =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly failure: ExecutionFailure }
  | { readonly kind: 'stopped'; readonly stop: StopRequest };

/** How and when a run ended. */
export interface RunEnded {
  readonly verdict: RunVerdict;
  /** The instant at which the work ended or was given up on, not when that was written. */
  readonly atMs: number;
  /** True when an in-process function goes on although its run was ended. */
  readonly detached: boolean;
}

/** What a run is told to report to. Calls come in order; none after `onEnd`, except `onSettledLate`. */
export interface RunListener {
  onProcessGroup(run: ExecutionRun, group: ProcessGroup): void;
  onProgress(run: ExecutionRun): void;
  /** Once: the work ended, or it was given up on. */
  onEnd(run: ExecutionRun, ended: RunEnded): void;
  /** Once, after a detached end: the in-process function has settled at last. */
  onSettledLate(run: ExecutionRun): void;
}

interface ExecutionRunOptions {
  readonly definition: TargetDefinition;
  readonly execution: RunningExecution;
  /** What the work is given; the row holds the same without secrets. */
  readonly params: JsonObject;
  /** Takes the secrets out of a text that is going to be kept. */
  readonly clean: (text: string) => string;
  readonly runner: WorkRunner;
  readonly clock: Clock;
  readonly capture: OutputCapture;
  readonly listener: RunListener;
}

/** After SIGKILL a group is gone at once; this long is waited before the run is given up on all the same, ms. */
const KILL_PATIENCE_MS = 10_000;

/** Work that is ended at once gets this long to say that it has ended, before it is given up on, ms. */
const LAST_WORD_MS = 100;

/** Reports closer together than this are joined: their rate would be noise, ms. */
const RATE_SPAN_MS = 250;

/** Smoothing of the progress rate: weight of the newest interval. */
const RATE_WEIGHT = 0.3;

/**
 * One run while it goes on: starts the work, measures its deadline, asks it to end and ends it by force.
 * Running → (stop or time-out) Ending: asked, then after `stopGraceMs` killed → Ended once, whatever comes first.
 */
export class ExecutionRun {
  readonly definition: TargetDefinition;
  readonly capture: OutputCapture;
  /** The row as it was last written; replaced by whoever commits a newer one. */
  execution: RunningExecution;
  progress: ExecutionProgress;
  /** Done per second, smoothed; absent until two reports came. */
  ratePerSecond: number | undefined;
  readonly #options: ExecutionRunOptions;
  readonly #startedMono: number;
  #handle: WorkHandle | undefined;
  #stop: StopRequest | undefined;
  #timedOut = false;
  #stray: { readonly error: unknown } | undefined;
  #ended = false;
  #cancelTimer: () => void = () => {};
  #lastReport: { done: number; mono: number } | undefined;

  constructor(options: ExecutionRunOptions) {
    this.#options = options;
    this.definition = options.definition;
    this.execution = options.execution;
    this.capture = options.capture;
    this.progress = options.execution.progress;
    this.#startedMono = options.clock.mono();
  }

  /** True from a request to stop or the deadline until the end. */
  get stopping(): boolean {
    return this.#stop !== undefined || this.#timedOut;
  }

  /** True once the work has ended or was given up on, also while that is still being written. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Begins the work. */
  start(): void {
    this.#armDeadline();
    try {
      this.#handle = this.#startWork();
    } catch (error) {
      // Runners promise not to throw; one that does has started nothing.
      this.#settle({ kind: 'threw', error });
      return;
    }
    this.#handle.settled.then(
      (outcome) => this.#settle(outcome),
      (error: unknown) => this.#settle({ kind: 'threw', error }),
    );
  }

  /** Asks the work to end, and ends it by force after the grace. The first request counts. */
  requestStop(stop: StopRequest): void {
    if (this.#ended || this.stopping) return;
    this.#stop = stop;
    this.#endWork(new Error(`stopped by ${stop.operatorId}: ${stop.reason}`), this.definition.stopGraceMs);
  }

  /** A promise of the work was rejected and nobody waits for it: it fails when it ends. False when it has ended. */
  noteStray(error: unknown): boolean {
    if (this.#ended) return false;
    this.#stray ??= { error };
    return true;
  }

  /** Ends the work by force now; work that was not asked before is given a last word. */
  kill(stop: StopRequest): void {
    if (this.#ended) return;
    if (this.stopping) return this.#forceEnd();
    this.#stop = stop;
    this.#endWork(new Error(`ended by ${stop.operatorId}: ${stop.reason}`), LAST_WORD_MS);
  }

  #startWork(): WorkHandle {
    const { execution, definition, runner, listener, params } = this.#options;
    return runner.start(definition.work, {
      executionId: execution.id,
      targetId: definition.id,
      fence: execution.fence,
      params,
      ...(execution.scheduledAtMs === undefined ? {} : { slotMs: execution.scheduledAtMs }),
      onProgress: (progress) => this.#report(progress),
      onOutput: (chunk) => this.capture.append(chunk),
      onProcessGroup: (group) => {
        if (!this.#ended) listener.onProcessGroup(this, group);
      },
    });
  }

  #armDeadline(): void {
    const { definition, clock } = this.#options;
    const leftMs = definition.timeoutMs - (clock.mono() - this.#startedMono);
    // A timer is at most 2^31-1 ms long; a longer deadline is reached in steps.
    const stepMs = Math.min(Math.max(leftMs, 0), 2_000_000_000);
    this.#cancelTimer = clock.setTimer(() => {
      if (leftMs > stepMs) return this.#armDeadline();
      this.#timedOut = true;
      this.#endWork(new Error(`no end after ${definition.timeoutMs} ms`), definition.stopGraceMs);
    }, stepMs);
  }

  #endWork(reason: Error, graceMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.setTimer(() => this.#forceEnd(), graceMs);
    this.#handle?.requestStop(reason);
  }

  #forceEnd(): void {
    this.#cancelTimer();
    const killed = this.#handle?.kill() ?? false;
    if (!killed) return this.#end(this.#verdictWhenEnded(), true);
    this.#cancelTimer = this.#options.clock.setTimer(
      () => this.#end(this.#verdictWhenEnded(), true),
      KILL_PATIENCE_MS,
    );
  }

  #settle(outcome: WorkOutcome): void {
    if (this.#ended) return this.#options.listener.onSettledLate(this);
    if (this.stopping) return this.#end(this.#verdictWhenEnded(), false);
    const { failWhen } = this.definition;
    const reading = { failWhen, clean: this.#options.clean };
    const failure = judgeOutcome(outcome, reading) ?? this.#strayFailure(reading);
    this.#end(failure === undefined ? { kind: 'succeeded' } : { kind: 'failed', failure }, false);
  }

  #strayFailure(reading: OutcomeReading): ExecutionFailure | undefined {
    if (this.#stray === undefined) return undefined;
    const failure = judgeOutcome({ kind: 'threw', error: this.#stray.error }, reading);
    return (
      failure && { ...failure, message: `rejected a promise that nobody waited for: ${failure.message}` }
    );
  }

  #verdictWhenEnded(): RunVerdict {
    if (this.#stop !== undefined) return { kind: 'stopped', stop: this.#stop };
    const message = `no end after ${this.definition.timeoutMs} ms`;
    return {
      kind: 'failed',
      failure: { code: 'BAT-0303', message, detail: { timeoutMs: this.definition.timeoutMs } },
    };
  }

  #end(verdict: RunVerdict, detached: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer();
    this.#options.listener.onEnd(this, { verdict, atMs: this.#options.clock.now(), detached });
  }

  #report(report: Progress): void {
    if (this.#ended) return;
    const { clock, listener } = this.#options;
    this.progress = advanceProgress(this.progress, this.#cleanReport(report), clock.now());
    this.#measureRate(this.progress.processedCount, clock.mono());
    listener.onProgress(this);
  }

  #cleanReport(report: Progress): Progress {
    const { clean } = this.#options;
    const { message, unit, ...counts } = report;
    return {
      ...counts,
      ...(typeof message === 'string' ? { message: clean(message) } : {}),
      ...(typeof unit === 'string' ? { unit: clean(unit) } : {}),
    };
  }

  #measureRate(done: number, mono: number): void {
    const last = this.#lastReport ?? { done: 0, mono: this.#startedMono };
    if (mono - last.mono < RATE_SPAN_MS) return;
    const rate = ((done - last.done) * 1000) / (mono - last.mono);
    this.ratePerSecond =
      this.ratePerSecond === undefined
        ? rate
        : this.ratePerSecond + RATE_WEIGHT * (rate - this.ratePerSecond);
    this.#lastReport = { done, mono };
  }
}
