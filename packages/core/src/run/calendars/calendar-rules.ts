import { formatDate } from '../../kernel/time/civil.ts';
import type { Session, TradingCalendar } from './calendar.ts';
import { firstIndexWhere } from './session-search.ts';

/** Whether a date (`2026-11-20`) has a session; false for every date outside the data. */
export function isSession(calendar: TradingCalendar, date: string): boolean {
  return sessionOf(calendar, date) !== undefined;
}

/** The session of a date (`2026-11-20`); absent on closed days and outside the data. */
export function sessionOf(calendar: TradingCalendar, date: string): Session | undefined {
  const { sessions } = calendar;
  const session = sessions[firstIndexWhere(sessions, (candidate) => candidate.date >= date)];
  return session?.date === date ? session : undefined;
}

/** The session that is open at an instant: its opening belongs to it, its closing does not. */
export function sessionAt(calendar: TradingCalendar, instantMs: number): Session | undefined {
  const { sessions } = calendar;
  const session = sessions[firstIndexWhere(sessions, ({ closeMs }) => closeMs > instantMs)];
  return session !== undefined && session.openMs <= instantMs ? session : undefined;
}

/** The first session that opens after an instant; absent when the data hold none. */
export function nextSession(calendar: TradingCalendar, instantMs: number): Session | undefined {
  const { sessions } = calendar;
  return sessions[firstIndexWhere(sessions, ({ openMs }) => openMs > instantMs)];
}

/** The last session that has closed by an instant; absent when the data hold none. */
export function previousSession(calendar: TradingCalendar, instantMs: number): Session | undefined {
  const { sessions } = calendar;
  return sessions[firstIndexWhere(sessions, ({ closeMs }) => closeMs > instantMs) - 1];
}

/**
 * The business date at an instant: the date of the open session, else today's date in the calendar's zone when today has
 * a session, else that of the last session before. Absent before the first and after the last date of the data.
 */
export function sessionDateOf(calendar: TradingCalendar, instantMs: number): string | undefined {
  const open = sessionAt(calendar, instantMs);
  if (open !== undefined) return open.date;
  const today = formatDate(instantMs, calendar.timeZone);
  if (today > calendar.lastDate) return undefined;
  const { sessions } = calendar;
  return sessions[firstIndexWhere(sessions, ({ date }) => date > today) - 1]?.date;
}
