import type { JsonObject, JsonValue } from '../kernel/json.ts';
import type {
  ExecutionLogEntry,
  ExecutionStatus,
  ExecutionTransition,
  RunType,
  SkipReason,
  SlotSkip,
} from '../run/executions/execution.ts';
import type { ExecutionStatistics } from '../run/executions/execution-store.ts';
import type { Breaker, Pause } from '../run/targets/target.ts';
import type { AlertView, HealthCheckView, HealthView } from './watch-views.ts';

/** Version of the shapes in this file; a client refuses an engine of another one and names both. */
export const PROTOCOL_VERSION = 2;

/** What the engine says about itself. */
export interface EngineView {
  readonly instance: string;
  /** Word of the config for the kind of place this is: `PROD`, `PAPER`, `LAB`; shown in capitals. */
  readonly environment: string;
  readonly version: string;
  /** New with every start of the engine. */
  readonly bootId: string;
  readonly pid: number;
  readonly state: 'running' | 'draining';
  readonly startedAtMs: number;
  /** Zone for every time on a screen. */
  readonly timeZone: string;
  /** A beat is sent at least so often; without one for two intervals the screen says LATE. */
  readonly beatEveryMs: number;
  readonly stateFolder: string;
}

/** The run that is going on. */
export interface RunningView {
  readonly executionId: string;
  readonly runType: RunType;
  readonly startedAtMs: number;
  readonly operatorId?: string;
  /** True from a request to stop until the work has ended. */
  readonly stopping: boolean;
  readonly progress?: ProgressView;
}

/** Progress with what can be worked out from it. */
export interface ProgressView {
  readonly done: number;
  readonly total?: number;
  readonly failed: number;
  readonly unit?: string;
  readonly message?: string;
  /** Done per second, smoothed. */
  readonly ratePerSecond?: number;
  /** Estimated end, ms UTC. */
  readonly etaMs?: number;
}

/** One target as every door shows it. */
export interface TargetView {
  readonly id: string;
  readonly title?: string;
  readonly kind: 'function' | 'command' | 'isolated' | 'http' | 'keep';
  /** Short form: `every 1 s`, `0 17 * * 1-5`, `on demand`. */
  readonly schedule: string;
  readonly timeZone?: string;
  readonly revision: number;
  readonly pause?: Pause;
  readonly breaker: Breaker;
  readonly consecutiveErrors: number;
  readonly maxConsecutiveErrors: number;
  readonly backoffUntilMs?: number;
  /** `.` SUCCESS, `x` FAILED, `s` STOPPED; oldest first, at most 24. */
  readonly outcomes: string;
  readonly running?: RunningView;
  /** True while an in-process function that was ended goes on: nothing new is started. */
  readonly detached: boolean;
  readonly lastExecutionId?: string;
  readonly lastStatus?: 'SUCCESS' | 'FAILED' | 'STOPPED';
  readonly lastEndedAtMs?: number;
  readonly lastDurationMs?: number;
  readonly lastSuccessAtMs?: number;
  readonly lastErrorCode?: string;
  readonly lastErrorMessage?: string;
  readonly nextSlotMs?: number;
  readonly graceMs: number;
  readonly timeoutMs: number;
  readonly stopGraceMs: number;
  readonly lastSkip?: { readonly reason: SkipReason; readonly toMs: number; readonly count: number };
  /** Runs that wait to be started; absent when none does. `pool`: the one whose limit they wait for, if it has one. */
  readonly waiting?: { readonly count: number; readonly pool?: string };
}

/** One execution as every door shows it. */
export interface ExecutionView {
  readonly id: string;
  readonly jobId: string;
  readonly runType: RunType;
  readonly status: ExecutionStatus;
  readonly stopping: boolean;
  readonly scheduledAtMs?: number;
  readonly late: boolean;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly progress?: ProgressView;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly outcomeKnown: boolean;
  readonly operatorId?: string;
  readonly operatorNote?: string;
  readonly stopReason?: string;
  readonly parentExecutionId?: string;
  readonly detached: boolean;
  readonly outputBytes: number;
}

/** An execution with everything known about it. */
export interface ExecutionDetail extends ExecutionView {
  readonly fence: number;
  readonly params?: JsonObject;
  readonly errorDetail?: JsonValue;
  /** Text of the error catalogue for people, and what to do. */
  readonly userMessage?: string;
  readonly remedy?: readonly string[];
  readonly transitions: readonly ExecutionTransition[];
  readonly log: readonly ExecutionLogEntry[];
  readonly outputTail: string;
  readonly outputTruncated: boolean;
}

/** Skipped slots in a row, and why the newest of them was. */
export interface SkipView extends SlotSkip {
  /** In words: `XKRX: closed on 2026-09-24, Chuseok`. */
  readonly reasonText: string;
}

