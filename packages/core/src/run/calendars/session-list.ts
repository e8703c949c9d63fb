import { createHash } from 'node:crypto';
import type { TradingCalendar } from './calendar.ts';
import { dayOfDate, sessionTimeText } from './calendar-dates.ts';

const dayMs = 86_400_000;

/**
 * Every session of a calendar as a data file: `date,open_utc,close_utc` and one line a session. Two calendars with the
 * same text trade at the same moments; the file is one that `parseCalendarCsv` reads.
 */
export function sessionList(calendar: TradingCalendar): string {
  const lines = calendar.sessions.map(({ date, openMs, closeMs }) => {
    const midnightMs = (dayOfDate(date) ?? Number.NaN) * dayMs;
    return `${date},${sessionTimeText(openMs - midnightMs)},${sessionTimeText(closeMs - midnightMs)}\n`;
  });
  return `date,open_utc,close_utc\n${lines.join('')}`;
}

/** SHA-256 of the session list in hexadecimal: the fingerprint of when a calendar trades. */
export function calendarDigest(calendar: TradingCalendar): string {
  return createHash('sha256').update(sessionList(calendar), 'utf8').digest('hex');
}
