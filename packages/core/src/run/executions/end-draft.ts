import type { TargetState } from '../targets/target.ts';
import { afterRun, causeOfTurn, type RunEnd, updateOf } from '../targets/target-rules.ts';
import {
  type EndedExecution,
  type ExecutionDecision,
  type ExecutionEnd,
  failExecution,
  type RunningExecution,
  stopExecution,
  succeedExecution,
} from './execution-rules.ts';
import type { ExecutionRun, RunVerdict } from './execution-run.ts';
import { NOTHING_FOLLOWS } from './follow-rules.ts';
import { type Retry, retryOf } from './retry-rules.ts';
import type { FullDispatchPlan } from './run-dispatch.ts';
import type { DispatchRequest, Follow, RunChange } from './runs.ts';
import type { RunsOptions } from './runs-options.ts';

/** What the end of a run needs to know about its surroundings. */
export interface EndContext {
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

/** The end of a run that is to be written. */
export interface EndOfRun {
  readonly run: ExecutionRun;
  readonly verdict: RunVerdict;
  readonly end: ExecutionEnd;
  readonly context: EndContext;
}

/** One piece of an end that can be committed on its own. */
export interface EndPart {
  readonly what: string;
  readonly changes: readonly RunChange[];
  readonly states: readonly TargetState[];
}

/** What an end comes to, decided on the states as they are; nothing is written yet. */
export interface EndDraft {
  readonly parts: readonly EndPart[];
  readonly follow: Follow;
  readonly request: DispatchRequest;
  readonly plan: FullDispatchPlan;
  /**
   * True when it concerns nothing but the run and its target: the ends of other targets change nothing about it, and it
   * changes nothing about them.
   */
  readonly standsAlone: boolean;
}

type EndOptions = Pick<RunsOptions, 'states' | 'clock' | 'slotAfterRun' | 'follow'>;

/** Decides what an end comes to. Inside a decision. */
export function draftEnd({ run, verdict, end, context }: EndOfRun, options: EndOptions): EndDraft {
  const ended = decideVerdict(run.execution, verdict, end);
  const before = options.states.require(run.definition.id);
  const nowMs = options.clock.now();
  const retry = context.draining() ? undefined : retryAfter(run, ended.execution, { before, nowMs });
  const { state, turn } = stateAfter(run, ended.execution, { before, isLast: retry === undefined, options });
  const isLastOfSlot = ended.execution.runType === 'AUTO' && retry === undefined;
  const follow = isLastOfSlot ? options.follow(ended.execution) : NOTHING_FOLLOWS;
  const request: DispatchRequest = {
    added: [...(retry === undefined ? [] : [retry.run]), ...follow.runs],
    removed: follow.removed,
    states: [state, ...follow.states],
    follow,
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
  const standsAlone = retry === undefined && follow === NOTHING_FOLLOWS && isIdle(plan, nowMs);
  return { parts, follow, request, plan, standsAlone };
}

/** Nothing starts, nothing is stopped, and what waits may not start yet whatever else ends. */
function isIdle({ starts, stops, waiting }: FullDispatchPlan, nowMs: number): boolean {
  return starts.length === 0 && stops.length === 0 && waiting.every((run) => run.notBeforeMs > nowMs);
}

function retryAfter(
  run: ExecutionRun,
  ended: EndedExecution,
  { before, nowMs }: { readonly before: TargetState; readonly nowMs: number },
): Retry | undefined {
  const { breaker, clockEra, pause } = before;
  if (breaker.kind !== 'closed' || pause !== undefined) return undefined;
  return retryOf(ended, run.definition, { nowMs, clockEra });
}

/** A run that is tried again does not count against its target, and its schedule waits for the last attempt. */
function stateAfter(
  run: ExecutionRun,
  execution: EndedExecution,
  {
    before,
    isLast,
    options,
  }: { readonly before: TargetState; readonly isLast: boolean; readonly options: EndOptions },
) {
  const end: RunEnd = {
    executionId: execution.id,
    status: execution.status,
    scheduled: execution.runType === 'AUTO' && isLast,
    endedAtMs: execution.endedAtMs ?? options.clock.now(),
    ...(execution.startedAtMs === undefined ? {} : { startedAtMs: execution.startedAtMs }),
    ...(execution.errorCode === undefined ? {} : { errorCode: execution.errorCode }),
    ...(execution.errorMessage === undefined ? {} : { errorMessage: execution.errorMessage }),
  };
  const after = afterRun(before, end, run.definition.errors);
  const state = isLast ? options.slotAfterRun(run.definition, after.state, end.endedAtMs) : after.state;
  return { turn: after.turn, state };
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
