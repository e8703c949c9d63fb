import { daysFromCivil, daysInMonth, weekdayOfDays } from '../../kernel/time/civil.ts';
import type { CronFields, DayOfMonthRule, DayOfWeekRule } from './cron-fields.ts';

/** How two restricted day fields combine: a day must satisfy both (`and`) or at least one (`or`, crontab's rule). */
export type DayMatch = 'and' | 'or';

/** A month as far as days are concerned: its length and the weekday of its first day (Sunday = 0). */
export interface MonthShape {
  readonly length: number;
  readonly firstWeekday: number;
}

/** The shape of one month of the Gregorian calendar. */
export function monthShape(year: number, month: number): MonthShape {
  return {
    length: daysInMonth(year, month),
    firstWeekday: weekdayOfDays(daysFromCivil(year, month, 1)),
  };
}

/** The selected days of a month as bits: bit 0 is the first day. */
export function selectedDays(fields: CronFields, dayMatch: DayMatch, shape: MonthShape): number {
  const every = daysUpTo(shape.length);
  if (!fields.dayOfWeekRestricted) {
    return fields.dayOfMonthRestricted ? daysOfMonthBits(fields.daysOfMonth, shape) : every;
  }
  const byWeekday = daysOfWeekBits(fields.daysOfWeek, shape);
  if (!fields.dayOfMonthRestricted) return byWeekday;
  const byDate = daysOfMonthBits(fields.daysOfMonth, shape);
  return dayMatch === 'and' ? byDate & byWeekday : byDate | byWeekday;
}

/** Bits of the first `length` days. */
function daysUpTo(length: number): number {
  return 2 ** length - 1;
}

function daysOfMonthBits(rules: readonly DayOfMonthRule[], shape: MonthShape): number {
  let bits = 0;
  for (const rule of rules) {
    const day = dayOfRule(rule, shape);
    if (day >= 1 && day <= shape.length) bits |= 1 << (day - 1);
  }
  return bits;
}

/** The day a rule names in this month; outside 1..length when the month has no such day. */
function dayOfRule(rule: DayOfMonthRule, shape: MonthShape): number {
  switch (rule.kind) {
    case 'day':
      return rule.day;
    case 'before-last':
      return shape.length - rule.daysBefore;
    case 'nearest-weekday':
      return nearestWeekday(rule.day === 'last' ? shape.length : rule.day, shape);
    default:
      return rule satisfies never;
  }
}

function nearestWeekday(day: number, shape: MonthShape): number {
  if (day > shape.length) return 0;
  const weekday = (shape.firstWeekday + day - 1) % 7;
  // The nearest weekday never leaves the month: a Saturday the 1st moves forward, a last Sunday moves back.
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === shape.length ? day - 2 : day + 1;
  return day;
}

function daysOfWeekBits(rules: readonly DayOfWeekRule[], shape: MonthShape): number {
  let bits = 0;
  for (const rule of rules) {
    const first = 1 + ((rule.weekday - shape.firstWeekday + 7) % 7);
    const last = first + 7 * Math.floor((shape.length - first) / 7);
    switch (rule.kind) {
      case 'weekday':
        for (let day = first; day <= last; day += 7) bits |= 1 << (day - 1);
        break;
      case 'last':
        bits |= 1 << (last - 1);
        break;
      case 'nth': {
        const day = first + 7 * (rule.nth - 1);
        if (day <= last) bits |= 1 << (day - 1);
        break;
      }
      default:
        rule satisfies never;
    }
  }
  return bits;
}
