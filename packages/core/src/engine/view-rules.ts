import type { AuditView, ExecutionView, ProgressView, RunningView, TargetView } from '../client/ops-views.ts';
import type { AuditRow } from '../guard/audit/audit-entry.ts';
import type { Execution, ExecutionProgress, SlotSkip } from '../run/executions/execution.ts';
import { describeWhen } from '../run/scheduler/describe-when.ts';
import { zoneOfSchedule } from '../run/scheduler/schedule.ts';
import { kindOf, type TargetDefinition, type TargetState } from '../run/targets/target.ts';

/** What a target's view is made from. */
export interface TargetFacts {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly running: RunFacts | undefined;
  readonly detached: boolean;
  readonly nextSlotMs: number | undefined;
  readonly lastSkip: SlotSkip | undefined;
  /** Runs that wait to be started. */
  readonly waiting: number;
  /** Whether the pool of the target has a limit. */
  readonly poolHasLimit: boolean;
}

/** What is known of a run while it goes on, beyond its row. */
export interface RunFacts {
  readonly execution: Execution;
  readonly stopping: boolean;
  readonly progress: ExecutionProgress;
  readonly ratePerSecond: number | undefined;
}

/** The one shape in which every door shows a target. */
export function targetView(facts: TargetFacts): TargetView {
  const { definition, state, running, lastSkip } = facts;
  const schedule = definition.schedule;
  const { targetId: _id, cursorMs: _cursor, nextSlotMs: _next, clockEra: _era, ...shown } = state;
  return {
    ...shown,
    id: definition.id,
    ...(definition.title === undefined ? {} : { title: definition.title }),
    kind: kindOf(definition),
    schedule: describeWhen(definition),
    ...present('timeZone', schedule === undefined ? undefined : zoneOfSchedule(schedule)),
    maxConsecutiveErrors: definition.errors.maxConsecutiveErrors,
    ...(running === undefined ? {} : { running: runningView(running) }),
    detached: facts.detached,
    ...(facts.nextSlotMs === undefined ? {} : { nextSlotMs: facts.nextSlotMs }),
    graceMs: definition.graceMs,
    timeoutMs: definition.timeoutMs,
    stopGraceMs: definition.stopGraceMs,
    ...(lastSkip === undefined
      ? {}
      : { lastSkip: { reason: lastSkip.reason, toMs: lastSkip.toMs, count: lastSkip.count } }),
    ...present('waiting', waitingOf(facts)),
  };
}

function waitingOf({ waiting, poolHasLimit, definition }: TargetFacts): TargetView['waiting'] {
  if (waiting === 0) return undefined;
  return { count: waiting, ...(poolHasLimit ? { pool: definition.policies.pool } : {}) };
}

/** The one shape in which every door shows an execution. */
export function executionView(execution: Execution, run?: RunFacts): ExecutionView {
  const progress = progressView(
    run?.progress ?? execution.progress,
    run?.ratePerSecond ?? meanRate(execution),
    execution.endedAtMs === undefined,
  );
  const stopping = execution.status === 'RUNNING' && (run?.stopping ?? execution.stopRequest !== undefined);
  return {
    id: execution.id,
    jobId: execution.jobId,
    runType: execution.runType,
    status: execution.status,
    stopping,
    late: execution.late,
    createdAtMs: execution.createdAtMs,
    outcomeKnown: execution.outcomeKnown,
    detached: execution.detached,
    outputBytes: execution.output.bytes,
    ...present('scheduledAtMs', execution.scheduledAtMs),
    ...present('startedAtMs', execution.startedAtMs),
    ...present('endedAtMs', execution.endedAtMs),
    ...present('progress', progress),
    ...present('errorCode', execution.errorCode),
    ...present('errorMessage', execution.errorMessage),
    ...present('operatorId', execution.stopRequest?.operatorId ?? execution.operatorId),
    ...present('operatorNote', execution.operatorNote),
    ...present('stopReason', execution.stopRequest?.reason),
    ...present('parentExecutionId', execution.parentExecutionId),
  };
}

/** One audit row, short. */
export function auditView(row: AuditRow): AuditView {
  return {
    seq: row.seq,
    atMs: row.atMs,
    auditType: row.auditType,
    targetId: row.targetId,
    operatorId: row.operatorId,
    reason: row.operatorReason,
    outcome: row.outcome,
    ...present('executionId', row.executionId),
  };
}

function runningView(run: RunFacts): RunningView {
  const { execution } = run;
  return {
    executionId: execution.id,
    runType: execution.runType,
    startedAtMs: execution.startedAtMs ?? execution.createdAtMs,
    stopping: run.stopping,
    ...present('operatorId', execution.operatorId),
    ...present('progress', progressView(run.progress, run.ratePerSecond, true)),
  };
}

/**
 * Absent while nothing was reported. The estimate stands on the smoothed rate and the last report; a run that has
 * ended has none.
 */
function progressView(
  progress: ExecutionProgress,
  ratePerSecond: number | undefined,
  goesOn: boolean,
): ProgressView | undefined {
  if (progress.atMs === undefined) return undefined;
  const { total, processedCount: done, atMs } = progress;
  const left = total === undefined ? undefined : total - done;
  const etaMs =
    !goesOn || left === undefined || ratePerSecond === undefined || ratePerSecond <= 0
      ? undefined
      : Math.round(atMs + (left * 1000) / ratePerSecond);
  return {
    done,
    failed: progress.failedCount,
    ...present('total', total),
    ...present('unit', progress.unit),
    ...present('message', progress.message),
    ...present('ratePerSecond', ratePerSecond),
    ...present('etaMs', etaMs),
  };
}

function meanRate(execution: Execution): number | undefined {
  const { startedAtMs, endedAtMs, progress } = execution;
  if (startedAtMs === undefined || endedAtMs === undefined || endedAtMs <= startedAtMs) return undefined;
  return (progress.processedCount * 1000) / (endedAtMs - startedAtMs);
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
