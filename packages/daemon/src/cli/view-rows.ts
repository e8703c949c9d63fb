import {
  type AuditView,
  type ExecutionView,
  formatClock,
  formatDate,
  formatDuration,
  type JobView,
  type TargetView,
  type TargetWord,
  targetWord,
  waitingText,
} from '@qts-ops/core/client';
import type { CellStyle, Column } from './text-table.ts';

/** What every row needs besides itself. */
export interface RowContext {
  /** Zone of the engine; every time is shown in it. */
  readonly timeZone: string;
  /** The engine's clock when it answered. */
  readonly nowMs: number;
}

const wordStyles: Readonly<Record<TargetWord, CellStyle>> = {
  FAIL: 'red',
  SUSP: 'red',
  WARN: 'yellow',
  STALE: 'yellow',
  RUN: 'cyan',
  PAUSED: 'gray',
  IDLE: 'gray',
  OK: 'green',
};

/** Columns of `targets`. */
export function targetColumns(context: RowContext): ReadonlyArray<Column<TargetView>> {
  const time = timeText(context);
  return [
    {
      title: 'STATE',
      cell: (target) => targetWord(target, context.nowMs),
      style: (target) => wordStyles[targetWord(target, context.nowMs)],
    },
    { title: 'TARGET', cell: (target) => target.id },
    { title: 'KIND', cell: (target) => target.kind },
    { title: 'SCHEDULE', cell: (target) => target.schedule },
    {
      title: 'ERR',
      align: 'right',
      cell: (target) => `${target.consecutiveErrors}/${target.maxConsecutiveErrors}`,
    },
    { title: 'LAST', cell: (target) => lastText(target, time) },
    { title: 'NEXT', cell: (target) => time(target.nextSlotMs) },
    { title: 'MESSAGE', cell: messageOf },
  ];
}

/** Columns of `executions`. */
export function executionColumns(context: RowContext): ReadonlyArray<Column<ExecutionView>> {
  const time = timeText(context);
  return [
    { title: 'STATUS', cell: statusOf, style: statusStyle },
    { title: 'EXECUTION', cell: ({ id }) => id },
    { title: 'TARGET', cell: ({ jobId }) => jobId },
    { title: 'TYPE', cell: ({ runType, late }) => (late ? `${runType} late` : runType) },
    { title: 'CREATED', cell: ({ createdAtMs }) => time(createdAtMs) },
    { title: 'TOOK', align: 'right', cell: (execution) => tookText(execution, context.nowMs) },
    { title: 'MESSAGE', cell: executionMessage },
  ];
}

/** Columns of `audit`. */
export function auditColumns(context: RowContext): ReadonlyArray<Column<AuditView>> {
  const time = timeText(context);
  return [
    {
      title: 'OUTCOME',
      cell: ({ outcome }) => outcome,
      style: ({ outcome }) => (outcome === 'OK' ? undefined : 'red'),
    },
    { title: 'SEQ', align: 'right', cell: ({ seq }) => String(seq) },
    { title: 'AT', cell: ({ atMs }) => time(atMs) },
    { title: 'OPERATOR', cell: ({ operatorId }) => operatorId },
    { title: 'ACT', cell: ({ auditType }) => auditType },
    { title: 'TARGET', cell: ({ targetId }) => targetId },
    { title: 'REASON', cell: ({ reason }) => reason },
  ];
}

/** Columns of `targets --all` for jobs that the configuration does not name. */
export const jobColumns: ReadonlyArray<Column<JobView>> = [
  { title: 'INACTIVE', cell: ({ jobId }) => jobId },
  { title: 'TYPE', cell: ({ jobType }) => jobType },
  { title: 'NAME', cell: ({ jobName }) => jobName },
];

/** Status of an execution in one word; a request to stop that was not answered yet shows as STOPPING. */
export function statusOf(execution: ExecutionView): string {
  return execution.stopping ? 'STOPPING' : execution.status;
}

/** Instants in the engine's zone, short: `10:11:30` for today, `2026-11-19 10:11:30` for another day, `-` for none. */
export function timeText({ timeZone, nowMs }: RowContext): (atMs: number | undefined) => string {
  const today = formatDate(nowMs, timeZone);
  return (atMs) => {
    if (atMs === undefined) return '-';
    const date = formatDate(atMs, timeZone);
    return date === today ? formatClock(atMs, timeZone) : `${date} ${formatClock(atMs, timeZone)}`;
  };
}

/** Why a target is as it is, in one line: its pause, its suspension, its last error, a lost slot. */
export function messageOf(target: TargetView): string {
  if (target.pause !== undefined) return `paused by ${target.pause.operatorId}: ${target.pause.reason}`;
  const error = [target.lastErrorCode, target.lastErrorMessage]
    .filter((part) => part !== undefined)
    .join(' ');
  if (target.breaker.kind !== 'closed') return `suspended; ${error === '' ? 'no error known' : error}`;
  if (error !== '') return error;
  if (target.detached) return 'a function that was ended goes on';
  const skip = target.lastSkip;
  const skipped = skip === undefined ? '' : `skipped ${skip.count} (${skip.reason})`;
  return [waitingText(target), skipped].filter((part) => part !== '').join('; ');
}

function lastText(target: TargetView, time: (atMs: number | undefined) => string): string {
  if (target.lastEndedAtMs === undefined) return '-';
  const took = target.lastDurationMs === undefined ? '' : ` ${formatDuration(target.lastDurationMs)}`;
  return `${time(target.lastEndedAtMs)}${took}`;
}

function tookText({ startedAtMs, endedAtMs }: ExecutionView, nowMs: number): string {
  return startedAtMs === undefined ? '-' : formatDuration(Math.max(0, (endedAtMs ?? nowMs) - startedAtMs));
}

function executionMessage(execution: ExecutionView): string {
  if (execution.errorCode !== undefined) return `${execution.errorCode} ${execution.errorMessage ?? ''}`;
  if (execution.stopReason !== undefined) return execution.stopReason;
  const { progress } = execution;
  if (progress === undefined) return '';
  const total = progress.total === undefined ? '' : `/${progress.total}`;
  return `${progress.done}${total} ${progress.unit ?? ''} ${progress.message ?? ''}`.trimEnd();
}

function statusStyle({ status }: ExecutionView): CellStyle | undefined {
  if (status === 'FAILED') return 'red';
  if (status === 'STOPPED') return 'yellow';
  return status === 'SUCCESS' ? 'green' : 'cyan';
}
