import { civilFromDays, daysFromCivil } from '../../kernel/time/civil.ts';
import { type DayMatch, monthShape, selectedDays } from './cron-days.ts';
import type { CronFields } from './cron-fields.ts';

/**
 * A cron expression made ready for searching wall times ("labels"). A label is a wall time in whole seconds,
 * counted in milliseconds as if it were UTC; which instant it is, if any, depends on the zone and is not decided here.
 */
export interface CronLabels {
  readonly fields: CronFields;
  readonly dayMatch: DayMatch;
  readonly seconds: Steps;
  readonly minutes: Steps;
  readonly hours: Steps;
  readonly months: Steps;
  readonly firstSecondOfDay: number;
  readonly lastSecondOfDay: number;
  /** The month looked at last; successive questions nearly always fall into the same one. */
  month: SelectedMonth;
}

/** The selected values of one field as two tables, so that finding a neighbour is one read. */
interface Steps {
  /** At index v the smallest selected value >= v, or -1. */
  readonly atOrAfter: Int8Array;
  /** At index v + 1 the largest selected value <= v, or -1. */
  readonly atOrBefore: Int8Array;
  readonly first: number;
  readonly last: number;
}

interface SelectedMonth {
  /** year * 12 + month - 1 */
  readonly index: number;
  /** The day number (from 1970-01-01) of the first of the month. */
  readonly firstDay: number;
  /** Selected days, bit 0 is the first. */
  readonly days: number;
}

const dayMs = 86_400_000;
/** The calendar repeats after 400 years: a day not found in them never comes. */
const maxMonths = 400 * 12;

const prepared = { and: new WeakMap<CronFields, CronLabels>(), or: new WeakMap<CronFields, CronLabels>() };

/** Search tables of an expression; computed once per `fields` object and way of combining the day fields. */
export function labelsOf(fields: CronFields, dayMatch: DayMatch): CronLabels {
  const known = prepared[dayMatch].get(fields);
  if (known !== undefined) return known;
  const [seconds, minutes, hours] = [
    stepsOf(fields.seconds, 60),
    stepsOf(fields.minutes, 60),
    stepsOf(fields.hours, 24),
  ];
  const labels: CronLabels = {
    fields,
    dayMatch,
    seconds,
    minutes,
    hours,
    months: stepsOf(fields.months, 13),
    firstSecondOfDay: secondOfDay(hours.first, minutes.first, seconds.first),
    lastSecondOfDay: secondOfDay(hours.last, minutes.last, seconds.last),
    month: { index: Number.NaN, firstDay: Number.NaN, days: 0 },
  };
  prepared[dayMatch].set(fields, labels);
  return labels;
}

/** The first label at or after a wall time; undefined when the expression selects no day of any year. */
export function labelAtOrAfter(labels: CronLabels, localMs: number): number | undefined {
  const fromSecond = Math.ceil(localMs / 1_000);
  const day = Math.floor(fromSecond / 86_400);
  if (isSelected(labels, day)) {
    const second = secondAtOrAfter(labels, fromSecond - day * 86_400);
    if (second >= 0) return day * dayMs + second * 1_000;
  }
  const nextDay = dayAtOrAfter(labels, day + 1);
  return nextDay === undefined ? undefined : nextDay * dayMs + labels.firstSecondOfDay * 1_000;
}

/** The last label at or before a wall time; undefined when the expression selects no day of any year. */
export function labelAtOrBefore(labels: CronLabels, localMs: number): number | undefined {
  const fromSecond = Math.floor(localMs / 1_000);
  const day = Math.floor(fromSecond / 86_400);
  if (isSelected(labels, day)) {
    const second = secondAtOrBefore(labels, fromSecond - day * 86_400);
    if (second >= 0) return day * dayMs + second * 1_000;
  }
  const earlierDay = dayAtOrBefore(labels, day - 1);
  return earlierDay === undefined ? undefined : earlierDay * dayMs + labels.lastSecondOfDay * 1_000;
}

function secondAtOrAfter({ hours, minutes, seconds }: CronLabels, fromSecond: number): number {
  const fromHour = Math.floor(fromSecond / 3_600);
  let hour = at(hours.atOrAfter, fromHour);
  if (hour === fromHour) {
    const fromMinute = Math.floor(fromSecond / 60) % 60;
    let minute = at(minutes.atOrAfter, fromMinute);
    if (minute === fromMinute) {
      const second = at(seconds.atOrAfter, fromSecond % 60);
      if (second >= 0) return secondOfDay(hour, minute, second);
      minute = at(minutes.atOrAfter, fromMinute + 1);
    }
    if (minute >= 0) return secondOfDay(hour, minute, seconds.first);
    hour = at(hours.atOrAfter, fromHour + 1);
  }
  return hour < 0 ? -1 : secondOfDay(hour, minutes.first, seconds.first);
}

