import type { TradingCalendar } from './calendar.ts';
import { unknownCalendar } from './calendar-errors.ts';
import type { CalendarTable } from './calendar-table.ts';
import { expandCalendar } from './expand-calendar.ts';
import { xkrxTable } from './xkrx-table.ts';
import { xnysTable } from './xnys-table.ts';

const tables: ReadonlyMap<string, CalendarTable> = new Map(
  [xkrxTable, xnysTable].map((table) => [table.id, table]),
);
const expanded = new Map<string, TradingCalendar>();

/** Names of the calendars that come with the package: market identifier codes. */
export const shippedCalendarIds: readonly string[] = [...tables.keys()];

/** A shipped calendar by its exact name; absent for any other. It is worked out at the first question and then kept. */
export function findShippedCalendar(id: string): TradingCalendar | undefined {
  const known = expanded.get(id);
  if (known !== undefined) return known;
  const table = tables.get(id);
  if (table === undefined) return undefined;
  const calendar = expandCalendar(table);
  expanded.set(id, calendar);
  return calendar;
}

/** A shipped calendar by its exact name; INP-0702 for any other. */
export function requireShippedCalendar(id: string): TradingCalendar {
  const calendar = findShippedCalendar(id);
  if (calendar === undefined) throw unknownCalendar(id, shippedCalendarIds);
  return calendar;
}
