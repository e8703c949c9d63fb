import './execution-errors.ts';
import { categoryOf, findError } from '../../kernel/define-errors.ts';
import { uuidv5 } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { Progress } from '../../ports/target.ts';
import type {
  Execution,
  ExecutionOutput,
  ExecutionProgress,
  ExecutionStatus,
  RunType,
  StopRequest,
} from './execution.ts';
import type { ExecutionChange } from './execution-store.ts';
import type { ExecutionFailure } from './outcome-rules.ts';

/** An execution that waits to be started. */
export type ReadyExecution = Execution & { readonly status: 'READY' };
/** An execution whose work is going on. */
export type RunningExecution = Execution & { readonly status: 'RUNNING' };
/** An execution that has ended and never re-opens. */
export type EndedExecution = Execution & { readonly status: 'SUCCESS' | 'FAILED' | 'STOPPED' };

/** An execution as a decision leaves it, and what must be written to make it true. */
export interface ExecutionDecision<E extends Execution> {
  readonly execution: E;
  readonly changes: readonly ExecutionChange[];
}

/** What may follow what. Everything else is illegal, here, in the store's compare-and-set and in the database. */
export const EXECUTION_TRANSITIONS: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  READY: ['RUNNING', 'FAILED', 'STOPPED'],
  RUNNING: ['SUCCESS', 'FAILED', 'STOPPED'],
  SUCCESS: [],
  FAILED: [],
  STOPPED: [],
};

/** Output up to this many bytes lives in the row. */
export const OUTPUT_ROW_BYTES = 4096;

/** A run started this much after its slot is marked late: one turn of the scheduler's loop. */
export const LATE_AFTER_MS = 1000;

/** What a scheduled run's id is made of (rule S13). */
export interface SlotIdentity {
  readonly targetId: string;
  readonly slotMs: number;
  readonly clockEra: number;
  readonly attempt: number;
  readonly replayGeneration: number;
}

/** The id of a scheduled run: the same slot always gives the same id, so a slot can never run twice. */
export function slotExecutionId(slot: SlotIdentity): string {
  const { targetId, slotMs, clockEra, attempt, replayGeneration } = slot;
  return uuidv5(targetId, String(slotMs), String(clockEra), String(attempt), String(replayGeneration));
}

/** What a new execution is made from. */
export interface NewExecution {
  readonly id: string;
  readonly jobId: string;
  readonly runType: RunType;
  readonly atMs: number;
  readonly scheduledAtMs?: number;
  readonly operatorId?: string;
  readonly operatorNote?: string;
  readonly idempotencyKey?: string;
  readonly requestFingerprint?: string;
  readonly params?: JsonObject;
  readonly parent?: Execution;
  readonly replayReason?: string;
}

/** A READY execution. Nothing has run yet. */
export function createExecution(given: NewExecution, by: string): ExecutionDecision<ReadyExecution> {
  const { atMs, parent, ...rest } = given;
  const execution: ReadyExecution = {
    ...rest,
    status: 'READY',
    fence: 0,
    late: given.scheduledAtMs !== undefined && atMs - given.scheduledAtMs > LATE_AFTER_MS,
    attempt: 1,
    createdAtMs: atMs,
    progress: { processedCount: 0, successCount: 0, failedCount: 0 },
    outcomeKnown: true,
    rootExecutionId: parent?.rootExecutionId ?? given.id,
    ...(parent === undefined ? {} : { parentExecutionId: parent.id }),
    output: { tail: '', bytes: 0, truncated: false },
    detached: false,
  };
  return { execution, changes: [{ kind: 'execution.insert', execution, by }] };
}

/** READY → RUNNING: the owner takes the execution; the fence grows. */
export function claimExecution(
  execution: ReadyExecution,
  owner: ProcessIdentity | undefined,
  atMs: number,
): ExecutionDecision<RunningExecution> {
  const next: RunningExecution = {
    ...execution,
    status: 'RUNNING',
    fence: execution.fence + 1,
    startedAtMs: atMs,
    ...(owner === undefined ? {} : { owner }),
  };
  return decide(execution, next, { by: owner === undefined ? 'library' : 'scheduler', atMs });
}

/** RUNNING → SUCCESS. */
export function succeedExecution(
  execution: RunningExecution,
  end: ExecutionEnd,
): ExecutionDecision<EndedExecution> {
  return decide(execution, { ...execution, ...endFields(end), status: 'SUCCESS' }, endNote(end));
}

/** RUNNING or READY → FAILED, with a code and one ERROR line in the execution's log. */
export function failExecution(
  execution: ReadyExecution | RunningExecution,
  failure: ExecutionFailure,
  end: ExecutionEnd,
): ExecutionDecision<EndedExecution> {
  const detail = failure.detail === undefined ? {} : { errorDetail: failure.detail };
  const next: EndedExecution = {
    ...execution,
    ...endFields(end),
    status: 'FAILED',
    errorCode: failure.code,
    errorMessage: failure.message.slice(0, 1000),
    ...detail,
    outcomeKnown: failure.outcomeKnown ?? findError(failure.code)?.definition.outcomeKnown ?? true,
  };
  const decision = decide(execution, next, endNote(end));
  return {
    execution: next,
    changes: [...decision.changes, logLine(next, 'ERROR', end.atMs, failure.message, failure)],
  };
}

