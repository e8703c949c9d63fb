import type { LocalText } from '../../kernel/define-errors.ts';
import { weekdayOfDays } from '../../kernel/time/civil.ts';
import { localToInstants, offsetAt } from '../../kernel/time/zone.ts';
import { buildCalendar, kindOfSession, type SessionBounds } from './build-calendar.ts';
import type { ClosedDay, Session, TradingCalendar } from './calendar.ts';
import { dateOfDay, dayOfDate, readSessionTime } from './calendar-dates.ts';
import type { ProblemList } from './calendar-problems.ts';

/** One line of a calendar file as it was written; without `open` and `close` it names a closed day. */
export interface CalendarRow {
  /** Line of a CSV file, counted from 1. */
  readonly line?: number;
  /** What stands before the field names of a document: `sessions[3].`. */
  readonly prefix?: string;
  readonly date: string;
  readonly open?: string;
  readonly close?: string;
  readonly name?: LocalText;
}

/** What holds for a whole calendar file. */
export interface CalendarHead {
  readonly id: string;
  readonly name: LocalText;
  /** A zone the runtime knows. */
  readonly timeZone: string;
  /** Whether hours are meant in `timeZone` or in UTC. */
  readonly times: 'local' | 'utc';
  /** Weekdays that may have a session; default: those that have one. */
  readonly weekdays?: readonly number[];
}

/** Most rows of a calendar file; 250 sessions a year make 80 years. */
export const maxCalendarRows = 20_000;

const dayMs = 86_400_000;

interface ReadRow {
  readonly row: CalendarRow;
  readonly day: number;
  /** Absent for a closed day. */
  readonly bounds?: SessionBounds;
}

/**
 * Makes a calendar of the rows of a file and reports everything that is wrong with them. Each list must be ascending;
 * together the lists must not name a date twice. Undefined when anything was reported.
 */
export function calendarOfRows(
  lists: ReadonlyArray<readonly CalendarRow[]>,
  head: CalendarHead,
  problems: ProblemList,
): TradingCalendar | undefined {
  const read = lists.map((rows) => rows.flatMap((row) => readRow(row, head, problems)));
  for (const rows of read) reportOrder(rows, problems);
  const rows = withoutDuplicates(read.flat(), problems).sort((a, b) => a.day - b.day);
  reportOverlaps(rows, problems);
  const sessions = sessionsOf(rows, head.timeZone);
  if (sessions.length === 0 && problems.count === 0) reportNoSessions(problems);
  if (problems.count > 0) return undefined;
  const weekdays = head.weekdays ?? weekdaysOf(rows);
  const { id, name, timeZone } = head;
  return buildCalendar({ id, name, timeZone, weekdays, sessions, closedDays: closedDaysOf(rows) });
}

function readRow(row: CalendarRow, head: CalendarHead, problems: ProblemList): ReadRow[] {
  const day = dayOfDate(row.date);
  if (day === undefined) {
    problems.add({
      ...placeOf(row, 'date'),
      value: row.date,
      message: row.date === '' ? 'the date is missing' : 'this is not a date of the calendar',
      allowed: 'a date such as 2026-11-20',
      remedy: 'write year, month and day with hyphens, two digits each for month and day',
    });
  }
  if (row.open === undefined && row.close === undefined) return day === undefined ? [] : [{ row, day }];
  const openMs = readTime(row, 'open', { day, head, problems });
  const closeMs = readTime(row, 'close', { day, head, problems });
  if (day === undefined || openMs === undefined || closeMs === undefined) return [];
  const bounds = { openMs, closeMs };
  return isPossible(row, bounds, problems) ? [{ row, day, bounds }] : [];
}

interface TimeScope {
  /** Absent when the date could not be read: then only the form of the time is checked. */
  readonly day: number | undefined;
  readonly head: CalendarHead;
  readonly problems: ProblemList;
}

function readTime(row: CalendarRow, field: 'open' | 'close', scope: TimeScope): number | undefined {
  const { day, head, problems } = scope;
  const text = row[field] ?? '';
  const timeMs = readSessionTime(text);
  if (timeMs === undefined) {
    problems.add({
      ...placeOf(row, field),
      value: text,
      message: text === '' ? 'the time is missing' : 'this is not a time of day',
      allowed: "a time such as 09:30, with -1d or +1d for the day before or after: '18:00-1d'",
      remedy: 'write hours and minutes; leave both times empty for a closed day',
    });
    return undefined;
  }
  if (day === undefined) return undefined;
  const localMs = day * dayMs + timeMs;
  if (head.times === 'utc') return localMs;
  const instants = localToInstants(head.timeZone, localMs);
  if (instants.length === 1) return instants[0];
  const how = instants.length === 0 ? 'skips this time' : 'shows this time twice';
  problems.add({
    ...placeOf(row, field),
    value: text,
    message: `the clock of ${head.timeZone} ${how} on ${row.date}`,
    allowed: 'a time that the clock shows exactly once on that day',
    remedy: 'give the times in UTC: columns open_utc and close_utc, or times: utc in a document',
  });
  return undefined;
}

