import type { LocalText } from '../../kernel/define-errors.ts';
import { formatDate } from '../../kernel/time/civil.ts';
import { explainDay, explainSkip } from '../calendars/calendar-reasons.ts';
import {
  countSlots,
  maxCountedSlots,
  nextSlot,
  type SlotCount,
  type SlotSpan,
  slotsBetween,
} from './next-slot.ts';
import { type Schedule, type SessionFilter, sessionsOf } from './schedule.ts';
import { filterStateAt, type SessionStretch, stretchFrom } from './session-stretches.ts';

/** How many slots of a span the trading calendar lets pass, and how many it takes away. */
export interface OpenSlotCount {
  /** Slots that pass; `lastMs` is exact even when `capped`. */
  readonly open: SlotCount;
  /** Slots that fall outside the sessions; exact, unless `capped`: then there are at least this many. */
  readonly closed: number;
  readonly capped: boolean;
  /** The outermost slots outside the sessions; absent when there is none. */
  readonly firstClosedMs?: number;
  readonly lastClosedMs?: number;
}

/** Whether the trading calendar of a schedule lets a slot at an instant pass; true without one. */
export function isOpenSlot(schedule: Schedule, slotMs: number): boolean {
  const sessions = sessionsOf(schedule);
  return sessions === undefined || filterStateAt(sessions, slotMs).inside;
}

/**
 * The first slot strictly after an instant that the trading calendar lets pass; undefined when its data hold none.
 * Closed times are jumped over: the cost grows with the sessions that have no slot, never with the slots between them.
 * `anchorMs` is the end of the previous run, for schedules in `delay` mode.
 */
export function nextOpenSlot(schedule: Schedule, afterMs: number, anchorMs = afterMs): number | undefined {
  const sessions = sessionsOf(schedule);
  let slotMs = nextSlot(schedule, afterMs, anchorMs);
  if (sessions === undefined) return slotMs;
  while (slotMs !== undefined) {
    const { inside, untilMs } = filterStateAt(sessions, slotMs);
    if (inside) return slotMs;
    slotMs = untilMs === undefined ? undefined : nextSlot(schedule, Math.max(slotMs, untilMs - 1), anchorMs);
  }
  return undefined;
}

/** The first `count` slots after an instant that pass, ascending; fewer when the schedule or the data have no more. */
export function upcomingOpenSlots(schedule: Schedule, afterMs: number, count: number): number[] {
  const slots: number[] = [];
  let slotMs = nextOpenSlot(schedule, afterMs);
  while (slotMs !== undefined && slots.length < count) {
    slots.push(slotMs);
    slotMs = nextOpenSlot(schedule, slotMs);
  }
  return slots;
}

/** The newest `limit` slots of a span that pass, in ascending order; the cost grows with its sessions and `limit`. */
export function openSlotsBetween(schedule: Schedule, span: SlotSpan, limit: number): number[] {
  const sessions = sessionsOf(schedule);
  if (sessions === undefined) return slotsBetween(schedule, span, limit);
  const found: number[][] = [];
  let count = 0;
  const stretches = [...stretchesWithSlots(schedule, sessions, span)].filter(({ open }) => open);
  for (const stretch of stretches.reverse()) {
    if (count >= limit) break;
    const slots = slotsBetween(schedule, spanOf(span, stretch), limit - count);
    found.push(slots);
    count += slots.length;
  }
  return found.reverse().flat();
}

/**
 * Counts the slots of a span on both sides of the trading calendar: by division for intervals, one by one for cron, up to
 * `cap` on each side. The cost grows with the sessions of the span and with `cap`, not with its slots.
 */
export function countOpenSlots(schedule: Schedule, span: SlotSpan, cap = maxCountedSlots): OpenSlotCount {
  const sessions = sessionsOf(schedule);
  if (sessions === undefined) return { open: countSlots(schedule, span, cap), closed: 0, capped: false };
  let open: SlotCount = { count: 0, capped: false };
  let closed: SlotCount = { count: 0, capped: false };
  for (const stretch of stretchesWithSlots(schedule, sessions, span)) {
    const before = stretch.open ? open : closed;
    const left = schedule.kind === 'interval' ? Number.POSITIVE_INFINITY : cap - before.count;
    const added = countSlots(schedule, spanOf(span, stretch), Math.max(1, left));
    const sum = joined(before, left > 0 ? added : { ...added, count: 0, capped: true });
    if (stretch.open) open = sum;
    else closed = sum;
  }
  return {
    open,
    closed: closed.count,
    capped: closed.capped,
    ...(closed.firstMs === undefined ? {} : { firstClosedMs: closed.firstMs }),
    ...(closed.lastMs === undefined ? {} : { lastClosedMs: closed.lastMs }),
  };
}

/** Why the trading calendar takes a slot away, in words; absent for a slot that passes. */
export function explainClosedSlot(schedule: Schedule, slotMs: number): LocalText | undefined {
  const sessions = sessionsOf(schedule);
  if (sessions === undefined || isOpenSlot(schedule, slotMs)) return undefined;
  const { calendar, window } = sessions;
  if (window !== undefined) return explainSkip(calendar, window, slotMs);
  return explainDay(calendar, formatDate(slotMs, calendar.timeZone)).text;
}

/** The stretches of a span that hold a slot, in order; those without one are jumped over. */
function* stretchesWithSlots(
  schedule: Schedule,
  sessions: SessionFilter,
  span: SlotSpan,
): Generator<SessionStretch> {
  const anchorMs = span.anchorMs ?? span.afterMs;
  let afterMs = span.afterMs;
  let slotMs = nextSlot(schedule, afterMs, anchorMs);
  while (slotMs !== undefined && slotMs <= span.untilMs) {
    const stretch = stretchFrom(sessions, { afterMs, untilMs: span.untilMs }, slotMs);
    yield stretch;
    // Every turn moves on, so that no calendar can hold up the loop.
    afterMs = Math.max(slotMs, stretch.untilMs);
    slotMs = nextSlot(schedule, afterMs, anchorMs);
  }
}

function spanOf(span: SlotSpan, { afterMs, untilMs }: SessionStretch): SlotSpan {
  return { afterMs, untilMs, anchorMs: span.anchorMs ?? span.afterMs };
}

function joined(before: SlotCount, added: SlotCount): SlotCount {
  const firstMs = before.firstMs ?? added.firstMs;
  const lastMs = added.lastMs ?? before.lastMs;
  return {
    count: before.count + added.count,
    capped: before.capped || added.capped,
    ...(firstMs === undefined ? {} : { firstMs }),
    ...(lastMs === undefined ? {} : { lastMs }),
  };
}
