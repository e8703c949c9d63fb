import { type ExecutionView, formatDuration } from '@qts-ops/core/client';
import { shownStatus } from '../state/target-words.ts';
import type { Tone } from '../theme.ts';
import { cleanText, fitEnd, fitMiddle, fitStart, widthOf } from './cells.ts';
import { type Line, plain, type Span, toned } from './line.ts';
import { progressText } from './progress-text.ts';
import { TIME_CELLS, timeCell } from './time-text.ts';

/** Widths of the columns; 0 leaves a column out. */
export interface ExecutionColumns {
  readonly job: number;
  readonly type: number;
  readonly progress: number;
  readonly by: number;
  readonly note: number;
}

/** What all rows of a frame share. */
export interface ExecutionRowContext {
  readonly columns: ExecutionColumns;
  readonly nowMs: number;
  readonly zone: string;
  readonly old: boolean;
}

const ID_CELLS = 8;
const STATUS_CELLS = 8;
const TOOK_CELLS = 6;
const JOB_MOST = 24;

const STATUS_TONES: Readonly<Record<ReturnType<typeof shownStatus>, Tone>> = {
  READY: 'plain',
  RUNNING: 'run',
  STOPPING: 'warn',
  SUCCESS: 'ok',
  FAILED: 'fail',
  STOPPED: 'warn',
};

/**
 * The end of an id: ids of one minute begin alike, so the end tells them apart.
 */
export function shortId(id: string): string {
  return id.slice(-ID_CELLS);
}

/** Shares out the width; `withJob` is false where all rows are of one target. */
export function executionColumns(
  width: number,
  executions: readonly ExecutionView[],
  withJob: boolean,
): ExecutionColumns {
  const longest = executions.reduce((most, execution) => Math.max(most, widthOf(execution.jobId)), 8);
  const fixed = 2 + STATUS_CELLS + 1 + TIME_CELLS + 1 + TOOK_CELLS + 1;
  if (width < 80) {
    return {
      job: withJob ? Math.max(0, width - fixed) : 0,
      type: 0,
      progress: 0,
      by: 0,
      note: withJob ? 0 : width - fixed,
    };
  }
  const job = withJob ? Math.min(longest, JOB_MOST) : 0;
  const wide = width >= 110;
  const columns = { job, type: 6, progress: wide ? 16 : 0, by: wide ? 10 : 0 };
  const taken = fixed + ID_CELLS + 1 + 7 + (job > 0 ? job + 1 : 0) + (wide ? 28 : 0);
  return { ...columns, note: Math.max(0, width - taken) };
}

/** The heading over the rows. */
export function executionHeading(columns: ExecutionColumns): Line {
  const cells = [
    fitEnd('STATUS', STATUS_CELLS),
    fitEnd('TARGET', columns.job),
    fitEnd('TYPE', columns.type),
    columns.type > 0 ? fitEnd('EXEC', ID_CELLS) : '',
    fitEnd('STARTED', TIME_CELLS),
    fitStart('TOOK', TOOK_CELLS),
    fitEnd('PROGRESS', columns.progress),
    fitEnd('BY', columns.by),
    fitEnd('CODE / REASON', columns.note),
  ].filter((cell) => cell !== '');
  return { spans: [plain('  '), toned('dim', cells.join(' '))] };
}

/** One execution as a row. */
export function executionRow(
  execution: ExecutionView,
  selected: boolean,
  context: ExecutionRowContext,
): Line {
  const { columns, nowMs, zone } = context;
  const status = shownStatus(execution);
  const unknown = context.old && isOpen(execution);
  const spans: Span[] = [
    plain(selected ? '> ' : '  '),
    toned(STATUS_TONES[status], fitEnd(unknown ? 'STALE' : status, STATUS_CELLS)),
    plain(' '),
  ];
  push(spans, columns.job, plain(fitMiddle(cleanText(execution.jobId), columns.job)));
  push(spans, columns.type, toned('dim', fitEnd(execution.runType, columns.type)));
  push(spans, columns.type > 0 ? ID_CELLS : 0, toned('dim', shortId(execution.id)));
  const started = execution.startedAtMs ?? execution.createdAtMs;
  push(spans, TIME_CELLS, plain(fitEnd(timeCell(started, nowMs, zone), TIME_CELLS)));
  push(spans, TOOK_CELLS, plain(fitStart(tookText(execution), TOOK_CELLS)));
  push(spans, columns.progress, plain(fitEnd(cleanText(progressText(execution.progress)), columns.progress)));
  push(spans, columns.by, plain(fitEnd(byText(execution), columns.by)));
  push(
    spans,
    columns.note,
    plain(fitEnd(cleanText(`${unknown ? `was ${status} ` : ''}${noteText(execution)}`), columns.note)),
  );
  return { spans, ...(selected ? { selected } : {}), ...(context.old ? { old: true } : {}) };
}

/** Why an execution ended as it did, or why it was asked for: one line. */
export function noteText(execution: ExecutionView): string {
  const parts = [
    execution.errorCode,
    execution.errorMessage,
    execution.outcomeKnown ? undefined : 'outcome UNKNOWN',
    execution.stopReason,
    execution.operatorNote,
    execution.parentExecutionId === undefined ? undefined : `of ${shortId(execution.parentExecutionId)}`,
    execution.late ? 'late' : undefined,
    execution.detached ? 'its function goes on' : undefined,
  ].filter((part) => part !== undefined && part !== '');
  return parts.join(' ');
}

/** True while it has not ended; without a connection nobody knows whether that still holds. */
export function isOpen({ status }: ExecutionView): boolean {
  return status === 'READY' || status === 'RUNNING';
}

/** Who asked for it: a person, or a part of the engine without its prefix. */
function byText({ operatorId }: ExecutionView): string {
  return operatorId === undefined ? 'scheduler' : cleanText(operatorId).replace(/^system:/u, '');
}

function tookText({ startedAtMs, endedAtMs }: ExecutionView): string {
  return startedAtMs === undefined || endedAtMs === undefined ? '-' : formatDuration(endedAtMs - startedAtMs);
}

function push(spans: Span[], cells: number, span: Span): void {
  if (cells > 0) spans.push(span, plain(' '));
}
