import './health-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';

/** Limits of a measured number. It is broken above `above` or below `below`, and mended once past `clear`. */
export interface ThresholdLimits {
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  /** Where a broken threshold counts as mended: at most `above`, or at least `below`. Needs exactly one of them. */
  readonly clear?: number | undefined;
}

/** How a user writes a threshold: a number (broken above it), limits, or a Nagios range such as `@10:20`. */
export type ThresholdInput = number | string | ThresholdLimits;

/** A threshold as the engine judges by it. */
export interface Threshold {
  /** Values from `from` to `to`, both included. */
  readonly from: number;
  readonly to: number;
  /** True when values inside break it (`@`), false when those outside do. */
  readonly inside: boolean;
  readonly clear?: number;
}

/** Both thresholds of a check; `crit` is judged first. */
export interface Thresholds {
  readonly warn?: Threshold;
  readonly crit?: Threshold;
}

const RANGE = /^(@?)(?:(~|-?\d+(?:\.\d+)?|-?\.\d+)?:)?(-?\d+(?:\.\d+)?|-?\.\d+)?$/;

/**
 * Reads a threshold.
 * @throws INP-0902 naming `field`, what was seen and what is allowed.
 */
export function parseThreshold(field: string, input: ThresholdInput): Threshold {
  if (typeof input === 'number') return fromLimits(field, { above: input });
  return typeof input === 'string' ? parseRange(field, input) : fromLimits(field, input);
}

/** Whether a value breaks the threshold; one that was broken stays broken until `clear` is passed. */
export function isBroken(threshold: Threshold, value: number, wasBroken: boolean): boolean {
  const { from, to, inside, clear } = threshold;
  const isInside = value >= from && value <= to;
  if (isInside === inside) return true;
  if (!wasBroken || clear === undefined) return false;
  return from === Number.NEGATIVE_INFINITY ? value > clear : value < clear;
}

/** Which thresholds a value breaks, given which were broken before. */
export function brokenThresholds(
  thresholds: Thresholds,
  value: number,
  before: { readonly warn: boolean; readonly crit: boolean },
): { readonly warn: boolean; readonly crit: boolean } {
  const { warn, crit } = thresholds;
  return {
    warn: warn !== undefined && isBroken(warn, value, before.warn),
    crit: crit !== undefined && isBroken(crit, value, before.crit),
  };
}

function fromLimits(field: string, { above, below, clear }: ThresholdLimits): Threshold {
  for (const [name, limit] of Object.entries({ above, below, clear })) {
    if (limit !== undefined && !Number.isFinite(limit)) {
      throw refusal(`${field}.${name}`, String(limit), 'a finite number');
    }
  }
  if (above === undefined && below === undefined) {
    throw refusal(field, 'neither above nor below', 'at least one of above and below');
  }
  if (clear !== undefined && above !== undefined && below !== undefined) {
    throw refusal(`${field}.clear`, 'above, below and clear', 'clear with exactly one of above and below');
  }
  if (above !== undefined && below !== undefined && below > above) {
    throw refusal(field, `below ${below} and above ${above}`, 'below at most as large as above');
  }
  if (clear !== undefined && (clear > (above ?? clear) || clear < (below ?? clear))) {
    throw refusal(`${field}.clear`, String(clear), 'a value on the good side of the limit');
  }
  return {
    from: below ?? Number.NEGATIVE_INFINITY,
    to: above ?? Number.POSITIVE_INFINITY,
    inside: false,
    ...(clear === undefined ? {} : { clear }),
  };
}

function parseRange(field: string, text: string): Threshold {
  const allowed = 'a Nagios range: 10, 10:, ~:10, 10:20, @10:20';
  const match = RANGE.exec(text.trim());
  const [, at, start, end] = match ?? [];
  if (match === null || (start === undefined && end === undefined)) {
    throw refusal(field, `'${text.slice(0, 40)}'`, allowed);
  }
  const from = start === '~' ? Number.NEGATIVE_INFINITY : Number(start ?? 0);
  const to = end === undefined ? Number.POSITIVE_INFINITY : Number(end);
  if (from > to) throw refusal(field, `'${text}'`, `${allowed}; the start is at most the end`);
  return { from, to, inside: at === '@' };
}

function refusal(field: string, seen: string, allowed: string) {
  return opsException('INP-0902', `${field}: ${seen}; allowed: ${allowed}`, { data: { field } });
}
