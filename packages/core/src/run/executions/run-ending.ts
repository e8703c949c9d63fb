import { isOpsException } from '../../kernel/ops-exception.ts';
import type { TargetState } from '../targets/target.ts';
import { afterRun, type RunEnd, type TargetTurn, updateOf } from '../targets/target-rules.ts';
import type { TargetCause } from '../targets/target-store.ts';
import type { ExecutionOutput, StopRequest } from './execution.ts';
import {
  claimExecution,
  type EndedExecution,
  type ExecutionDecision,
  type ExecutionEnd,
  failExecution,
  OUTPUT_ROW_BYTES,
  type ReadyExecution,
  type RunningExecution,
  stopExecution,
  succeedExecution,
} from './execution-rules.ts';
import type { ExecutionRun, RunVerdict } from './execution-run.ts';
import type { RunChange, RunsOptions } from './runs.ts';

/** What the end of a run needs to know about its surroundings. */
interface EndContext {
  readonly detached: boolean;
  readonly waiting: () => readonly ReadyExecution[];
  readonly mayStartNext: () => boolean;
  /** Called inside the decision, right after the commit, with what still waits. */
  readonly committed: (following: readonly ReadyExecution[]) => void;
}

/** Waits between attempts to write an end that the store refused, ms; the last one repeats. */
const RETRY_WAITS_MS = [200, 1000, 5000, 15_000];

