import {
  type ActResult,
  type AuditView,
  type EngineView,
  EXECUTION_STATUSES,
  type ExecutionDetail,
  type ExecutionView,
  type HistoryView,
  type JobView,
  type JsonValue,
  type OpsSnapshot,
  type OutputChunk,
  type ProgressView,
  RUN_TYPES,
  type RunningView,
  SKIP_REASONS,
  type TargetDetail,
  type TargetView,
} from '@qts-ops/core/client';
import { z } from 'zod';
import { alertView } from './alert-schemas.ts';
import { healthView } from './health-schemas.ts';

/*
 * The shapes of ops-views.ts for readers outside TypeScript: the API description is made from them, and the tests
 * hold every answer against them. Answers are not parsed at run time, so that a slip here can never hide a screen.
 */

export const count = z.int().min(0);
export const instantMs = z.int().meta({ description: 'Milliseconds since 1970-01-01 UTC.' });
/** Any JSON value; it has been parsed from JSON, so there is nothing left to check. */
export const jsonValue = z.custom<JsonValue>().meta({ description: 'Any JSON value.' });
const endStatus = z.enum(['SUCCESS', 'FAILED', 'STOPPED']);
export const executionStatus = z.enum(EXECUTION_STATUSES);
export const runType = z.enum(RUN_TYPES);

export const engineView = z
  .object({
    instance: z.string(),
    environment: z.string(),
    version: z.string(),
    bootId: z.string(),
    pid: z.int(),
    state: z.enum(['running', 'draining']),
    startedAtMs: instantMs,
    timeZone: z.string(),
    beatEveryMs: z.number(),
    stateFolder: z.string(),
  })
  .meta({ id: 'EngineView' }) satisfies z.ZodType<EngineView>;

export const progressView = z
  .object({
    done: count,
    total: count.exactOptional(),
    failed: count,
    unit: z.string().exactOptional(),
    message: z.string().exactOptional(),
    ratePerSecond: z.number().exactOptional(),
    etaMs: z.number().exactOptional(),
  })
  .meta({ id: 'ProgressView' }) satisfies z.ZodType<ProgressView>;

const runningView = z
  .object({
    executionId: z.string(),
    runType,
    startedAtMs: instantMs,
    operatorId: z.string().exactOptional(),
    stopping: z.boolean(),
    progress: progressView.exactOptional(),
  })
  .meta({ id: 'RunningView' }) satisfies z.ZodType<RunningView>;

const pause = z.object({ operatorId: z.string(), atMs: instantMs, reason: z.string() }).meta({ id: 'Pause' });

const breaker = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('closed') }),
    z.object({
      kind: z.literal('open'),
      sinceMs: instantMs,
      cooldownMs: z.number(),
      probeAtMs: instantMs.exactOptional(),
    }),
    z.object({
      kind: z.literal('half-open'),
      sinceMs: instantMs,
      cooldownMs: z.number(),
      executionId: z.string(),
    }),
  ])
  .meta({ id: 'Breaker' });

export const targetView = z
  .object({
    id: z.string(),
    title: z.string().exactOptional(),
    kind: z.enum(['function', 'command', 'isolated', 'http', 'keep']),
    schedule: z.string(),
    timeZone: z.string().exactOptional(),
    revision: z.int(),
    pause: pause.exactOptional(),
    breaker,
    consecutiveErrors: count,
    maxConsecutiveErrors: count,
    backoffUntilMs: instantMs.exactOptional(),
    outcomes: z.string().max(24),
    running: runningView.exactOptional(),
    detached: z.boolean(),
    lastExecutionId: z.string().exactOptional(),
    lastStatus: endStatus.exactOptional(),
    lastEndedAtMs: instantMs.exactOptional(),
    lastDurationMs: z.number().exactOptional(),
    lastSuccessAtMs: instantMs.exactOptional(),
    lastErrorCode: z.string().exactOptional(),
    lastErrorMessage: z.string().exactOptional(),
    nextSlotMs: instantMs.exactOptional(),
    graceMs: z.number(),
    timeoutMs: z.number(),
    stopGraceMs: z.number(),
    lastSkip: z.object({ reason: z.enum(SKIP_REASONS), toMs: instantMs, count }).exactOptional(),
    waiting: z.object({ count, pool: z.string().exactOptional() }).exactOptional(),
  })
  .meta({ id: 'TargetView' }) satisfies z.ZodType<TargetView>;

