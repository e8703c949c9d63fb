import type { JsonObject, JsonValue } from '../../kernel/json.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { ProcessGroup } from '../../ports/work-runner.ts';

/** The five states of the specification. */
export const EXECUTION_STATUSES = ['READY', 'RUNNING', 'SUCCESS', 'FAILED', 'STOPPED'] as const;
/** One of the five states. */
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
/** States that are final. */
export type TerminalStatus = 'SUCCESS' | 'FAILED' | 'STOPPED';

/** Why an execution exists: its schedule, an operator, or a replay. */
export const RUN_TYPES = ['AUTO', 'MANUAL', 'REPLAY'] as const;
/** One of the run types. */
export type RunType = (typeof RUN_TYPES)[number];

/** What one execution has done so far; counts are absolute and never regress. */
export interface ExecutionProgress {
  readonly processedCount: number;
  readonly successCount: number;
  readonly failedCount: number;
  readonly total?: number;
  readonly unit?: string;
  readonly message?: string;
  readonly atMs?: number;
}

/** Captured output of an execution: small text in the row, more in a bounded file. */
export interface ExecutionOutput {
  /** The last 4 KiB at most; empty when nothing was written. */
  readonly tail: string;
  /** Everything the run wrote, kept or not. */
  readonly bytes: number;
  /** Path relative to the state folder when the text did not fit the row. */
  readonly file?: string;
  /** True when some of it was left out of the file. */
  readonly truncated: boolean;
}

/** A request to stop that has not yet been answered by the run: shown as STOPPING, stored as RUNNING. */
export interface StopRequest {
  readonly operatorId: string;
  readonly atMs: number;
  readonly reason: string;
}

/** One run of one target: a row before it is a process, and never re-opened after its end. */
export interface Execution {
  /** uuidv5 of target, slot, clock era, attempt, replay generation for scheduled runs; UUIDv7 for manual ones. */
  readonly id: string;
  readonly jobId: string;
  readonly runType: RunType;
  readonly status: ExecutionStatus;
  /** Grows with every claim; a worker's write carries it and is refused when it is stale. */
  readonly fence: number;
  /** The slot this run stands for, ms UTC; absent for manual runs. */
  readonly scheduledAtMs?: number;
  /** True when it was started later than its slot by more than one loop turn (1 s). */
  readonly late: boolean;
  /** 1 for the first; every further attempt at a slot is an execution of its own. */
  readonly attempt: number;
  /** Runs of a target that go on at once have lanes of their own, from 0; the database keeps one run in each. */
  readonly lane: number;
  /** So many missed slots this run stands for besides its own, since `missedFromMs`. */
  readonly missedCount?: number;
  readonly missedFromMs?: number;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly progress: ExecutionProgress;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly errorDetail?: JsonValue;
  /** False when the effects of the run cannot be known: its worker was lost. */
  readonly outcomeKnown: boolean;
  readonly operatorId?: string;
  readonly operatorNote?: string;
  readonly stopRequest?: StopRequest;
  readonly parentExecutionId?: string;
  readonly rootExecutionId: string;
  readonly replayReason?: string;
  readonly idempotencyKey?: string;
  readonly requestFingerprint?: string;
  readonly params?: JsonObject;
  readonly owner?: ProcessIdentity;
  readonly processGroup?: ProcessGroup;
  readonly output: ExecutionOutput;
  /** True when an in-process function went on after its run was ended; its late result is refused. */
  readonly detached: boolean;
}

/** One step of an execution's life, written in the transaction that made it. */
export interface ExecutionTransition {
  readonly executionId: string;
  readonly from?: ExecutionStatus;
  readonly to: ExecutionStatus;
  readonly fence: number;
  readonly atMs: number;
  /** `scheduler`, an operator, or `system:recovery`. */
  readonly by: string;
}

/** A line the engine writes about an execution (table batch_execution_log of the specification). */
export interface ExecutionLogEntry {
  readonly executionId: string;
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly category: 'INP' | 'EXT' | 'BAT' | 'DQ' | 'LOG' | 'SYS';
  readonly code?: string;
  readonly message: string;
  readonly detail?: JsonValue;
  readonly atMs: number;
}

/** True for a state that is final. */
export function isTerminal(status: ExecutionStatus): status is TerminalStatus {
  return status === 'SUCCESS' || status === 'FAILED' || status === 'STOPPED';
}

/** Why a slot did not become an execution. */
export const SKIP_REASONS = [
  'overlap',
  'backoff',
  'breaker-open',
  'missed',
  'calendar',
  'paused',
  'draining',
  'upstream',
  'pool-full',
  'duplicate',
] as const;
/** One of the reasons. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Slots in a row that were skipped for one reason; stored as one row with from, to and count. */
export interface SlotSkip {
  readonly targetId: string;
  readonly reason: SkipReason;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** True when more slots were skipped than were counted (cron stops counting at 1,000). */
  readonly capped: boolean;
}
