import type { MissedPolicy } from '../targets/target-policies.ts';
import { countSlots, type SlotSpan, slotsBetween } from './next-slot.ts';
import type { Schedule } from './schedule.ts';
import { countOpenSlots, isOpenSlot } from './session-slots.ts';
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
      return input.hasNewer ? [] : openSlots(schedule, span, 1);
    case 'all': {
      const afterMs = Math.max(span.afterMs, nowMs - policy.windowMs - 1);
      return openSlots(schedule, { ...span, afterMs }, policy.maxCatchUp);
    }
    default:
      return policy satisfies never;
  }
}

/** The newest open slots; a calendar is looked through back to as many slots as a cron expression is counted. */
function openSlots(schedule: Schedule, span: SlotSpan, limit: number): readonly number[] {
  const newest = slotsBetween(schedule, span, isAlwaysOpen(schedule) ? limit : 1000);
  return newest.filter((slotMs) => isOpenSlot(schedule, slotMs)).slice(-limit);
}

function isAlwaysOpen(schedule: Schedule): boolean {
  return schedule.sessions === undefined;
}

function gapsBetween(schedule: Schedule, slots: readonly number[]): Ranges {
  const gaps = slots
    .slice(1)
    .map((untilMs, index) => rangesOf(schedule, { afterMs: slots[index] ?? untilMs, untilMs: untilMs - 1 }));
  return { missed: gaps.flatMap((gap) => gap.missed), closed: gaps.flatMap((gap) => gap.closed) };
}

function rangesOf(schedule: Schedule, span: SlotSpan): Ranges {
  const all = countSlots(schedule, span);
  if (all.count === 0 || all.firstMs === undefined || all.lastMs === undefined) return NOTHING;
  const range = { fromMs: all.firstMs, toMs: all.lastMs, capped: all.capped };
  if (isAlwaysOpen(schedule)) return { missed: [{ ...range, count: all.count }], closed: [] };
  const { open, closed } = countOpenSlots(schedule, span);
  return {
    missed:
      open.count === 0
        ? []
        : [
            {
              ...range,
              count: open.count,
              fromMs: open.firstMs ?? all.firstMs,
              toMs: open.lastMs ?? all.lastMs,
            },
          ],
    closed: closed === 0 ? [] : [{ ...range, count: closed }],
  };
}
