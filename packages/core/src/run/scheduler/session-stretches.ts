import { formatDate, localMsOf } from '../../kernel/time/civil.ts';
import { segmentAt } from '../../kernel/time/zone.ts';
import type { TradingCalendar } from '../calendars/calendar.ts';
import { isSession } from '../calendars/calendar-rules.ts';
import { firstIndexWhere } from '../calendars/session-search.ts';
import { type WindowState, windowStateAt } from '../calendars/window-rules.ts';
import type { SlotSpan } from './next-slot.ts';
import type { SessionFilter } from './schedule.ts';

/** A stretch of time in which a filter lets all slots pass or none: after `afterMs` up to `untilMs` (inclusive). */
export interface SessionStretch {
  readonly open: boolean;
  readonly afterMs: number;
  readonly untilMs: number;
}

const dayMs = 86_400_000;

/** Whether a filter lets a slot at an instant pass, and until when (exclusive) the answer certainly stays the same. */
export function filterStateAt({ calendar, window }: SessionFilter, instantMs: number): WindowState {
  return window === undefined ? dayStateAt(calendar, instantMs) : windowStateAt(calendar, window, instantMs);
}

/** The stretch of a span that begins after `afterMs`; `firstMs` is an instant in it, such as its first slot. */
export function stretchFrom(filter: SessionFilter, span: SlotSpan, firstMs: number): SessionStretch {
  const { inside, untilMs = Number.POSITIVE_INFINITY } = filterStateAt(filter, firstMs);
  return { open: inside, afterMs: span.afterMs, untilMs: Math.min(span.untilMs, untilMs - 1) };
}

/**
 * Whether the date in the calendar's zone has a session. The answer never reaches beyond a clock change, because a clock
 * that is set back over midnight shows the day before again.
 */
function dayStateAt(calendar: TradingCalendar, instantMs: number): WindowState {
  const { timeZone, sessions } = calendar;
  const { offsetMs, endMs } = segmentAt(timeZone, instantMs);
  const today = formatDate(instantMs, timeZone);
  const midnightMs = Math.floor((instantMs + offsetMs) / dayMs) * dayMs;
  if (isSession(calendar, today)) {
    return { inside: true, untilMs: Math.min(endMs, midnightMs + dayMs - offsetMs) };
  }
  const next = sessions[firstIndexWhere(sessions, ({ date }) => date > today)];
  if (next !== undefined) {
    return { inside: false, untilMs: Math.min(endMs, midnightOf(next.date) - offsetMs) };
  }
  const comesAgain = formatDate(endMs, timeZone) <= calendar.lastDate;
  return { inside: false, ...(comesAgain ? { untilMs: endMs } : {}) };
}

/** The wall time at which a date begins, counted as if it were UTC. */
function midnightOf(date: string): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return localMsOf({ year, month, day, hour: 0, minute: 0, second: 0 });
}