function isPossible(row: CalendarRow, { openMs, closeMs }: SessionBounds, problems: ProblemList): boolean {
  if (closeMs > openMs && closeMs - openMs <= dayMs) return true;
  const early = closeMs <= openMs;
  problems.add({
    ...placeOf(row, 'close'),
    value: row.close,
    message: early
      ? `the session closes before it opens at ${row.open}`
      : 'the session lasts longer than 24 hours',
    allowed: 'a closing after the opening, at most 24 hours later',
    remedy: early
      ? "correct the time; for a session across midnight mark the day: '18:00-1d' or '02:00+1d'"
      : 'correct the time, or write one row for each day',
  });
  return false;
}

function reportOrder(rows: readonly ReadRow[], problems: ProblemList): void {
  let latest: ReadRow | undefined;
  for (const { row, day } of rows) {
    if (latest === undefined || day >= latest.day) {
      latest = { row, day };
      continue;
    }
    problems.add({
      ...placeOf(row, 'date'),
      value: row.date,
      message: `the date comes after ${latest.row.date} in the file`,
      allowed: 'ascending dates',
      remedy: 'sort the rows by date',
    });
  }
}

function withoutDuplicates(rows: readonly ReadRow[], problems: ProblemList): ReadRow[] {
  const first = new Map<number, CalendarRow>();
  return rows.filter(({ row, day }) => {
    const known = first.get(day);
    if (known === undefined) {
      first.set(day, row);
      return true;
    }
    const { line, field } = placeOf(known, 'date');
    problems.add({
      ...placeOf(row, 'date'),
      value: row.date,
      message: `the date is there twice; first ${line === undefined ? `as ${field}` : `in line ${line}`}`,
      allowed: 'each date once',
      remedy: 'remove one of the two rows',
    });
    return false;
  });
}

function reportOverlaps(rows: readonly ReadRow[], problems: ProblemList): void {
  let before: ReadRow | undefined;
  for (const current of rows) {
    if (current.bounds === undefined) continue;
    if (before?.bounds !== undefined && current.bounds.openMs < before.bounds.closeMs) {
      problems.add({
        ...placeOf(current.row, 'open'),
        value: current.row.open,
        message: `the session opens before that of ${before.row.date} has closed at ${before.row.close}`,
        allowed: 'an opening at or after the closing of the session before',
        remedy: 'correct one of the two times, or the day marks -1d and +1d',
      });
    }
    before = current;
  }
}

function sessionsOf(rows: readonly ReadRow[], timeZone: string): Session[] {
  const local = rows.flatMap(({ row, day, bounds }) => {
    if (bounds === undefined) return [];
    const timeOf = (ms: number) => ms + offsetAt(timeZone, ms) - day * dayMs;
    const times = { openMs: timeOf(bounds.openMs), closeMs: timeOf(bounds.closeMs) };
    return [{ date: dateOfDay(day), bounds, times, name: row.name }];
  });
  const regular = commonest(local.map(({ times }) => times));
  return local.map(({ date, bounds, times, name }) => ({
    date,
    ...bounds,
    kind: regular === undefined ? 'regular' : kindOfSession(times, regular),
    ...(name === undefined ? {} : { name }),
  }));
}

/** A file does not say which hours are the regular ones: those that it names most often are. */
function commonest(all: readonly SessionBounds[]): SessionBounds | undefined {
  const counts = new Map<string, { readonly times: SessionBounds; readonly count: number }>();
  let winner: { readonly times: SessionBounds; readonly count: number } | undefined;
  for (const times of all) {
    const key = `${times.openMs} ${times.closeMs}`;
    const entry = { times, count: (counts.get(key)?.count ?? 0) + 1 };
    counts.set(key, entry);
    if (winner === undefined || entry.count > winner.count) winner = entry;
  }
  return winner?.times;
}

function closedDaysOf(rows: readonly ReadRow[]): ClosedDay[] {
  return rows
    .filter(({ bounds }) => bounds === undefined)
    .map(({ row, day }) => ({ date: dateOfDay(day), ...(row.name === undefined ? {} : { name: row.name }) }));
}

function weekdaysOf(rows: readonly ReadRow[]): number[] {
  const open = rows.filter(({ bounds }) => bounds !== undefined);
  return [...new Set(open.map(({ day }) => weekdayOfDays(day)))].sort((a, b) => a - b);
}

function reportNoSessions(problems: ProblemList): void {
  problems.add({
    field: 'file',
    value: undefined,
    message: 'there is no session in the calendar',
    allowed: 'at least one session',
    remedy: 'add a row with a date, an opening and a closing time',
  });
}

function placeOf(row: CalendarRow, field: string): { readonly line?: number; readonly field: string } {
  return { ...(row.line === undefined ? {} : { line: row.line }), field: `${row.prefix ?? ''}${field}` };
}
