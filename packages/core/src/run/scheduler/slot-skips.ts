import type { SkipReason, SlotSkip } from '../executions/execution.ts';

/** Slots in a row, without saying whose and why. */
export type SkipRange = Pick<SlotSkip, 'fromMs' | 'toMs' | 'count' | 'capped'>;

/** A range of one slot. */
export function oneSlot(slotMs: number): SkipRange {
  return { fromMs: slotMs, toMs: slotMs, count: 1, capped: false };
}

/** A record of skipped slots. */
export function skipOf(targetId: string, reason: SkipReason, range: SkipRange): SlotSkip {
  return { targetId, reason, ...range };
}

/**
 * Joins neighbours of the same reason, so that a burst becomes one row; never across one of `runs`, the slots that are
 * run, because a row says that everything it spans was skipped.
 */
export function mergeSkips(skips: readonly SlotSkip[], runs: readonly number[] = []): readonly SlotSkip[] {
  const merged: SlotSkip[] = [];
  for (const skip of skips) {
    const last = merged.at(-1);
    const isApart = last !== undefined && runs.some((slotMs) => last.toMs < slotMs && slotMs < skip.fromMs);
    if (last === undefined || last.reason !== skip.reason || isApart) {
      merged.push(skip);
      continue;
    }
    const count = last.count + skip.count;
    merged[merged.length - 1] = { ...last, toMs: skip.toMs, count, capped: last.capped || skip.capped };
  }
  return merged;
}

/** Skips of one target whose spans overlap, as one each, whatever their reasons; in the order of time. */
export function joinOverlapping(skips: readonly SlotSkip[]): readonly SlotSkip[] {
  const joined: SlotSkip[] = [];
  for (const skip of skips.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last === undefined || last.toMs < skip.fromMs) {
      joined.push(skip);
      continue;
    }
    const toMs = Math.max(last.toMs, skip.toMs);
    const capped = last.capped || skip.capped;
    joined[joined.length - 1] = { ...last, toMs, count: last.count + skip.count, capped };
  }
  return joined;
}
