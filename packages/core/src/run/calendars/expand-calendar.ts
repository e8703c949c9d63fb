import type { LocalText } from '../../kernel/define-errors.ts';
import { weekdayOfDays } from '../../kernel/time/civil.ts';
import { localToInstants } from '../../kernel/time/zone.ts';
import { buildCalendar, kindOfSession, type SessionBounds } from './build-calendar.ts';
import type { ClosedDay, Session, TradingCalendar } from './calendar.ts';
import { dateOfDay, dayOfDate, readSessionTime } from './calendar-dates.ts';
import type { CalendarTable, NamedDays, SpecialDays } from './calendar-table.ts';

const dayMs = 86_400_000;

/**
 * Works out every session of a table. A table that contradicts itself (a date twice, a closed day that has no session
 * anyway, an hour the zone's clock does not show) is our own mistake and throws a plain Error.
 */
export function expandCalendar(table: CalendarTable): TradingCalendar {
  const closed = daysOf(table, table.closed);
  const special = daysOf(table, table.special);
  const sessions: Session[] = [];
  const lastDay = requireDay(table, table.toDate);
  for (let day = requireDay(table, table.fromDate); day <= lastDay; day += 1) {
    const date = dateOfDay(day);
    const isOpen = table.weekdays.includes(weekdayOfDays(day)) && !closed.has(date);
    if (isOpen) sessions.push(sessionOn(table, day, special.get(date)));
    else if (special.has(date)) throw new Error(`${table.id} ${date} has special hours and no session`);
  }
  return buildCalendar({
    id: table.id,
    name: table.name,
    timeZone: table.timeZone,
    weekdays: table.weekdays,
    sessions,
    closedDays: closedDaysOf(table, closed),
  });
}

function daysOf<T extends NamedDays>(table: CalendarTable, groups: readonly T[]): Map<string, T> {
  const days = new Map<string, T>();
  for (const group of groups) {
    for (const date of group.dates.trim().split(/\s+/)) {
      const isWorkday = table.weekdays.includes(weekdayOfDays(requireDay(table, date)));
      if (!isWorkday || date < table.fromDate || date > table.toDate) {
        throw new Error(`${table.id} ${date} (${group.name.en}) has no session anyway`);
      }
      if (days.has(date)) throw new Error(`${table.id} names ${date} twice`);
      days.set(date, group);
    }
  }
  return days;
}

function closedDaysOf(table: CalendarTable, closed: ReadonlyMap<string, NamedDays>): readonly ClosedDay[] {
  const last = requireDay(table, table.toDate);
  const days: ClosedDay[] = [];
  for (let day = requireDay(table, table.fromDate); day <= last; day += 1) {
    const date = dateOfDay(day);
    const group = closed.get(date);
    if (group !== undefined) days.push({ date, name: group.name });
  }
  return days;
}

function sessionOn(table: CalendarTable, day: number, special: SpecialDays | undefined): Session {
  const date = dateOfDay(day);
  const hours = table.hours.findLast(({ fromDate }) => fromDate <= date);
  if (hours === undefined) throw new Error(`${table.id} has no hours on ${date}`);
  const instant = (time: string) => instantOf(table, day, time);
  const regular: SessionBounds = { openMs: instant(hours.open), closeMs: instant(hours.close) };
  const bounds: SessionBounds = {
    openMs: special?.open === undefined ? regular.openMs : instant(special.open),
    closeMs: special?.close === undefined ? regular.closeMs : instant(special.close),
  };
  const name: LocalText | undefined = special?.name;
  return { date, ...bounds, kind: kindOfSession(bounds, regular), ...(name === undefined ? {} : { name }) };
}

function instantOf(table: CalendarTable, day: number, time: string): number {
  const timeMs = readSessionTime(time);
  const instants = timeMs === undefined ? [] : localToInstants(table.timeZone, day * dayMs + timeMs);
  const [instantMs] = instants;
  if (instantMs === undefined || instants.length > 1) {
    throw new Error(`${table.id} ${dateOfDay(day)}: ${time} is not exactly one moment in ${table.timeZone}`);
  }
  return instantMs;
}

function requireDay(table: CalendarTable, date: string): number {
  const day = dayOfDate(date);
  if (day === undefined) throw new Error(`${table.id}: '${date}' is not a date`);
  return day;
}
