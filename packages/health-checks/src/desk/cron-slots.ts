import { civilAt } from '../look/open-hours.ts';

/** A cron expression of five fields as lists of allowed numbers. */
export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Both days are restricted: one of them is enough. */
  readonly isEitherDay: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Reads `minute hour day month weekday`; undefined when it is none or can never be. */
export function parseCron(expression: string): CronFields | undefined {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== 5) return undefined;
  const [minutesText = '', hoursText = '', daysText = '', monthsText = '', weekdaysText = ''] = texts;
  const minutes = numbersIn(minutesText, { from: 0, to: 59 });
  const hours = numbersIn(hoursText, { from: 0, to: 23 });
  const days = numbersIn(daysText, { from: 1, to: 31 });
  const months = numbersIn(named(monthsText, MONTHS, 1), { from: 1, to: 12 });
  const written = numbersIn(named(weekdaysText, WEEKDAYS, 0), { from: 0, to: 7 });
  if (!minutes || !hours || !days || !months || !written) return undefined;
  const weekdays = new Set([...written].map((day) => day % 7));
  const isEitherDay = !daysText.startsWith('*') && !weekdaysText.startsWith('*');
  const canBe = isEitherDay || [...months].some((month) => Math.min(...days) <= longestOf(month));
  if (!canBe) return undefined;
  return { minutes, hours, days, months, weekdays, isEitherDay };
}

/** Days of a month in the years in which it is longest. */
function longestOf(month: number): number {
  return new Date(Date.UTC(2_000, month, 0)).getUTCDate();
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function numbersIn(text: string, allowed: Span): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last, step] = /^(\*|\d{1,2})(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (first === '' || (first === '*' && last !== undefined)) return undefined;
    const from = first === '*' ? allowed.from : Number(first);
    const isOpen = first === '*' || (step !== undefined && last === undefined);
    const to = last === undefined ? (isOpen ? allowed.to : from) : Number(last);
    const every = step === undefined ? 1 : Number(step);
    if (from < allowed.from || to > allowed.to || from > to || every < 1) return undefined;
    for (let number = from; number <= to; number += every) numbers.add(number);
  }
  return numbers;
}

function named(text: string, names: readonly string[], first: number): string {
  return text.replaceAll(/[A-Za-z]{3}/g, (name) => {
    const index = names.indexOf(name.toUpperCase());
    return index === -1 ? name : String(index + first);
  });
}

/** The search goes back no further: the 29th of February may be eight years away. */
const SEARCH_MS = 8.1 * 365 * 86_400_000;
const MINUTE_MS = 60_000;

/** An instant to search back from, and the zone whose clock counts. */
export interface SlotSearch {
  readonly timeZone: string;
  readonly beforeMs: number;
  /** A slot that is known already; the search ends there. */
  readonly knownMs?: number | undefined;
}

/** The last slot at or before an instant, ms UTC; undefined when there was none. */
export function lastSlot(
  fields: CronFields,
  { timeZone, beforeMs, knownMs }: SlotSearch,
): number | undefined {
  let at = beforeMs - (((beforeMs % MINUTE_MS) + MINUTE_MS) % MINUTE_MS);
  const end = knownMs ?? at - SEARCH_MS;
  while (at > end) {
    const { date, day, minutes: ofDay } = civilAt(timeZone, at);
    const [month = 0, dayOfMonth = 0] = date.split('-').slice(1).map(Number);
    const hour = Math.floor(ofDay / 60);
    const minute = ofDay % 60;
    const isDay = isDayOf(fields, { month, dayOfMonth, weekday: WEEKDAYS.indexOf(day) });
    if (isDay && fields.hours.has(hour) && fields.minutes.has(minute)) return at;
    // Zones change on quarters of an hour at most, so steps that end on one never jump over a change.
    const isHour = isDay && fields.hours.has(hour);
    const minutesBack = isHour ? 1 : (minute % 15) + 1;
    // Whole days are passed in one step where no zone can change within it: far from both ends of the day.
    at -= (isDay || ofDay < 240 || minute !== 59 ? minutesBack : 180) * MINUTE_MS;
  }
  return knownMs !== undefined && at <= knownMs ? knownMs : undefined;
}

function isDayOf(
  { days, months, weekdays, isEitherDay }: CronFields,
  at: { readonly month: number; readonly dayOfMonth: number; readonly weekday: number },
): boolean {
  if (!months.has(at.month)) return false;
  const isDay = days.has(at.dayOfMonth);
  const isWeekday = weekdays.has(at.weekday);
  return isEitherDay ? isDay || isWeekday : isDay && isWeekday;
}
