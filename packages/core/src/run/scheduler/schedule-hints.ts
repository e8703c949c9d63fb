import { type DayMatch, monthShape, selectedDays } from './cron-days.ts';
import type { CronFields, DayOfMonthRule } from './cron-fields.ts';
import { distanceOf } from './cron-shape.ts';

/** Something about an expression that its author may not have had in mind. */
export type ScheduleHint =
  /** A step that does not fit its field: the last distance of every round is shorter. */
  | {
      readonly kind: 'uneven-step';
      readonly field: 'second' | 'minute' | 'hour' | 'dayOfMonth';
      readonly step: number;
      readonly last: number;
      readonly first: number;
      /** The shorter distance; for days of the month that of a month with 31 days. */
      readonly rest: number;
    }
  /** Selected months in which no day is selected. */
  | { readonly kind: 'months-left-out'; readonly months: readonly number[] }
  /** A day that February has in leap years only; `only` when no other month is selected. */
  | { readonly kind: 'leap-years'; readonly only: boolean }
  /** `#5`: not every month has such a day. */
  | { readonly kind: 'fifth-weekday' }
  /** `15W`, `LW`: what happens when the day falls on a weekend. */
  | { readonly kind: 'nearest-weekday'; readonly days: ReadonlyArray<number | 'last'> };

const leapYear = 2028;
const commonYear = 2027;

/** What is worth saying about an expression besides its sentence. */
export function scheduleHints(fields: CronFields): readonly ScheduleHint[] {
  return [...unevenSteps(fields), ...missingDays(fields), ...weekdayHints(fields)];
}

function unevenSteps(fields: CronFields): readonly ScheduleHint[] {
  const days = fields.daysOfMonth.flatMap((rule) => (rule.kind === 'day' ? [rule.day] : []));
  return [
    ...unevenStep('second', fields.seconds, { low: 0, size: 60 }),
    ...unevenStep('minute', fields.minutes, { low: 0, size: 60 }),
    ...unevenStep('hour', fields.hours, { low: 0, size: 24 }),
    ...(fields.dayOfMonthRestricted && days.length === fields.daysOfMonth.length
      ? unevenStep('dayOfMonth', days, { low: 1, size: 31 })
      : []),
  ];
}

/** Steps are meant where the values begin within one step of the lowest and end within one step of the highest. */
function unevenStep(
  field: 'second' | 'minute' | 'hour' | 'dayOfMonth',
  values: readonly number[],
  { low, size }: { readonly low: number; readonly size: number },
): readonly ScheduleHint[] {
  const step = distanceOf(values);
  const [first = 0] = values;
  const last = values.at(-1) ?? first;
  if (step === undefined || step < 2 || values.length < 3) return [];
  if (first - low >= step || last + step < low + size) return [];
  const rest = first + size - last;
  return rest === step ? [] : [{ kind: 'uneven-step', field, step, last, first, rest }];
}

/** Which selected months have none of the selected days. Weekdays are left aside: they occur in every month. */
function missingDays(fields: CronFields): readonly ScheduleHint[] {
  if (!fields.dayOfMonthRestricted || fields.dayOfWeekRestricted) return [];
  const match: DayMatch = 'and';
  const has = (year: number, month: number) => selectedDays(fields, match, monthShape(year, month)) !== 0;
  const empty = fields.months.filter((month) => !has(leapYear, month));
  const leapOnly = fields.months.includes(2) && has(leapYear, 2) && !has(commonYear, 2);
  return [
    ...(empty.length === 0 ? [] : [{ kind: 'months-left-out', months: empty } as const]),
    ...(leapOnly ? [{ kind: 'leap-years', only: fields.months.length === 1 } as const] : []),
  ];
}

function weekdayHints(fields: CronFields): readonly ScheduleHint[] {
  const nearest = fields.dayOfMonthRestricted ? fields.daysOfMonth.filter(isNearest) : [];
  const fifth =
    fields.dayOfWeekRestricted && fields.daysOfWeek.every((rule) => rule.kind === 'nth' && rule.nth === 5);
  return [
    ...(nearest.length === 0
      ? []
      : [{ kind: 'nearest-weekday', days: nearest.map(({ day }) => day) } as const]),
    ...(fifth ? [{ kind: 'fifth-weekday' } as const] : []),
  ];
}

function isNearest(
  rule: DayOfMonthRule,
): rule is Extract<DayOfMonthRule, { readonly kind: 'nearest-weekday' }> {
  return rule.kind === 'nearest-weekday';
}
