import { segmentAt, segmentReaching, shownThrough, type ZoneSegment } from '../../kernel/time/zone.ts';
import { type CronLabels, labelAtOrAfter, labelAtOrBefore, labelsOf } from './cron-labels.ts';
import {
  type CronSchedule,
  type IntervalSchedule,
  isElapsedLike,
  needsDayMatch,
  type Schedule,
} from './schedule.ts';

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
 * The first slot strictly after an instant; undefined when the schedule never fires.
 * Instants are whole milliseconds. In `delay` mode slots lie `everyMs` apart from `anchorMs`, the end of the previous run (default: `afterMs`).
 * A RangeError for an unknown zone, a plain Error for a schedule that `checkSchedule` refuses for lack of `dayMatch`.
 */
export function nextSlot(schedule: Schedule, afterMs: number, anchorMs = afterMs): number | undefined {
  if (schedule.kind === 'interval') {
    const grid = gridOf(schedule, anchorMs);
    const index = Math.floor((afterMs - grid.startMs) / schedule.everyMs) + 1;
    return grid.startMs + Math.max(index, grid.firstIndex) * schedule.everyMs;
  }
  return isElapsedLike(schedule.fields)
    ? nextElapsedSlot(schedule, afterMs)
    : nextWallSlot(schedule, afterMs);
}

/** The last slot strictly before an instant; undefined when there is none. In `delay` mode an anchor is needed. */
export function previousSlot(schedule: Schedule, beforeMs: number, anchorMs?: number): number | undefined {
  if (schedule.kind === 'interval') {
    const grid = gridOf(schedule, anchorMs ?? beforeMs);
    const index = Math.ceil((beforeMs - grid.startMs) / schedule.everyMs) - 1;
    return index < grid.firstIndex ? undefined : grid.startMs + index * schedule.everyMs;
  }
  return isElapsedLike(schedule.fields)
    ? previousElapsedSlot(schedule, beforeMs)
    : previousWallSlot(schedule, beforeMs);
}

/**
 * Counts the slots of a span: by division for intervals, one by one up to `cap` for cron.
 * The cost does not grow with the length of the span beyond `cap`.
 */
export function countSlots(schedule: Schedule, span: SlotSpan, cap = maxCountedSlots): SlotCount {
  const { afterMs, untilMs, anchorMs = afterMs } = span;
  const firstMs = nextSlot(schedule, afterMs, anchorMs);
  if (firstMs === undefined || firstMs > untilMs) return { count: 0, capped: false };
  const lastMs = previousSlot(schedule, untilMs + 1, anchorMs) ?? firstMs;
  if (schedule.kind === 'interval') {
    return { count: (lastMs - firstMs) / schedule.everyMs + 1, capped: false, firstMs, lastMs };
  }
  let count = 1;
  let slotMs = firstMs;
  while (slotMs < lastMs && count < cap) {
    slotMs = nextSlot(schedule, slotMs) ?? lastMs;
    count += 1;
  }
  return { count, capped: slotMs < lastMs, firstMs, lastMs };
}

/** The newest `limit` slots of a span in ascending order. */
export function slotsBetween(schedule: Schedule, span: SlotSpan, limit: number): number[] {
  const { afterMs, untilMs, anchorMs = afterMs } = span;
  const slots: number[] = [];
  let slotMs = previousSlot(schedule, untilMs + 1, anchorMs);
  while (slotMs !== undefined && slotMs > afterMs && slots.length < limit) {
    slots.push(slotMs);
    slotMs = previousSlot(schedule, slotMs, anchorMs);
  }
  return slots.reverse();
}

/** The first `count` slots after an instant in ascending order; fewer only when the schedule never fires. */
export function upcomingSlots(schedule: Schedule, afterMs: number, count: number): number[] {
  const slots: number[] = [];
  let slotMs = nextSlot(schedule, afterMs);
  while (slotMs !== undefined && slots.length < count) {
    slots.push(slotMs);
    slotMs = nextSlot(schedule, slotMs, slotMs);
  }
  return slots;
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

/*
 * Hours restricted: each wall time fires once, when the wall clock first shows it or jumps over it. Both ways the
 * mapping from wall times to instants never decreases, so the neighbour among wall times is the neighbour in time.
 */

function nextWallSlot(schedule: CronSchedule, afterMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let label = labelAtOrAfter(labels, shownThrough(schedule.timeZone, afterMs));
  while (label !== undefined) {
    const segment = segmentReaching(schedule.timeZone, label);
    if (!isSkipped(schedule, segment, label)) return instantOf(segment, label);
    label = labelAtOrAfter(labels, segment.startMs + segment.offsetMs);
  }
  return undefined;
}

function previousWallSlot(schedule: CronSchedule, beforeMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let label = labelAtOrBefore(labels, shownThrough(schedule.timeZone, beforeMs - 1) - 1);
  while (label !== undefined) {
    const segment = segmentReaching(schedule.timeZone, label);
    if (!isSkipped(schedule, segment, label)) return instantOf(segment, label);
    label = labelAtOrBefore(labels, shownThrough(schedule.timeZone, segment.startMs - 1) - 1);
  }
  return undefined;
}

function isSkipped(schedule: CronSchedule, segment: ZoneSegment, label: number): boolean {
  return schedule.dstGap === 'skip' && label - segment.offsetMs < segment.startMs;
}

function instantOf(segment: ZoneSegment, label: number): number {
  return Math.max(segment.startMs, label - segment.offsetMs);
}

/*
 * All 24 hours selected: whatever the wall clock shows fires, twice if it is shown twice. A schedule such as
 * "every 15 minutes" so keeps its real distance through both clock changes.
 */

function nextElapsedSlot(schedule: CronSchedule, afterMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let segment = segmentAt(schedule.timeZone, afterMs);
  let fromMs = afterMs + 1;
  for (;;) {
    const label = labelAtOrAfter(labels, fromMs + segment.offsetMs);
    if (label === undefined) return undefined;
    if (label - segment.offsetMs < segment.endMs) return label - segment.offsetMs;
    segment = segmentAt(schedule.timeZone, segment.endMs);
    fromMs = segment.startMs;
  }
}

function previousElapsedSlot(schedule: CronSchedule, beforeMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let toMs = beforeMs - 1;
  for (;;) {
    const segment = segmentAt(schedule.timeZone, toMs);
    const label = labelAtOrBefore(labels, toMs + segment.offsetMs);
    if (label === undefined) return undefined;
    if (label - segment.offsetMs >= segment.startMs) return label - segment.offsetMs;
    toMs = segment.startMs - 1;
  }
}

function labelsOfSchedule({ expression, fields, dayMatch }: CronSchedule): CronLabels {
  if (dayMatch === undefined && needsDayMatch(fields)) {
    throw new Error(`cron '${expression}' restricts both day fields and has no dayMatch`);
  }
  return labelsOf(fields, dayMatch ?? 'and');
}
