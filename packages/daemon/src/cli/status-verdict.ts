import {
  checkStatusAt,
  type HealthCheckView,
  type OpsSnapshot,
  TARGET_WORDS,
  type TargetWord,
  targetWord,
  verdictOf,
} from '@qts-ops/core/client';
import type { STATUS_EXIT } from './exit-codes.ts';

export type Verdict = keyof typeof STATUS_EXIT;

/** What `status` says about an engine that answers. */
export interface StatusVerdict {
  readonly verdict: Verdict;
  /** Every state word that occurs, most urgent first, and how often. */
  readonly counts: Readonly<Partial<Record<TargetWord, number>>>;
  /** Targets that are not well, most urgent first. */
  readonly unwell: ReadonlyArray<{ readonly id: string; readonly word: TargetWord }>;
  /** Checks that fail, critical ones first. */
  readonly failingChecks: ReadonlyArray<Pick<HealthCheckView, 'id' | 'critical' | 'message'>>;
}

const UNWELL: readonly TargetWord[] = ['FAIL', 'SUSP', 'WARN', 'STALE'];

/** Judges a snapshot as every program does (`verdictOf`), and names what is not well. */
export function judge(snapshot: OpsSnapshot): StatusVerdict {
  const words = snapshot.targets.map((target) => ({
    id: target.id,
    word: targetWord(target, snapshot.atMs),
  }));
  const counted = TARGET_WORDS.map(
    (word) => [word, words.filter((entry) => entry.word === word).length] as const,
  );
  const unwell = words
    .filter(({ word }) => UNWELL.includes(word))
    .sort((a, b) => TARGET_WORDS.indexOf(a.word) - TARGET_WORDS.indexOf(b.word));
  const failingChecks = snapshot.health.checks
    .filter((check) => checkStatusAt(check, snapshot.atMs) === 'fail')
    .map(({ id, critical, message }) => ({ id, critical, ...(message === undefined ? {} : { message }) }))
    .sort((a, b) => Number(b.critical) - Number(a.critical));
  return {
    verdict: verdictOf(snapshot),
    counts: Object.fromEntries(counted.filter(([, count]) => count > 0)),
    unwell,
    failingChecks,
  };
}
