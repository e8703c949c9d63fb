import type { CheckSpan, CheckState } from './check-state.ts';
import type { CheckDay, CheckTransition, HealthGap } from './health-changes.ts';
import type { PingStore } from './ping.ts';

/** What the health chapter remembers. */
export interface HealthStore extends PingStore {
  /** States of all checks that were ever looked at and not removed, by id. */
  readCheckStates(): Promise<readonly CheckState[]>;
  /** Transitions of a check, newest first, at most `limit` (1 … 1000). */
  readCheckTransitions(checkId: string, limit: number): Promise<readonly CheckTransition[]>;
  /** Stretches that overlap `fromMs … toMs`, oldest first, whole and not cut. */
  readCheckSpans(checkId: string, fromMs: number, toMs: number): Promise<readonly CheckSpan[]>;
  /** Sums of the days that overlap `fromMs … toMs`, oldest first. */
  readCheckDays(checkId: string, fromMs: number, toMs: number): Promise<readonly CheckDay[]>;
  /** How many stretches a check has and where the oldest begins; absent when it has none. */
  readSpanCount(checkId: string): Promise<{ readonly count: number; readonly oldestMs?: number }>;
  /** Gaps of the engine, newest first, at most `limit` (1 … 1000). */
  readHealthGaps(limit: number): Promise<readonly HealthGap[]>;
}
