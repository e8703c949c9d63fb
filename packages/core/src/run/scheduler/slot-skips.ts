import type { SkipReason, SlotSkip } from '../executions/execution.ts';

/** Slots in a row, without saying whose and why. */
export type SkipRange = Pick<SlotSkip, 'fromMs' | 'toMs' | 'count' | 'capped'>;

/** A record of skipped slots. */
export function skipOf(targetId: string, reason: SkipReason, range: SkipRange): SlotSkip {
  return { targetId, reason, ...range };
}

/** Joins neighbours of the same reason, so that a burst becomes one row. */
export function mergeSkips(skips: readonly SlotSkip[]): readonly SlotSkip[] {
  const merged: SlotSkip[] = [];
  for (const skip of skips) {
    const last = merged.at(-1);
    if (last === undefined || last.reason !== skip.reason) {
      merged.push(skip);
      continue;
    }
    const count = last.count + skip.count;
    merged[merged.length - 1] = { ...last, toMs: skip.toMs, count, capped: last.capped || skip.capped };
  }
  return merged;
}
