import { isOpsException } from '../../kernel/ops-exception.ts';
import type { TargetState } from '../targets/target.ts';
import { afterRun, causeOfTurn, type RunEnd, updateOf } from '../targets/target-rules.ts';
import type { ExecutionOutput } from './execution.ts';
import {
  type EndedExecution,
  type ExecutionDecision,
  type ExecutionEnd,
  failExecution,
  OUTPUT_ROW_BYTES,
  type RunningExecution,
  stopExecution,
  succeedExecution,
} from './execution-rules.ts';
import type { ExecutionRun, RunEnded, RunVerdict } from './execution-run.ts';
import { type Retry, retryOf } from './retry-rules.ts';
import type { FullDispatchPlan } from './run-dispatch.ts';
import type { DispatchRequest, Follow, RunChange } from './runs.ts';
import type { RunsOptions } from './runs-options.ts';

/** What the end of a run needs to know about its surroundings. */
interface EndContext {
  /** Decides what starts now that the run is over. */
  readonly plan: (request: DispatchRequest) => FullDispatchPlan;
  /** True once the engine is stopping: nothing is tried again, and what would follow is skipped. */
  readonly draining: () => boolean;
  /**
   * Called inside the decision, right after the commit, so that no other decision falls in between; without a plan
   * when what should have started could not be written: it goes on waiting.
   */
  readonly committed: (request: DispatchRequest, plan: FullDispatchPlan | undefined) => void;
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
    const retry = this.#retryOf(run, ended.execution, context);
    const { state, turn } = this.#stateAfter(run, ended.execution, { before, isLast: retry === undefined });
    const follow = this.#followOf(ended.execution, retry);
    const request: DispatchRequest = {
      added: [...(retry === undefined ? [] : [retry.run]), ...follow.runs],
      removed: follow.removed,
      states: [state, ...follow.states],
      ending: run,
    };
    const plan = context.plan(request);
    const parts: readonly EndPart[] = [
      { what: 'the end of the run', changes: ended.changes, states: [] },
      {
        what: 'the state of its target',
        changes: [updateOf(before, state, causeOfTurn(turn))],
        states: [state],
      },
      {
        what: 'what follows it',
        changes: [...(retry?.changes ?? []), ...follow.changes],
        states: follow.states,
      },
      { what: 'what starts after it', changes: plan.changes, states: plan.states },
    ];
    const changes = parts.flatMap((part) => part.changes);
    const all = parts.flatMap((part) => part.states);
    const isWhole = (await states.commit(changes, all)) === 'committed';
    const refused = isWhole ? [] : await this.#commitParts(run, parts);
    const follows = !refused.includes('what follows it');
    const starts = !refused.includes('what starts after it');
    if (follows) follow.committed();
    context.committed(follows ? request : { added: [], states: [] }, starts ? plan : undefined);
  }

  /**
   * Somebody else has written to one of the rows: that row stays as it is, the others are written all the same,
   * so that neither the target nor what waits for it hangs on. Returns what was refused.
   */
  async #commitParts(run: ExecutionRun, parts: readonly EndPart[]): Promise<readonly string[]> {
    const { states, logger } = this.#options;
    const refused: string[] = [];
    for (const { what, changes, states: next } of parts) {
      if ((await states.commit(changes, next)) === 'committed') continue;
      refused.push(what);
      const { id } = run.execution;
      logger.error(`${what} was refused: its row has moved on`, { executionId: id, code: 'BAT-0103' });
    }
    return refused;
  }

  /** A run that is tried again does not count against its target, and its schedule waits for the last attempt. */
  #stateAfter(
    run: ExecutionRun,
    execution: EndedExecution,
    { before, isLast }: { readonly before: TargetState; readonly isLast: boolean },
  ) {
    const end: RunEnd = {
      executionId: execution.id,
      status: execution.status,
      scheduled: execution.runType === 'AUTO' && isLast,
      endedAtMs: execution.endedAtMs ?? this.#options.clock.now(),
      ...(execution.startedAtMs === undefined ? {} : { startedAtMs: execution.startedAtMs }),
      ...(execution.errorCode === undefined ? {} : { errorCode: execution.errorCode }),
      ...(execution.errorMessage === undefined ? {} : { errorMessage: execution.errorMessage }),
    };
    const after = afterRun(before, end, run.definition.errors);
    const state = isLast
      ? this.#options.slotAfterRun(run.definition, after.state, end.endedAtMs)
      : after.state;
    return { turn: after.turn, state };
  }

  #retryOf(run: ExecutionRun, ended: EndedExecution, context: EndContext): Retry | undefined {
    const { breaker, clockEra, pause } = this.#options.states.require(run.definition.id);
    if (context.draining() || breaker.kind !== 'closed' || pause !== undefined) return undefined;
    return retryOf(ended, run.definition, { nowMs: this.#options.clock.now(), clockEra });
  }

  #followOf(ended: EndedExecution, retry: Retry | undefined): Follow {
    const nothing: Follow = { changes: [], states: [], runs: [], removed: [], committed: () => {} };
    const isLastOfSlot = ended.runType === 'AUTO' && retry === undefined;
    return isLastOfSlot ? this.#options.follow(ended) : nothing;
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