export const executionView = z
  .object({
    id: z.string(),
    jobId: z.string(),
    runType,
    status: executionStatus,
    stopping: z.boolean(),
    scheduledAtMs: instantMs.exactOptional(),
    late: z.boolean(),
    createdAtMs: instantMs,
    startedAtMs: instantMs.exactOptional(),
    endedAtMs: instantMs.exactOptional(),
    progress: progressView.exactOptional(),
    errorCode: z.string().exactOptional(),
    errorMessage: z.string().exactOptional(),
    outcomeKnown: z.boolean(),
    operatorId: z.string().exactOptional(),
    operatorNote: z.string().exactOptional(),
    stopReason: z.string().exactOptional(),
    parentExecutionId: z.string().exactOptional(),
    detached: z.boolean(),
    outputBytes: count,
  })
  .meta({ id: 'ExecutionView' }) satisfies z.ZodType<ExecutionView>;

const transition = z
  .object({
    executionId: z.string(),
    from: executionStatus.exactOptional(),
    to: executionStatus,
    fence: z.int(),
    atMs: instantMs,
    by: z.string(),
  })
  .meta({ id: 'ExecutionTransition' });

const logEntry = z
  .object({
    executionId: z.string(),
    level: z.enum(['INFO', 'WARN', 'ERROR']),
    category: z.enum(['INP', 'EXT', 'BAT', 'DQ', 'LOG', 'SYS']),
    code: z.string().exactOptional(),
    message: z.string(),
    detail: jsonValue.exactOptional(),
    atMs: instantMs,
  })
  .meta({ id: 'ExecutionLogEntry' });

export const executionDetail = executionView
  .extend({
    fence: z.int(),
    params: z.record(z.string(), jsonValue).exactOptional(),
    errorDetail: jsonValue.exactOptional(),
    userMessage: z.string().exactOptional(),
    remedy: z.array(z.string()).exactOptional(),
    transitions: z.array(transition),
    log: z.array(logEntry),
    outputTail: z.string(),
    outputTruncated: z.boolean(),
  })
  .meta({ id: 'ExecutionDetail' }) satisfies z.ZodType<ExecutionDetail>;

const slotSkip = z
  .object({
    targetId: z.string(),
    reason: z.enum(SKIP_REASONS),
    fromMs: instantMs,
    toMs: instantMs,
    count,
    capped: z.boolean(),
    reasonText: z.string(),
  })
  .meta({ id: 'SlotSkip' });

export const targetDetail = targetView
  .extend({
    day: z.object({
      runs: count,
      succeeded: count,
      failed: count,
      stopped: count,
      p50Ms: z.number().exactOptional(),
      p95Ms: z.number().exactOptional(),
    }),
    skips: z.array(slotSkip),
    nextSlotsMs: z.array(instantMs),
  })
  .meta({ id: 'TargetDetail' }) satisfies z.ZodType<TargetDetail>;

export const jobView = z
  .object({
    jobId: z.string(),
    jobName: z.string(),
    jobDescription: z.string().exactOptional(),
    jobType: z.enum(['DAILY', 'WEEKLY', 'MONTHLY', 'ON_DEMAND']),
    isActive: z.boolean(),
  })
  .meta({ id: 'JobView' }) satisfies z.ZodType<JobView>;

export const historyView = z
  .object({
    keptDays: z.int(),
    olderThanMs: instantMs,
    executions: z.int(),
    logEntries: z.int(),
    outputFiles: z.int(),
  })
  .meta({ id: 'HistoryView' }) satisfies z.ZodType<HistoryView>;

export const auditView = z
  .object({
    seq: z.int(),
    atMs: instantMs,
    auditType: z.string(),
    targetId: z.string(),
    operatorId: z.string(),
    reason: z.string(),
    outcome: z.string(),
    executionId: z.string().exactOptional(),
  })
  .meta({ id: 'AuditView' }) satisfies z.ZodType<AuditView>;

export const opsSnapshot = z
  .object({
    protocol: z.int(),
    seq: z.int(),
    atMs: instantMs,
    engine: engineView,
    targets: z.array(targetView),
    executions: z.array(executionView).max(200),
    alerts: z.array(alertView).max(200),
    alertCount: count,
    health: healthView,
  })
  .meta({ id: 'OpsSnapshot' }) satisfies z.ZodType<OpsSnapshot>;

export const outputChunk = z
  .object({ text: z.string(), nextOffset: count, missedBytes: count, ended: z.boolean() })
  .meta({ id: 'OutputChunk' }) satisfies z.ZodType<OutputChunk>;

export const actResult = z
  .object({
    auditSeq: z.int(),
    targetRevision: z.int().exactOptional(),
    executionId: z.string().exactOptional(),
    silenceId: z.string().exactOptional(),
    repeated: z.boolean(),
  })
  .meta({ id: 'ActResult' }) satisfies z.ZodType<ActResult>;

/** A page of `items`; `count` says how many match in all. */
export function pageOf<T extends z.ZodType>(items: T) {
  return z.object({ items: z.array(items), count, limit: count, offset: count });
}
