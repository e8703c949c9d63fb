import { anchorsBetween, countAnchors, nextAnchor, previousAnchor } from '../calendars/anchor-rules.ts';
import { nextCronSlot, previousCronSlot } from './cron-slots.ts';
import type { CronSchedule, IntervalSchedule, Schedule } from './schedule.ts';

/** A stretch of time in which slots are counted: after `afterMs` (exclusive) up to `untilMs` (inclusive). */
export interface SlotSpan {
  readonly afterMs: number;
  readonly untilMs: number;
  /** End of the previous run, for schedules in `delay` mode; without it `afterMs` takes its place. */
  readonly anchorMs?: number | undefined;
}

/** How many slots a span holds, and the outermost ones. */
export interface SlotCount {
  /** Exact, unless `capped`: then there are at least this many. */
  readonly count: number;
  readonly capped: boolean;
  /** Absent when there is no slot. */
  readonly firstMs?: number;
  /** Absent when there is no slot; exact even when `capped`. */
  readonly lastMs?: number;
}

/** Largest number of cron slots that are counted one by one. */
export const maxCountedSlots = 1_000;

/**
 * The first slot strictly after an instant; undefined when the schedule never fires, or its calendar has no later session.
 * Instants are whole milliseconds. In `delay` mode slots lie `everyMs` apart from `anchorMs`, the end of the previous run (default: `afterMs`).
 * A RangeError for an unknown zone, a plain Error for a schedule that `checkSchedule` refuses for lack of `dayMatch`.
 */
export function nextSlot(schedule: Schedule, afterMs: number, anchorMs = afterMs): number | undefined {
  switch (schedule.kind) {
    case 'interval': {
      const grid = gridOf(schedule, anchorMs);
      const index = Math.floor((afterMs - grid.startMs) / schedule.everyMs) + 1;
      return grid.startMs + Math.max(index, grid.firstIndex) * schedule.everyMs;
    }
    case 'cron':
      return nextCronSlot(schedule, afterMs);
    case 'anchor':
      return nextAnchor(schedule.calendar, schedule.anchor, afterMs);
    default:
      return schedule satisfies never;
  }
}

/** The last slot strictly before an instant; undefined when there is none. In `delay` mode an anchor is needed. */
export function previousSlot(schedule: Schedule, beforeMs: number, anchorMs?: number): number | undefined {
  switch (schedule.kind) {
    case 'interval': {
      const grid = gridOf(schedule, anchorMs ?? beforeMs);
      const index = Math.ceil((beforeMs - grid.startMs) / schedule.everyMs) - 1;
      return index < grid.firstIndex ? undefined : grid.startMs + index * schedule.everyMs;
    }
    case 'cron':
      return previousCronSlot(schedule, beforeMs);
    case 'anchor':
      return previousAnchor(schedule.calendar, schedule.anchor, beforeMs);
    default:
      return schedule satisfies never;
  }
}

/**
 * Counts the slots of a span: by division for intervals, by their place in the calendar for anchors, one by one up to
 * `cap` for cron. The cost does not grow with the length of the span beyond `cap`.
 */
export function countSlots(schedule: Schedule, span: SlotSpan, cap = maxCountedSlots): SlotCount {
  switch (schedule.kind) {
    case 'interval':
      return countIntervalSlots(schedule, span);
    case 'cron':
      return countCronSlots(schedule, span, cap);
    case 'anchor':
      return { ...countAnchors(schedule.calendar, schedule.anchor, span), capped: false };
    default:
      return schedule satisfies never;
  }
}

/** The newest `limit` slots of a span in ascending order. */
export function slotsBetween(schedule: Schedule, span: SlotSpan, limit: number): number[] {
  const { afterMs, untilMs, anchorMs = afterMs } = span;
  if (schedule.kind === 'anchor') {
    return anchorsBetween(schedule.calendar, schedule.anchor, { afterMs, untilMs, limit });
  }
  const slots: number[] = [];
  let slotMs = previousSlot(schedule, untilMs + 1, anchorMs);
  while (slotMs !== undefined && slotMs > afterMs && slots.length < limit) {
    slots.push(slotMs);
    slotMs = previousSlot(schedule, slotMs, anchorMs);
  }
  return slots.reverse();
}

/** The first `count` slots after an instant in ascending order; fewer only when the schedule never fires again. */
export function upcomingSlots(schedule: Schedule, afterMs: number, count: number): number[] {
  const slots: number[] = [];
  let slotMs = nextSlot(schedule, afterMs);
  while (slotMs !== undefined && slots.length < count) {
    slots.push(slotMs);
    slotMs = nextSlot(schedule, slotMs, slotMs);
  }
  return slots;
}

function countIntervalSlots(schedule: IntervalSchedule, span: SlotSpan): SlotCount {
  const { afterMs, untilMs, anchorMs = afterMs } = span;
  const firstMs = nextSlot(schedule, afterMs, anchorMs);
  if (firstMs === undefined || firstMs > untilMs) return { count: 0, capped: false };
  const lastMs = previousSlot(schedule, untilMs + 1, anchorMs) ?? firstMs;
  return { count: (lastMs - firstMs) / schedule.everyMs + 1, capped: false, firstMs, lastMs };
}

function countCronSlots(schedule: CronSchedule, { afterMs, untilMs }: SlotSpan, cap: number): SlotCount {
  const firstMs = nextCronSlot(schedule, afterMs);
  if (firstMs === undefined || firstMs > untilMs) return { count: 0, capped: false };
  const lastMs = previousCronSlot(schedule, untilMs + 1) ?? firstMs;
  let count = 1;
  let slotMs = firstMs;
  while (slotMs < lastMs && count < cap) {
    slotMs = nextCronSlot(schedule, slotMs) ?? lastMs;
    count += 1;
  }
  return { count, capped: slotMs < lastMs, firstMs, lastMs };
}

interface Grid {
  readonly startMs: number;
  /** Index of the first slot; a delay counts from its anchor, which is not a slot itself. */
  readonly firstIndex: number;
}

function gridOf(schedule: IntervalSchedule, anchorMs: number): Grid {
  return schedule.mode === 'rate'
    ? { startMs: schedule.phaseMs, firstIndex: Number.NEGATIVE_INFINITY }
    : { startMs: anchorMs, firstIndex: 1 };
}