/** Writes how a run ended: execution, target state and what follows, in one transaction, until it is written. */
export class RunEnding {
  readonly #options: RunsOptions;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** Commits the end; returns the waiting execution that was claimed in the same commit, if any. */
  async commitEnd(
    run: ExecutionRun,
    verdict: RunVerdict,
    context: EndContext,
  ): Promise<RunningExecution | undefined> {
    const output = await this.#keepOutput(run);
    const end: ExecutionEnd = {
      atMs: this.#options.clock.now(),
      by: 'scheduler',
      output,
      progress: run.progress,
      detached: context.detached,
    };
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#options.states.exclusively(() =>
          this.#decideEnd(run, verdict, { ...context, end }),
        );
      } catch (error) {
        await this.#waitAfterFailure(run, error, attempt);
      }
    }
  }

  /** Writes a newer version of a running execution, unless it has ended meanwhile. Failures are logged, not thrown. */
  async update(
    run: ExecutionRun,
    fields: Partial<RunningExecution>,
    isCurrent: () => boolean,
  ): Promise<void> {
    const { states, clock, logger } = this.#options;
    try {
      await states.exclusively(async () => {
        if (!isCurrent()) return;
        const execution: RunningExecution = { ...run.execution, ...fields };
        const expect = { status: 'RUNNING', fence: run.execution.fence } as const;
        const change = {
          kind: 'execution.update',
          expect,
          execution,
          by: 'scheduler',
          atMs: clock.now(),
        } as const;
        if ((await states.commit([change], [])) === 'committed') run.execution = execution;
      });
    } catch (error) {
      logger.warn('could not write the progress of a run', {
        executionId: run.execution.id,
        error: textOf(error),
      });
    }
  }

  async #decideEnd(
    run: ExecutionRun,
    verdict: RunVerdict,
    context: EndContext & { readonly end: ExecutionEnd },
  ): Promise<RunningExecution | undefined> {
    const { states, logger } = this.#options;
    const ended = decideVerdict(run.execution, verdict, context.end);
    const before = states.require(run.definition.id);
    const { state, turn } = this.#afterRun(run, ended.execution, before);
    const next = this.#decideWaiting(context, state);
    const changes: RunChange[] = [...ended.changes, updateOf(before, state, causeOf(turn)), ...next.changes];
    const result = await states.commit(changes, [state]);
    if (result === 'conflict') {
      // Only somebody who wrote to the file behind our back can cause this: the stored row wins, the run is over.
      logger.error('the end of a run was refused: its row has moved on', {
        executionId: run.execution.id,
        code: 'BAT-0103',
      });
      context.committed([]);
      return undefined;
    }
    context.committed(next.waiting);
    return next.claimed;
  }

  #afterRun(run: ExecutionRun, execution: EndedExecution, before: TargetState) {
    const end: RunEnd = {
      executionId: execution.id,
      status: execution.status,
      scheduled: execution.runType === 'AUTO',
      endedAtMs: execution.endedAtMs ?? this.#options.clock.now(),
      ...(execution.startedAtMs === undefined ? {} : { startedAtMs: execution.startedAtMs }),
      ...(execution.errorCode === undefined ? {} : { errorCode: execution.errorCode }),
      ...(execution.errorMessage === undefined ? {} : { errorMessage: execution.errorMessage }),
    };
    const after = afterRun(before, end, run.definition.errors);
    return {
      turn: after.turn,
      state: this.#options.slotAfterRun(run.definition, after.state, end.endedAtMs),
    };
  }

  /** The next waiting execution is claimed when the target may go on; otherwise all that wait are stopped. */
  #decideWaiting(context: EndContext & { readonly end: ExecutionEnd }, state: TargetState) {
    const [first, ...rest] = context.waiting();
    const atMs = context.end.atMs;
    if (first === undefined) return { changes: [], waiting: [], claimed: undefined };
    const obstacle =
      obstacleOf(state, atMs) ?? (context.mayStartNext() ? undefined : 'the engine is stopping');
    if (obstacle === undefined) {
      const claim = claimExecution(first, this.#options.owner, atMs);
      return { changes: claim.changes, waiting: rest, claimed: claim.execution };
    }
    const stop: StopRequest = { operatorId: 'system:scheduler', atMs, reason: `not started: ${obstacle}` };
    const stopped = context
      .waiting()
      .map((execution) => stopExecution(execution, stop, { atMs, by: 'scheduler' }));
    return { changes: stopped.flatMap((decision) => decision.changes), waiting: [], claimed: undefined };
  }

  async #keepOutput(run: ExecutionRun): Promise<ExecutionOutput> {
    const { text, totalBytes, truncated } = run.capture.finish();
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length <= OUTPUT_ROW_BYTES) return { tail: text, bytes: totalBytes, truncated };
    // A replacement character at the cut is dropped: the cut may fall inside a character.
    const tail = bytes
      .subarray(-OUTPUT_ROW_BYTES)
      .toString('utf8')
      .replace(/^\uFFFD+/u, '');
    try {
      const file = await this.#options.outputFiles.save(run.execution.id, text);
      return { tail, bytes: totalBytes, file, truncated };
    } catch (error) {
      this.#options.logger.warn('could not keep the output of a run in a file', {
        executionId: run.execution.id,
        error: textOf(error),
      });
      return { tail, bytes: totalBytes, truncated: true };
    }
  }

  async #waitAfterFailure(run: ExecutionRun, error: unknown, attempt: number): Promise<void> {
    const { logger, clock } = this.#options;
    const waitMs = RETRY_WAITS_MS[Math.min(attempt, RETRY_WAITS_MS.length - 1)] ?? 1000;
    const code = isOpsException(error) ? error.code : 'SYS-9999';
    logger.error('could not write the end of a run; trying again', {
      executionId: run.execution.id,
      code,
      error: textOf(error),
      waitMs,
    });
    await clock.sleep(waitMs, new AbortController().signal);
  }
}

/** Why nothing that waits may be started now; absent when it may. */
function obstacleOf(state: TargetState, nowMs: number): string | undefined {
  if (state.pause !== undefined) return 'the target is paused';
  if (state.breaker.kind !== 'closed') return 'the target is suspended';
  if (state.backoffUntilMs !== undefined && nowMs < state.backoffUntilMs)
    return 'the target backs off after a failure';
  return undefined;
}

function decideVerdict(
  execution: RunningExecution,
  verdict: RunVerdict,
  end: ExecutionEnd,
): ExecutionDecision<EndedExecution> {
  switch (verdict.kind) {
    case 'succeeded':
      return succeedExecution(execution, end);
    case 'failed':
      return failExecution(execution, verdict.failure, end);
    case 'stopped':
      return stopExecution(execution, verdict.stop, end);
    default:
      return verdict satisfies never;
  }
}

function causeOf(turn: TargetTurn): TargetCause {
  return turn === 'suspended' || turn === 'recovered' ? turn : 'run-ended';
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