function secondAtOrBefore({ hours, minutes, seconds }: CronLabels, fromSecond: number): number {
  const fromHour = Math.floor(fromSecond / 3_600);
  let hour = at(hours.atOrBefore, fromHour + 1);
  if (hour === fromHour) {
    const fromMinute = Math.floor(fromSecond / 60) % 60;
    let minute = at(minutes.atOrBefore, fromMinute + 1);
    if (minute === fromMinute) {
      const second = at(seconds.atOrBefore, (fromSecond % 60) + 1);
      if (second >= 0) return secondOfDay(hour, minute, second);
      minute = at(minutes.atOrBefore, fromMinute);
    }
    if (minute >= 0) return secondOfDay(hour, minute, seconds.last);
    hour = at(hours.atOrBefore, fromHour);
  }
  return hour < 0 ? -1 : secondOfDay(hour, minutes.last, seconds.last);
}

function isSelected(labels: CronLabels, day: number): boolean {
  const offset = day - labels.month.firstDay;
  // Days 0..27 surely belong to the remembered month; the tail may already be the next one.
  if (offset >= 0 && offset < 28) return ((labels.month.days >>> offset) & 1) === 1;
  const date = civilFromDays(day);
  const { days } = selectMonth(labels, date.year * 12 + date.month - 1);
  return ((days >>> (date.day - 1)) & 1) === 1;
}

function dayAtOrAfter(labels: CronLabels, fromDay: number): number | undefined {
  const date = civilFromDays(fromDay);
  let index = date.year * 12 + date.month - 1;
  const endIndex = index + maxMonths;
  let { firstDay, days } = selectMonth(labels, index);
  days &= -1 << (date.day - 1);
  while (days === 0) {
    index = monthAtOrAfter(labels, index + 1);
    if (index > endIndex) return undefined;
    ({ firstDay, days } = selectMonth(labels, index));
  }
  return firstDay + 31 - Math.clz32(days & -days);
}

function dayAtOrBefore(labels: CronLabels, fromDay: number): number | undefined {
  const date = civilFromDays(fromDay);
  let index = date.year * 12 + date.month - 1;
  const endIndex = index - maxMonths;
  let { firstDay, days } = selectMonth(labels, index);
  days &= 2 ** date.day - 1;
  while (days === 0) {
    index = monthAtOrBefore(labels, index - 1);
    if (index < endIndex) return undefined;
    ({ firstDay, days } = selectMonth(labels, index));
  }
  return firstDay + 31 - Math.clz32(days);
}

function monthAtOrAfter({ months }: CronLabels, index: number): number {
  const year = Math.floor(index / 12);
  const month = at(months.atOrAfter, index - year * 12 + 1);
  return month > 0 ? year * 12 + month - 1 : (year + 1) * 12 + months.first - 1;
}

function monthAtOrBefore({ months }: CronLabels, index: number): number {
  const year = Math.floor(index / 12);
  const month = at(months.atOrBefore, index - year * 12 + 2);
  return month > 0 ? year * 12 + month - 1 : (year - 1) * 12 + months.last - 1;
}

function selectMonth(labels: CronLabels, index: number): SelectedMonth {
  if (labels.month.index === index) return labels.month;
  const year = Math.floor(index / 12);
  const month = index - year * 12 + 1;
  const selected = at(labels.months.atOrAfter, month) === month;
  labels.month = {
    index,
    firstDay: daysFromCivil(year, month, 1),
    days: selected ? selectedDays(labels.fields, labels.dayMatch, monthShape(year, month)) : 0,
  };
  return labels.month;
}

function stepsOf(values: readonly number[], size: number): Steps {
  const atOrAfter = new Int8Array(size + 1).fill(-1);
  const atOrBefore = new Int8Array(size + 1).fill(-1);
  const selected = new Set(values);
  for (let value = size - 1; value >= 0; value -= 1) {
    atOrAfter[value] = selected.has(value) ? value : at(atOrAfter, value + 1);
  }
  for (let value = 0; value < size; value += 1) {
    atOrBefore[value + 1] = selected.has(value) ? value : at(atOrBefore, value);
  }
  return { atOrAfter, atOrBefore, first: at(atOrAfter, 0), last: at(atOrBefore, size) };
}

/** Indexes are bounded by construction; the fallback only satisfies the compiler. */
function at(table: Int8Array, index: number): number {
  return table[index] ?? -1;
}

function secondOfDay(hour: number, minute: number, second: number): number {
  return (hour * 60 + minute) * 60 + second;
}
