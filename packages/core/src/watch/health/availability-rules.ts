import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckSpan } from './check-state.ts';
import type { CheckDay } from './health-changes.ts';

const DAY_MS = 86_400_000;

/** A span of wall time, ms UTC; `toMs` is not part of it. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long a check was in which status, and what share of the time that was. Shares are 0 … 1. */
export interface Availability extends TimeRange {
  readonly passMs: number;
  readonly warnMs: number;
  readonly failMs: number;
  /** Nobody could look, or nobody did. */
  readonly unknownMs: number;
  /** Left out of every share. */
  readonly maintenanceMs: number;
  /** Pass and warn of the time that is known; absent when nothing is known. */
  readonly known?: number;
  /** The same with unknown time counted as down; absent when all of the range is maintenance. */
  readonly strict?: number;
  /** Share of the time that is known; absent when all of the range is maintenance. */
  readonly coverage?: number;
}

type Sums = Record<'passMs' | 'warnMs' | 'failMs' | 'unknownMs' | 'maintenanceMs', number>;

const FIELD = {
  pass: 'passMs',
  warn: 'warnMs',
  fail: 'failMs',
  unknown: 'unknownMs',
} as const satisfies Record<CheckStatus, keyof Sums>;

/**
 * Accounts of a range, weighted by time and not by looks. Stretches are exact; a day that was summed up and lies only
 * partly in the range counts by its share. What nothing covers is unknown.
 */
export function availabilityOf(
  range: TimeRange,
  spans: readonly CheckSpan[],
  days: readonly CheckDay[] = [],
): Availability {
  const sums = zero();
  for (const span of spans) addSpan(sums, span, overlapMs(range, span));
  for (const day of days) {
    const share = overlapMs(range, { fromMs: day.dayMs, toMs: day.dayMs + DAY_MS }) / DAY_MS;
    for (const key of Object.keys(sums) as (keyof Sums)[]) sums[key] += day[key] * share;
  }
  const totalMs = Math.max(0, range.toMs - range.fromMs);
  const coveredMs = sums.passMs + sums.warnMs + sums.failMs + sums.unknownMs + sums.maintenanceMs;
  sums.unknownMs += Math.max(0, totalMs - coveredMs);
  const upMs = sums.passMs + sums.warnMs;
  const knownMs = upMs + sums.failMs;
  const countedMs = knownMs + sums.unknownMs;
  return {
    ...range,
    ...sums,
    ...(knownMs > 0 ? { known: upMs / knownMs } : {}),
    ...(countedMs > 0 ? { strict: upMs / countedMs, coverage: knownMs / countedMs } : {}),
  };
}

/** Sums of the UTC days that the stretches lie in, oldest first. */
export function daysOf(checkId: string, spans: readonly CheckSpan[]): readonly CheckDay[] {
  const days = new Map<number, Sums>();
  for (const span of spans) {
    for (let dayMs = startOfDay(span.fromMs); dayMs < span.toMs; dayMs += DAY_MS) {
      const sums = days.get(dayMs) ?? zero();
      addSpan(sums, span, overlapMs({ fromMs: dayMs, toMs: dayMs + DAY_MS }, span));
      days.set(dayMs, sums);
    }
  }
  return [...days].sort(([a], [b]) => a - b).map(([dayMs, sums]) => ({ checkId, dayMs, ...sums }));
}

function addSpan(sums: Sums, span: CheckSpan, ms: number): void {
  sums[span.maintenance ? 'maintenanceMs' : FIELD[span.status]] += ms;
}

function overlapMs(a: TimeRange, b: TimeRange): number {
  return Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));
}

function startOfDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

function zero(): Sums {
  return { passMs: 0, warnMs: 0, failMs: 0, unknownMs: 0, maintenanceMs: 0 };
}
