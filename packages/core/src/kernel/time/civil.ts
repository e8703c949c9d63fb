import { offsetAt } from './zone.ts';

/** A calendar date of the Gregorian calendar; months and days count from 1. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** What a wall clock with a calendar shows; it has no zone and so is not an instant. */
export interface CivilTime extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const dayMs = 86_400_000;
const daysPerEra = 146_097; // 400 years
const daysBeforeEpoch = 719_468; // 0000-03-01 to 1970-01-01

/** Days from 1970-01-01 to a date, negative before it; months outside 1..12 are not accepted. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // Counting years from 1 March puts the leap day at the end, where it disturbs no month.
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * marchMonth + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysPerEra + dayOfEra - daysBeforeEpoch;
}

/** The date that lies `days` after 1970-01-01. */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + daysBeforeEpoch;
  const era = Math.floor(shifted / daysPerEra);
  const dayOfEra = shifted - era * daysPerEra;
  const leapDays =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1 };
}

/** Weekday of a day counted from 1970-01-01: 0 is Sunday, 6 is Saturday. */
export function weekdayOfDays(days: number): number {
  return (((days + 4) % 7) + 7) % 7; // 1970-01-01 was a Thursday
}

/** Whether a year has a 29 February. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Length of a month in days; `month` is 1..12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether the numbers name a date and time that a calendar and a clock can show (no leap seconds). */
export function isCivilTime(time: CivilTime): boolean {
  const { year, month, day, hour, minute, second } = time;
  return (
    [year, month, day, hour, minute, second].every(Number.isInteger) &&
    within(month, 1, 12) &&
    within(day, 1, daysInMonth(year, month)) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 59)
  );
}

/** Wall time as a plain count of milliseconds, as if the wall clock ran on UTC; the form `zone.ts` works with. */
export function localMsOf(time: CivilTime): number {
  const seconds = (time.hour * 60 + time.minute) * 60 + time.second;
  return daysFromCivil(time.year, time.month, time.day) * dayMs + seconds * 1_000;
}

/** The date and time of a wall time in milliseconds; parts of a second are cut off. */
export function civilOfLocalMs(localMs: number): CivilTime {
  const days = Math.floor(localMs / dayMs);
  const seconds = Math.floor((localMs - days * dayMs) / 1_000);
  return {
    ...civilFromDays(days),
    hour: Math.floor(seconds / 3_600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  };
}

/** What the wall clock of a zone shows at an instant; a RangeError for unknown zones. */
export function civilAt(instantMs: number, zone: string): CivilTime {
  return civilOfLocalMs(instantMs + offsetAt(zone, instantMs));
}

/** An instant as ISO 8601 with the zone's offset, `2026-11-20T13:55:04+09:00`; a RangeError for unknown zones. */
export function formatInstant(instantMs: number, zone: string): string {
  const offsetMs = offsetAt(zone, instantMs);
  const time = civilOfLocalMs(instantMs + offsetMs);
  return `${dateText(time)}T${clockText(time)}${offsetText(offsetMs)}`;
}

/** The date in a zone at an instant, `2026-11-20`; a RangeError for unknown zones. */
export function formatDate(instantMs: number, zone: string): string {
  return dateText(civilAt(instantMs, zone));
}

/** The time of day in a zone at an instant, `13:55:04`; a RangeError for unknown zones. */
export function formatClock(instantMs: number, zone: string): string {
  return clockText(civilAt(instantMs, zone));
}

function within(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function dateText(date: CivilDate): string {
  return `${String(date.year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}`;
}

function clockText(time: CivilTime): string {
  return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}

function offsetText(offsetMs: number): string {
  const seconds = Math.abs(offsetMs) / 1_000;
  const rest = seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`;
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}${rest}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
