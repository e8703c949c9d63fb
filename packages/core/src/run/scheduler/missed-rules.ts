import type { MissedPolicy } from '../targets/target-policies.ts';
import type { SlotCount, SlotSpan } from './next-slot.ts';
import type { Schedule } from './schedule.ts';
import { countOpenSlots, openSlotsBetween } from './session-slots.ts';
import type { SkipRange } from './slot-skips.ts';

/** Slots that passed beyond their grace, and what a target wants done about them (rule S7). */
export interface LateInput {
  readonly schedule: Schedule;
  /** The slots in question; later ones are still within their grace. */
  readonly span: SlotSpan;
  readonly nowMs: number;
  readonly policy: MissedPolicy;
  /** True when a slot within its grace is due too: `latest` then needs no run of its own. */
  readonly hasNewer: boolean;
}

/** What becomes of them: each slot is in exactly one list. */
export interface LateSlots {
  /** Are run after all, oldest first. */
  readonly caughtUp: readonly number[];
  readonly missed: readonly SkipRange[];
  /** Fell outside the target's calendar. */
  readonly closed: readonly SkipRange[];
  /** What the first run that follows says it stands for; absent unless the policy is `latest`. */
  readonly standsFor?: { readonly missedCount: number; readonly missedFromMs: number };
}

/** Never loops once per missed slot: intervals divide, cron counts at most 1,000. */
export function lateSlots(input: LateInput): LateSlots {
  const { schedule, span, policy } = input;
  const caughtUp = slotsToCatchUp(input);
  const firstMs = caughtUp[0];
  const before = rangesOf(schedule, { ...span, untilMs: firstMs === undefined ? span.untilMs : firstMs - 1 });
  const between = caughtUp.length < 2 ? NOTHING : gapsBetween(schedule, caughtUp);
  const after =
    firstMs === undefined
      ? NOTHING
      : rangesOf(schedule, { afterMs: caughtUp.at(-1) ?? firstMs, untilMs: span.untilMs });
  const missed = [...before.missed, ...between.missed, ...after.missed];
  const closed = [...before.closed, ...between.closed, ...after.closed];
  const [oldest] = missed;
  if (policy.kind !== 'latest' || oldest === undefined) return { caughtUp, missed, closed };
  const missedCount = missed.reduce((sum, range) => sum + range.count, 0);
  return { caughtUp, missed, closed, standsFor: { missedCount, missedFromMs: oldest.fromMs } };
}

interface Ranges {
  readonly missed: readonly SkipRange[];
  readonly closed: readonly SkipRange[];
}

const NOTHING: Ranges = { missed: [], closed: [] };

function slotsToCatchUp(input: LateInput): readonly number[] {
  const { schedule, span, policy, nowMs } = input;
  switch (policy.kind) {
    case 'skip':
      return [];
    case 'latest':
      return input.hasNewer ? [] : openSlotsBetween(schedule, span, 1);
    case 'all': {
      const afterMs = Math.max(span.afterMs, nowMs - policy.windowMs - 1);
      return openSlotsBetween(schedule, { ...span, afterMs }, policy.maxCatchUp);
    }
    default:
      return policy satisfies never;
  }
}

function gapsBetween(schedule: Schedule, slots: readonly number[]): Ranges {
  const gaps = slots
    .slice(1)
    .map((untilMs, index) => rangesOf(schedule, { afterMs: slots[index] ?? untilMs, untilMs: untilMs - 1 }));
  return { missed: gaps.flatMap((gap) => gap.missed), closed: gaps.flatMap((gap) => gap.closed) };
}

function rangesOf(schedule: Schedule, span: SlotSpan): Ranges {
  const { open, closed, capped, firstClosedMs, lastClosedMs } = countOpenSlots(schedule, span);
  return {
    missed: rangeOf(open),
    closed: rangeOf({
      count: closed,
      capped,
      ...(firstClosedMs === undefined ? {} : { firstMs: firstClosedMs }),
      ...(lastClosedMs === undefined ? {} : { lastMs: lastClosedMs }),
    }),
  };
}

function rangeOf({ count, capped, firstMs, lastMs }: SlotCount): readonly SkipRange[] {
  if (count === 0 || firstMs === undefined || lastMs === undefined) return [];
  return [{ fromMs: firstMs, toMs: lastMs, count, capped }];
}
