import { opsException } from '../../kernel/ops-exception.ts';
import type { Progress } from '../../ports/target.ts';
import type { ExecutionProgress } from './execution.ts';

const UNIT_MAX_CHARACTERS = 20;
const MESSAGE_MAX_CHARACTERS = 200;

/** Nothing has been done yet. */
export const NO_PROGRESS: ExecutionProgress = { processedCount: 0, successCount: 0, failedCount: 0 };

/** Absolute counts as a caller keeps them himself. */
export interface ExecutionCounts {
  readonly processedCount: number;
  readonly successCount?: number | undefined;
  readonly failedCount?: number | undefined;
}

/**
 * Takes a run's own report. What is processed and what failed never regress, what succeeded is the rest; a count that
 * is negative, fractional or no number is passed over, so that a careless report cannot end a run.
 */
export function advanceProgress(
  before: ExecutionProgress,
  report: Progress,
  atMs: number,
): ExecutionProgress {
  const processedCount = Math.max(before.processedCount, wholeCount(report.done) ?? 0);
  const reportedFailures = Math.max(before.failedCount, wholeCount(report.failed) ?? 0);
  const failedCount = Math.min(reportedFailures, processedCount);
  const total = wholeCount(report.total) ?? before.total;
  return {
    processedCount,
    failedCount,
    successCount: processedCount - failedCount,
    ...(total === undefined ? {} : { total: Math.max(total, processedCount) }),
    ...shortText('unit', report.unit ?? before.unit, UNIT_MAX_CHARACTERS),
    ...shortText('message', report.message ?? before.message, MESSAGE_MAX_CHARACTERS),
    atMs,
  };
}

/**
 * Takes absolute counts from a caller who keeps them himself.
 * @throws INP-0301 for counts that are negative, fractional, smaller than before, or more than were processed.
 */
export function advanceCounts(
  before: ExecutionProgress,
  counts: ExecutionCounts,
  atMs: number,
): ExecutionProgress {
  const { processedCount } = counts;
  const failedCount = counts.failedCount ?? before.failedCount;
  const successCount = counts.successCount ?? Math.max(before.successCount, processedCount - failedCount);
  const next = { processedCount, successCount, failedCount };
  for (const field of ['processedCount', 'successCount', 'failedCount'] as const) {
    if (Number.isSafeInteger(next[field]) && next[field] >= before[field]) continue;
    throw opsException(
      'INP-0301',
      `${field}: ${next[field]}; allowed: a whole number of at least ${before[field]}, as reported before`,
    );
  }
  if (successCount + failedCount > processedCount) {
    const sum = `successCount ${successCount} + failedCount ${failedCount}`;
    throw opsException('INP-0301', `${sum}; allowed: together at most processedCount ${processedCount}`);
  }
  return { ...before, ...next, atMs };
}

function wholeCount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Reports come from outside and may hold anything: only text is taken. */
function shortText<K extends string>(
  key: K,
  value: unknown,
  maxCharacters: number,
): { readonly [P in K]?: string } {
  if (typeof value !== 'string') return {};
  return { [key]: value.slice(0, maxCharacters) } as { readonly [P in K]: string };
}
