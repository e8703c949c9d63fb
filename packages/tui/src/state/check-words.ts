import { type CheckStatus, checkStatusAt, type HealthCheckView, healthStatusAt } from '@qts-ops/core/client';
import { isFresh } from './link.ts';
import type { Reading } from './target-words.ts';

/** Status of a check in one word, most urgent first. */
export const CHECK_WORDS = ['FAIL', 'UNKNOWN', 'WARN', 'PASS'] as const;
/** One of the status words. */
export type CheckWord = (typeof CHECK_WORDS)[number];

const WORDS: Readonly<Record<CheckStatus, CheckWord>> = {
  fail: 'FAIL',
  unknown: 'UNKNOWN',
  warn: 'WARN',
  pass: 'PASS',
};

/** The word a check shows, worked out when it is read: too old a look, or no link, is UNKNOWN and never green. */
export function checkWord(check: HealthCheckView, { link, nowMs }: Reading): CheckWord {
  return isFresh(link) ? WORDS[checkStatusAt(check, nowMs)] : 'UNKNOWN';
}

/** True when only its age makes a check unknown. */
export function isStale({ staleAtMs }: HealthCheckView, nowMs: number): boolean {
  return staleAtMs !== undefined && nowMs > staleAtMs;
}

/** What all checks together say; absent when there is none. A check that is not critical makes it at most WARN. */
export function healthWord(
  checks: ReadonlyMap<string, HealthCheckView>,
  { link, nowMs }: Reading,
): CheckWord | undefined {
  if (checks.size === 0) return undefined;
  return isFresh(link) ? WORDS[healthStatusAt([...checks.values()], nowMs)] : 'UNKNOWN';
}

/** How many checks show each word. */
export function countChecks(
  checks: Iterable<HealthCheckView>,
  reading: Reading,
): Readonly<Record<CheckWord, number>> {
  const counts: Record<CheckWord, number> = { FAIL: 0, UNKNOWN: 0, WARN: 0, PASS: 0 };
  for (const check of checks) counts[checkWord(check, reading)] += 1;
  return counts;
}

/** Most urgent first: by word, critical before others, then by name. Link loss moves no row. */
export function orderChecks(checks: Iterable<HealthCheckView>, nowMs: number): readonly HealthCheckView[] {
  const rank = (check: HealthCheckView): number =>
    CHECK_WORDS.indexOf(WORDS[checkStatusAt(check, nowMs)]) * 2 + (check.critical ? 0 : 1);
  return [...checks].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}
