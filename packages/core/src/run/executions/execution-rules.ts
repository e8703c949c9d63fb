import './execution-errors.ts';
import { categoryOf, findError } from '../../kernel/define-errors.ts';
import { uuidv5 } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
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
import { NO_PROGRESS } from './progress-rules.ts';

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

/** The code of the specification under which a stop stands in the log. */
const STOPPED_CODE = 'C1-BAT-002';

/** An error message is kept up to this many characters. */
export const MESSAGE_MAX_CHARACTERS = 1000;

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
  /** Default 1. */
  readonly attempt?: number;
  readonly missedCount?: number;
  readonly missedFromMs?: number;
  /** From when on it counts as late; default: its slot. */
  readonly dueMs?: number;
}

/** A READY execution. Nothing has run yet. */
export function createExecution(given: NewExecution, by: string): ExecutionDecision<ReadyExecution> {
  const { atMs, parent, dueMs, ...rest } = given;
  const execution: ReadyExecution = {
    ...rest,
    status: 'READY',
    fence: 0,
    late: isLate(given, atMs, dueMs),
    attempt: given.attempt ?? 1,
    lane: 0,
    createdAtMs: atMs,
    progress: NO_PROGRESS,
    outcomeKnown: true,
    rootExecutionId: parent?.rootExecutionId ?? given.id,
    ...(parent === undefined ? {} : { parentExecutionId: parent.id }),
    output: { tail: '', bytes: 0, truncated: false },
    detached: false,
  };
  return { execution, changes: [{ kind: 'execution.insert', execution, by }] };
}

/**
 * READY → RUNNING: the owner takes the execution at an instant, in a lane (0 when only the instant is given). It is late
 * when it was due a second or more before; `dueMs` is its slot unless its start was put off on purpose.
 */
export function claimExecution(
  execution: ReadyExecution,
  owner: ProcessIdentity | undefined,
  at: number | { readonly atMs: number; readonly lane: number; readonly dueMs?: number },
): ExecutionDecision<RunningExecution> {
  const { atMs, lane, dueMs } = typeof at === 'number' ? { atMs: at, lane: 0 } : at;
  const next: RunningExecution = {
    ...execution,
    lane,
    status: 'RUNNING',
    fence: execution.fence + 1,
    startedAtMs: atMs,
    late: execution.late || isLate(execution, atMs, dueMs),
    ...(owner === undefined ? {} : { owner }),
  };
  return transition(execution, next, { by: owner === undefined ? 'library' : 'scheduler', atMs });
}

/** RUNNING → SUCCESS. */
export function succeedExecution(
  execution: RunningExecution,
  end: ExecutionEnd,
): ExecutionDecision<EndedExecution> {
  return transition(execution, { ...execution, ...endFields(end), status: 'SUCCESS' }, endNote(end));
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
    errorMessage: failure.message.slice(0, MESSAGE_MAX_CHARACTERS),
    ...detail,
    outcomeKnown: failure.outcomeKnown ?? findError(failure.code)?.definition.outcomeKnown ?? true,
  };
  const decision = transition(execution, next, endNote(end));
  return {
    execution: next,
    changes: [...decision.changes, logLine(next, 'ERROR', failure)],
  };
}

/** RUNNING or READY → STOPPED, with one WARN line in the execution's log. */
export function stopExecution(
  execution: ReadyExecution | RunningExecution,
  stop: StopRequest,
  end: ExecutionEnd,
): ExecutionDecision<EndedExecution> {
  const next: EndedExecution = { ...execution, ...endFields(end), status: 'STOPPED', stopRequest: stop };
  const decision = transition(execution, next, endNote(end));
  const message = `stopped by ${stop.operatorId}: ${stop.reason}`;
  return {
    execution: next,
    changes: [...decision.changes, logLine(next, 'WARN', { code: STOPPED_CODE, message })],
  };
}

/** Records that somebody wants the run to end; it stays RUNNING until the work has really ended. */
export function requestStop(
  execution: RunningExecution,
  stop: StopRequest,
): ExecutionDecision<RunningExecution> {
  return amendExecution(execution, { stopRequest: stop }, { by: stop.operatorId, atMs: stop.atMs });
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

/** Who writes, and when. */
export interface ExecutionNote {
  readonly by: string;
  readonly atMs: number;
}

/** A newer version of a running execution that goes on. */
export function amendExecution(
  execution: RunningExecution,
  fields: Partial<Pick<RunningExecution, 'progress' | 'processGroup' | 'stopRequest'>>,
  note: ExecutionNote,
): ExecutionDecision<RunningExecution> {
  return update(requireRunning(execution, 'RUNNING'), { ...execution, ...fields }, note);
}

/** Only a run of a slot can be late. */
function isLate(
  { scheduledAtMs }: { readonly scheduledAtMs?: number },
  atMs: number,
  dueMs = scheduledAtMs,
): boolean {
  return scheduledAtMs !== undefined && dueMs !== undefined && atMs - dueMs > LATE_AFTER_MS;
}

/** The only way from one status to another. */
function transition<E extends Execution>(
  before: Execution,
  next: E,
  note: ExecutionNote,
): ExecutionDecision<E> {
  if (!EXECUTION_TRANSITIONS[before.status].includes(next.status)) throw illegal(before, next.status);
  return update(before, next, note);
}

function update<E extends Execution>(before: Execution, next: E, note: ExecutionNote): ExecutionDecision<E> {
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

function endNote(end: ExecutionEnd): ExecutionNote {
  return { by: end.by, atMs: end.atMs };
}

/** The one line the engine writes about an end that was no success. */
function logLine(
  execution: EndedExecution,
  level: 'WARN' | 'ERROR',
  what: Pick<ExecutionFailure, 'message' | 'detail'> & { readonly code: string },
): ExecutionChange {
  const { code, message, detail } = what;
  const entry = {
    executionId: execution.id,
    level,
    category: categoryOf(code),
    code,
    message: message.slice(0, MESSAGE_MAX_CHARACTERS),
    atMs: execution.endedAtMs ?? execution.createdAtMs,
    ...(detail === undefined ? {} : { detail }),
  };
  return { kind: 'execution.log', entry };
}
