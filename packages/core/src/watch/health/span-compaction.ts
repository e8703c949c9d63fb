import { daysOf } from './availability-rules.ts';
import type { CheckSpan } from './check-state.ts';
import type { HealthChange } from './health-changes.ts';
import type { HealthStore } from './health-store.ts';

/** Stretches are kept one by one for so long, ms (35 days). */
export const SPANS_KEPT_MS = 35 * 86_400_000;
/** Stretches of a check that are kept one by one at most; more come from a restless check. */
export const SPANS_KEPT_MAX = 2000;
/** Transitions of a check that are kept. */
const TRANSITIONS_KEPT = 1000;

/** The change that keeps the history of a check within its bounds; absent when it is. */
export async function planCompaction(
  checkId: string,
  store: Pick<HealthStore, 'readSpanCount' | 'readCheckSpans'>,
  nowMs: number,
): Promise<HealthChange | undefined> {
  const cutoffMs = nowMs - SPANS_KEPT_MS;
  const { count, oldestMs } = await store.readSpanCount(checkId);
  if (oldestMs === undefined) return undefined;
  if (count <= SPANS_KEPT_MAX && oldestMs >= cutoffMs - 86_400_000) return undefined;
  const spans = await store.readCheckSpans(checkId, 0, Number.MAX_SAFE_INTEGER);
  return compactionOf(checkId, spans, cutoffMs);
}

/** Sums up the stretches that are too old or too many; half of the bound is kept, so that it is seldom reached. */
export function compactionOf(
  checkId: string,
  spans: readonly CheckSpan[],
  cutoffMs: number,
): HealthChange | undefined {
  const surplus = spans.length > SPANS_KEPT_MAX ? spans.length - SPANS_KEPT_MAX / 2 : 0;
  // The last one may still be growing.
  const old = spans.slice(0, -1).filter((span, place) => place < surplus || span.toMs <= cutoffMs);
  const last = old.at(-1);
  if (last === undefined) return undefined;
  return {
    kind: 'health.compact',
    checkId,
    throughMs: last.toMs,
    days: daysOf(checkId, old),
    keepTransitions: TRANSITIONS_KEPT,
  };
}
