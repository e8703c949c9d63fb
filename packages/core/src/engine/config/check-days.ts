import { formatInstant } from '../../kernel/time/civil.ts';
import { daySpanOf } from '../../run/scheduler/day-slots.ts';
import { upcomingSlots } from '../../run/scheduler/next-slot.ts';
import { describeSchedule, type Schedule } from '../../run/scheduler/schedule.ts';
import type { ConfigPlace } from './config-place.ts';

/** So many slots of a schedule are looked at: more than a year of one slot a day. */
const lookedAtSlots = 400;

/** A target whose runs are to be matched by their calendar day. */
export interface MatchedByDay {
  readonly id: string;
  readonly schedule: Schedule;
  /** Zone of the calendar days. */
  readonly zone: string;
}

/** Reports a target that others follow day by day although its slots do not tell days apart; true when it may be followed. */
export function reportCrowdedDay(
  { id, schedule, zone }: MatchedByDay,
  place: ConfigPlace,
  nowMs: number,
): boolean {
  const crowded = findCrowdedDay(schedule, zone, nowMs);
  if (crowded === undefined) return true;
  place.report({
    value: id,
    message: `${place.show(id)} (${describeSchedule(schedule)}) ${crowded}, so its runs cannot be matched by their day`,
    allowed: `targets with at most one slot on each calendar day in ${zone}`,
    remedy: "let it run once a day, or match runs of the same slot: afterBy: 'slot'",
  });
  return false;
}

/** What is wrong, as a part of a sentence; undefined when no day has two slots. */
function findCrowdedDay(schedule: Schedule, zone: string, nowMs: number): string | undefined {
  if (schedule.kind === 'interval' && schedule.mode === 'delay') return 'has no fixed slots';
  let beforeMs: number | undefined;
  for (const slotMs of upcomingSlots(schedule, nowMs, lookedAtSlots)) {
    if (beforeMs !== undefined && daySpanOf(zone, beforeMs).endMs > slotMs) {
      const [one, other] = [beforeMs, slotMs].map((ms) => formatInstant(ms, zone));
      return `has two slots on one day: ${one} and ${other}`;
    }
    beforeMs = slotMs;
  }
  return undefined;
}