/** RUNNING or READY → STOPPED, with one WARN line in the execution's log. */
export function stopExecution(
  execution: ReadyExecution | RunningExecution,
  stop: StopRequest,
  end: ExecutionEnd,
): ExecutionDecision<EndedExecution> {
  const next: EndedExecution = { ...execution, ...endFields(end), status: 'STOPPED', stopRequest: stop };
  const decision = decide(execution, next, endNote(end));
  const message = `stopped by ${stop.operatorId}: ${stop.reason}`;
  return { execution: next, changes: [...decision.changes, logLine(next, 'WARN', end.atMs, message)] };
}

/** Records that somebody wants the run to end; it stays RUNNING until the work has really ended. */
export function requestStop(
  execution: RunningExecution,
  stop: StopRequest,
): ExecutionDecision<RunningExecution> {
  return decide(execution, { ...execution, stopRequest: stop }, { by: stop.operatorId, atMs: stop.atMs });
}

/** Takes a progress report: counts never regress, negative or fractional ones are refused by ignoring them. */
export function advanceProgress(
  before: ExecutionProgress,
  report: Progress,
  atMs: number,
): ExecutionProgress {
  const failedCount = Math.max(before.failedCount, wholeCount(report.failed) ?? 0);
  const processedCount = Math.max(before.processedCount, wholeCount(report.done) ?? 0);
  const total = wholeCount(report.total) ?? before.total;
  return {
    processedCount,
    failedCount: Math.min(failedCount, processedCount),
    successCount: Math.max(before.successCount, processedCount - Math.min(failedCount, processedCount)),
    ...(total === undefined ? {} : { total: Math.max(total, processedCount) }),
    ...text('unit', report.unit ?? before.unit, 20),
    ...text('message', report.message ?? before.message, 200),
    atMs,
  };
}

/**
 * Takes absolute counts from a caller who keeps them himself.
 * @throws INP-0301 for counts that are negative, fractional, smaller than before, or more than were processed.
 */
export function advanceCounts(
  before: ExecutionProgress,
  counts: { processedCount: number; successCount?: number | undefined; failedCount?: number | undefined },
  atMs: number,
): ExecutionProgress {
  const { processedCount } = counts;
  const failedCount = counts.failedCount ?? before.failedCount;
  const successCount = counts.successCount ?? Math.max(before.successCount, processedCount - failedCount);
  for (const [field, value] of Object.entries({ processedCount, successCount, failedCount })) {
    const least = before[field as 'processedCount'];
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw opsException(
      'INP-0301',
      `${field}: ${value}; allowed: a whole number of at least ${least}, as reported before`,
    );
  }
  if (successCount + failedCount > processedCount) {
    const sum = `successCount ${successCount} + failedCount ${failedCount}`;
    throw opsException('INP-0301', `${sum}; allowed: together at most processedCount ${processedCount}`);
  }
  return { ...before, processedCount, successCount, failedCount, atMs };
}

/** Narrows an execution to one that may end, or refuses with BAT-0102. */
export function requireActive(execution: Execution, wish: string): ReadyExecution | RunningExecution {
  if (execution.status === 'READY' || execution.status === 'RUNNING') {
    return execution as ReadyExecution | RunningExecution;
  }
  throw illegal(execution, wish);
}

/** Narrows an execution to a running one, or refuses with BAT-0102. */
export function requireRunning(execution: Execution, wish: string): RunningExecution {
  if (execution.status === 'RUNNING') return execution as RunningExecution;
  throw illegal(execution, wish);
}

/** When and how a run ended, apart from why. */
export interface ExecutionEnd {
  readonly atMs: number;
  readonly by: string;
  readonly output?: ExecutionOutput;
  readonly progress?: ExecutionProgress;
  readonly detached?: boolean;
}

interface TransitionNote {
  readonly by: string;
  readonly atMs: number;
}

function decide<E extends Execution>(before: Execution, next: E, note: TransitionNote): ExecutionDecision<E> {
  if (before.status !== next.status && !EXECUTION_TRANSITIONS[before.status].includes(next.status)) {
    throw illegal(before, next.status);
  }
  const expect = { status: before.status, fence: before.fence };
  return { execution: next, changes: [{ kind: 'execution.update', expect, execution: next, ...note }] };
}

function illegal(execution: Execution, wish: string) {
  const allowed = EXECUTION_TRANSITIONS[execution.status].join(', ') || 'nothing: it has ended';
  return opsException(
    'BAT-0102',
    `execution ${execution.id} is ${execution.status}; wanted: ${wish}; allowed: ${allowed}`,
    {
      data: { executionId: execution.id, status: execution.status, wish },
    },
  );
}

function endFields(end: ExecutionEnd) {
  return {
    endedAtMs: end.atMs,
    detached: end.detached ?? false,
    ...(end.output === undefined ? {} : { output: end.output }),
    ...(end.progress === undefined ? {} : { progress: end.progress }),
  };
}

function endNote(end: ExecutionEnd): TransitionNote {
  return { by: end.by, atMs: end.atMs };
}

function logLine(
  execution: Execution,
  level: 'WARN' | 'ERROR',
  atMs: number,
  message: string,
  failure?: ExecutionFailure,
): ExecutionChange {
  const code = failure?.code ?? 'C1-BAT-002';
  const detail = failure?.detail === undefined ? {} : { detail: failure.detail };
  const entry = {
    executionId: execution.id,
    level,
    category: categoryOf(code),
    code,
    message,
    atMs,
    ...detail,
  };
  return { kind: 'execution.log', entry };
}

function wholeCount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function text<K extends string>(
  key: K,
  value: string | undefined,
  max: number,
): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value.slice(0, max) } as { readonly [P in K]: string });
}