/** A target with what only the detail pane asks for. */
export interface TargetDetail extends TargetView {
  readonly day: ExecutionStatistics;
  readonly skips: readonly SkipView[];
  /** The next slots that its trading calendar lets pass, at most 5. */
  readonly nextSlotsMs: readonly number[];
}

/** One job row as the specification names it: every target is a job, and jobs without a target stay inactive. */
export interface JobView {
  readonly jobId: string;
  readonly jobName: string;
  readonly jobDescription?: string;
  readonly jobType: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'ON_DEMAND';
  readonly isActive: boolean;
}

/** Old history: what could be removed once a verified backup holds it. Reported only, never removed by this engine. */
export interface HistoryView {
  /** Days of history that are always kept (`historyDays` of the config). */
  readonly keptDays: number;
  /** Ended before this instant counts as old, ms UTC. */
  readonly olderThanMs: number;
  readonly executions: number;
  readonly logEntries: number;
  readonly outputFiles: number;
}

/** One audit row, short. */
export interface AuditView {
  readonly seq: number;
  readonly atMs: number;
  readonly auditType: string;
  readonly targetId: string;
  readonly operatorId: string;
  readonly reason: string;
  readonly outcome: string;
  readonly executionId?: string;
}

/** Everything a screen needs to start, as of `seq`. */
export interface OpsSnapshot {
  readonly protocol: number;
  readonly seq: number;
  readonly atMs: number;
  readonly engine: EngineView;
  readonly targets: readonly TargetView[];
  /** The newest executions, newest first, at most 200. */
  readonly executions: readonly ExecutionView[];
  /** Open alerts, the gravest and then the newest first, at most 200. */
  readonly alerts: readonly AlertView[];
  /** How many alerts are open, also those that `alerts` has no room for. */
  readonly alertCount: number;
  /** All checks, without their accounts of the day. */
  readonly health: HealthView;
}

/** One change after a snapshot; `seq` grows by one, a gap means: take a new snapshot. */
export type OpsDelta = { readonly seq: number; readonly atMs: number } & (
  | { readonly kind: 'target'; readonly target: TargetView }
  | { readonly kind: 'execution'; readonly execution: ExecutionView }
  | { readonly kind: 'engine'; readonly engine: EngineView }
  | { readonly kind: 'audit'; readonly entry: AuditView }
  /** An alert as it is now; one that is resolved is no longer open. */
  | { readonly kind: 'alert'; readonly alert: AlertView }
  | { readonly kind: 'check'; readonly check: HealthCheckView }
);

/** What a watching client receives: a snapshot first, then deltas and beats; a new snapshot whenever it fell behind. */
export type FeedMessage =
  | { readonly kind: 'snapshot'; readonly snapshot: OpsSnapshot }
  | { readonly kind: 'delta'; readonly delta: OpsDelta }
  | { readonly kind: 'beat'; readonly atMs: number; readonly seq: number };

/** State of a target in one word, most urgent first. */
export const TARGET_WORDS = ['FAIL', 'SUSP', 'WARN', 'RUN', 'PAUSED', 'STALE', 'IDLE', 'OK'] as const;
/** One of the state words. */
export type TargetWord = (typeof TARGET_WORDS)[number];

/** Overdue by this much beyond its grace, a target shows STALE. */
export const STALE_MARGIN_MS = 2000;

/**
 * The state word of a target at `nowMs`. Stale is computed when read, so a dead scheduler can never show green:
 * pass the reader's own clock, corrected by the engine's.
 */
export function targetWord(target: TargetView, nowMs: number): TargetWord {
  if (target.pause !== undefined) return 'PAUSED';
  if (target.breaker.kind !== 'closed') return 'SUSP';
  if (target.running !== undefined) return 'RUN';
  if (target.consecutiveErrors > 0) return 'FAIL';
  const overdue =
    target.nextSlotMs !== undefined && nowMs > target.nextSlotMs + target.graceMs + STALE_MARGIN_MS;
  if (overdue) return 'STALE';
  if (target.detached || target.lastStatus === 'STOPPED' || skippedLast(target)) return 'WARN';
  return target.lastStatus === undefined ? 'IDLE' : 'OK';
}

/** What of a target waits to be started, for a line on a screen: `1 run waits for pool broker`; empty when nothing does. */
export function waitingText({ waiting }: Pick<TargetView, 'waiting'>): string {
  if (waiting === undefined) return '';
  const runs = waiting.count === 1 ? '1 run waits' : `${waiting.count} runs wait`;
  return waiting.pool === undefined ? runs : `${runs} for pool ${waiting.pool}`;
}

/** True when the newest slot was lost: skipped by overlap or missed after the last run ended. */
function skippedLast(target: TargetView): boolean {
  const skip = target.lastSkip;
  if (skip === undefined || (skip.reason !== 'overlap' && skip.reason !== 'missed')) return false;
  return target.lastEndedAtMs === undefined || skip.toMs > target.lastEndedAtMs;
}
