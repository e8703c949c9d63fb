import type { JsonObject } from '../../kernel/json.ts';
import type {
  Execution,
  ExecutionLogEntry,
  ExecutionOutput,
  ExecutionProgress,
  ExecutionStatus,
  ExecutionTransition,
  RunType,
} from '../../run/executions/execution.ts';
import { fromJsonText, present, toJsonText } from './row-values.ts';
import type { ExecutionLogRow, ExecutionRow, TransitionRow } from './store-schema.ts';

/** The row of an execution, as it was at `updatedAtMs`. */
export function toExecutionRow(execution: Execution, updatedAtMs: number): ExecutionRow {
  const { progress, output, owner, processGroup, stopRequest } = execution;
  return {
    execution_id: execution.id,
    job_id: execution.jobId,
    run_type: execution.runType,
    scheduled_at: execution.scheduledAtMs ?? null,
    attempt: execution.attempt,
    missed_count: execution.missedCount ?? null,
    missed_from: execution.missedFromMs ?? null,
    parent_execution_id: execution.parentExecutionId ?? null,
    root_execution_id: execution.rootExecutionId,
    replay_reason: execution.replayReason ?? null,
    idempotency_key: execution.idempotencyKey ?? null,
    request_fingerprint: execution.requestFingerprint ?? null,
    params: toJsonText(execution.params),
    created_at: execution.createdAtMs,
    status: execution.status,
    fence: execution.fence,
    lane: execution.lane,
    late: Number(execution.late),
    started_at: execution.startedAtMs ?? null,
    ended_at: execution.endedAtMs ?? null,
    processed_count: progress.processedCount,
    success_count: progress.successCount,
    failed_count: progress.failedCount,
    progress_total: progress.total ?? null,
    progress_unit: progress.unit ?? null,
    progress_message: progress.message ?? null,
    progress_at: progress.atMs ?? null,
    error_code: execution.errorCode ?? null,
    error_message: execution.errorMessage ?? null,
    error_detail: toJsonText(execution.errorDetail),
    outcome_known: Number(execution.outcomeKnown),
    operator_id: execution.operatorId ?? null,
    operator_note: execution.operatorNote ?? null,
    stop_requested_by: stopRequest?.operatorId ?? null,
    stop_requested_at: stopRequest?.atMs ?? null,
    stop_requested_reason: stopRequest?.reason ?? null,
    owner_host: owner?.host ?? null,
    owner_boot_id: owner?.bootId ?? null,
    owner_pid: owner?.pid ?? null,
    owner_start_tick: owner?.startTick ?? null,
    process_group: processGroup?.pgid ?? null,
    process_group_start_tick: processGroup?.startTick ?? null,
    output_tail: output.tail,
    output_bytes: output.bytes,
    output_file: output.file ?? null,
    output_truncated: Number(output.truncated),
    detached: Number(execution.detached),
    updated_at: updatedAtMs,
  };
}

/** The execution a row stands for; what is NULL in the row is absent. */
export function fromExecutionRow(row: ExecutionRow): Execution {
  return {
    id: row.execution_id,
    jobId: row.job_id,
    // The table's checks admit no other words.
    runType: row.run_type as RunType,
    status: row.status as ExecutionStatus,
    fence: row.fence,
    ...present('scheduledAtMs', row.scheduled_at),
    late: row.late === 1,
    attempt: row.attempt,
    lane: row.lane,
    ...present('missedCount', row.missed_count),
    ...present('missedFromMs', row.missed_from),
    createdAtMs: row.created_at,
    ...present('startedAtMs', row.started_at),
    ...present('endedAtMs', row.ended_at),
    progress: fromProgress(row),
    ...present('errorCode', row.error_code),
    ...present('errorMessage', row.error_message),
    ...present('errorDetail', fromJsonText(row.error_detail)),
    outcomeKnown: row.outcome_known === 1,
    ...present('operatorId', row.operator_id),
    ...present('operatorNote', row.operator_note),
    ...fromStopRequest(row),
    ...present('parentExecutionId', row.parent_execution_id),
    rootExecutionId: row.root_execution_id,
    ...present('replayReason', row.replay_reason),
    ...present('idempotencyKey', row.idempotency_key),
    ...present('requestFingerprint', row.request_fingerprint),
    // Only objects are ever written to this column.
    ...present('params', fromJsonText(row.params) as JsonObject | undefined),
    ...fromOwner(row),
    output: fromOutput(row),
    detached: row.detached === 1,
  };
}

/** The row of a line in an execution's log. */
export function toLogRow(entry: ExecutionLogEntry): ExecutionLogRow {
  return {
    execution_id: entry.executionId,
    log_level: entry.level,
    log_category: entry.category,
    log_code: entry.code ?? null,
    log_message: entry.message,
    log_detail: toJsonText(entry.detail),
    logged_at: entry.atMs,
  };
}

/** The log line a row holds. */
export function fromLogRow(row: ExecutionLogRow): ExecutionLogEntry {
  return {
    executionId: row.execution_id,
    // The table's checks admit no other words.
    level: row.log_level as ExecutionLogEntry['level'],
    category: row.log_category as ExecutionLogEntry['category'],
    ...present('code', row.log_code),
    message: row.log_message,
    ...present('detail', fromJsonText(row.log_detail)),
    atMs: row.logged_at,
  };
}

/** The transition a row holds. */
export function fromTransitionRow(row: TransitionRow): ExecutionTransition {
  return {
    executionId: row.execution_id,
    // The table's checks admit no other words.
    ...present('from', row.from_status as ExecutionStatus | null),
    to: row.to_status as ExecutionStatus,
    fence: row.fence,
    atMs: row.transitioned_at,
    by: row.transitioned_by,
  };
}

function fromProgress(row: ExecutionRow): ExecutionProgress {
  return {
    processedCount: row.processed_count,
    successCount: row.success_count,
    failedCount: row.failed_count,
    ...present('total', row.progress_total),
    ...present('unit', row.progress_unit),
    ...present('message', row.progress_message),
    ...present('atMs', row.progress_at),
  };
}

function fromOutput(row: ExecutionRow): ExecutionOutput {
  return {
    tail: row.output_tail,
    bytes: row.output_bytes,
    ...present('file', row.output_file),
    truncated: row.output_truncated === 1,
  };
}

function fromStopRequest(row: ExecutionRow): Pick<Execution, 'stopRequest'> {
  const { stop_requested_by: operatorId, stop_requested_at: atMs, stop_requested_reason: reason } = row;
  if (operatorId === null || atMs === null || reason === null) return {};
  return { stopRequest: { operatorId, atMs, reason } };
}

function fromOwner(row: ExecutionRow): Pick<Execution, 'owner' | 'processGroup'> {
  const { owner_host: host, owner_boot_id: bootId, owner_pid: pid, owner_start_tick: startTick } = row;
  const known = host !== null && bootId !== null && pid !== null && startTick !== null;
  const group = row.process_group;
  return {
    ...(known ? { owner: { host, bootId, pid, startTick } } : {}),
    ...(group === null
      ? {}
      : { processGroup: { pgid: group, ...present('startTick', row.process_group_start_tick) } }),
  };
}
