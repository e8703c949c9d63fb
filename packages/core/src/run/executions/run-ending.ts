import { isOpsException } from '../../kernel/ops-exception.ts';
import type { TargetState } from '../targets/target.ts';
import { afterRun, causeOfTurn, type RunEnd, updateOf } from '../targets/target-rules.ts';
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
import type { ExecutionRun, RunEnded, RunVerdict } from './execution-run.ts';
import type { RunChange, RunsOptions } from './runs.ts';

/** What follows the end of a run, as it was committed. */
export interface AfterEnd {
  /** The waiting execution that was claimed in the same commit. */
  readonly next?: RunningExecution;
  /** Those that go on waiting. */
  readonly waiting: readonly ReadyExecution[];
}

/** What the end of a run needs to know about its surroundings. */
interface EndContext {
  readonly waiting: () => readonly ReadyExecution[];
  /** Why nothing that waits may be started now; absent when it may. */
  readonly obstacle: () => string | undefined;
  /** Called inside the decision, right after the commit, so that no other decision falls in between. */
  readonly committed: (after: AfterEnd) => void;
  /** Aborts when the engine must end and cannot wait for a store that refuses. */
  readonly patience: AbortSignal;
}

/** One piece of an end that can be committed on its own. */
interface EndPart {
  readonly what: string;
  readonly changes: readonly RunChange[];
  readonly states: readonly TargetState[];
}

/** Waits between attempts to write an end that the store refused, ms; the last one repeats. */
const RETRY_WAITS_MS = [200, 1000, 5000, 15_000];

/** Writes how a run ended: execution, target state and what follows, in one transaction, until it is written. */
export class RunEnding {
  readonly #options: RunsOptions;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** True once the end is written; false when the engine had to end first: the row then waits for the next start. */
  async commitEnd(run: ExecutionRun, ended: RunEnded, context: EndContext): Promise<boolean> {
    const { states, clock, logger } = this.#options;
    const output = await this.#keepOutput(run);
    const { atMs, detached } = ended;
    const end: ExecutionEnd = { atMs, by: 'scheduler', output, progress: run.progress, detached };
    for (let attempt = 0; ; attempt++) {
      const gaveUp = context.patience.aborted;
      try {
        await states.exclusively(() => this.#decideEnd(run, ended.verdict, { ...context, end }));
        return true;
      } catch (error) {
        const waitMs = RETRY_WAITS_MS[Math.min(attempt, RETRY_WAITS_MS.length - 1)] ?? 1000;
        logger.error(
          gaveUp
            ? 'could not write the end of a run; the next start closes it'
            : 'could not write the end of a run; trying again',
          { executionId: run.execution.id, ...textOf(error), ...(gaveUp ? {} : { waitMs }) },
        );
        if (gaveUp) return false;
        await clock.sleep(waitMs, context.patience).catch(() => undefined);
      }
    }
  }

  async #decideEnd(
    run: ExecutionRun,
    verdict: RunVerdict,
    context: EndContext & { readonly end: ExecutionEnd },
  ): Promise<void> {
    const { states } = this.#options;
    const ended = decideVerdict(run.execution, verdict, context.end);
    const before = states.require(run.definition.id);
    const { state, turn } = this.#stateAfter(run, ended.execution, before);
    const follow = this.#decideWaiting(context, state);
    const parts: readonly EndPart[] = [
      { what: 'the end of the run', changes: ended.changes, states: [] },
      {
        what: 'the state of its target',
        changes: [updateOf(before, state, causeOfTurn(turn))],
        states: [state],
      },
      { what: 'what waited for it', changes: follow.changes, states: [] },
    ];
    const changes = parts.flatMap((part) => part.changes);
    if ((await states.commit(changes, [state])) === 'committed') return context.committed(follow.after);
    const written = await this.#commitParts(run, parts);
    context.committed(written ? follow.after : { waiting: [] });
  }

  /**
   * Somebody else has written to one of the rows: that row stays as it is, the others are written all the same,
   * so that neither the target nor what waits for it hangs on. True when what waited was written.
   */
  async #commitParts(run: ExecutionRun, parts: readonly EndPart[]): Promise<boolean> {
    const { states, logger } = this.#options;
    let written = false;
    for (const part of parts) {
      written = (await states.commit(part.changes, part.states)) === 'committed';
      if (written) continue;
      const { id } = run.execution;
      logger.error(`${part.what} was refused: its row has moved on`, { executionId: id, code: 'BAT-0103' });
    }
    return written;
  }

  #stateAfter(run: ExecutionRun, execution: EndedExecution, before: TargetState) {
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
  #decideWaiting(
    context: EndContext,
    state: TargetState,
  ): { changes: readonly RunChange[]; after: AfterEnd } {
    const [first, ...rest] = context.waiting();
    const atMs = this.#options.clock.now();
    if (first === undefined) return { changes: [], after: { waiting: [] } };
    const obstacle = obstacleOf(state, atMs) ?? context.obstacle();
    if (obstacle === undefined) {
      const claim = claimExecution(first, this.#options.owner, atMs);
      return { changes: claim.changes, after: { next: claim.execution, waiting: rest } };
    }
    const stop: StopRequest = { operatorId: 'system:scheduler', atMs, reason: `not started: ${obstacle}` };
    const stopped = [first, ...rest].map((execution) =>
      stopExecution(execution, stop, { atMs, by: 'scheduler' }),
    );
    return { changes: stopped.flatMap((decision) => decision.changes), after: { waiting: [] } };
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
      if (file === undefined) return { tail, bytes: totalBytes, truncated: true };
      return { tail, bytes: totalBytes, file, truncated };
    } catch (error) {
      this.#options.logger.warn('could not keep the output of a run in a file', {
        executionId: run.execution.id,
        ...textOf(error),
      });
      return { tail, bytes: totalBytes, truncated: true };
    }
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

/** An error as fields of a log line. */
function textOf(error: unknown): { readonly error: string; readonly code: string } {
  const code = isOpsException(error) ? error.code : 'SYS-9999';
  return { error: error instanceof Error ? error.message : String(error), code };
}
