import type { CronFields, DayOfMonthRule, DayOfWeekRule } from './cron-fields.ts';
import { distanceOf } from './cron-shape.ts';

/** One or more days of a month in the form a sentence has. */
export type DatesItem =
  | DayOfMonthRule
  | { readonly kind: 'days'; readonly first: number; readonly last: number }
  | { readonly kind: 'every'; readonly step: number; readonly first: number; readonly last: number };

/** One or more weekdays in the form a sentence has; a run may go on from Saturday to Sunday. */
export type WeekdaysItem =
  | DayOfWeekRule
  | { readonly kind: 'weekdays'; readonly first: number; readonly last: number };

/** Some of the months: one run, which may go on from December to January, or a list. */
export type MonthsShape =
  | { readonly kind: 'run'; readonly first: number; readonly last: number }
  | { readonly kind: 'list'; readonly months: readonly number[] };

/** The days of a schedule in the form a sentence has; what is absent selects every day or month. */
export interface DaysShape {
  readonly dates?: readonly DatesItem[];
  readonly weekdays?: readonly WeekdaysItem[];
  readonly months?: MonthsShape;
}

/** Fewer neighbours than this are named one by one. */
const runLength = 3;
const stepLength = 4;

/** The days of an expression. */
export function daysShape(fields: CronFields): DaysShape {
  return {
    ...(fields.dayOfMonthRestricted ? { dates: datesOf(fields.daysOfMonth) } : {}),
    ...(fields.dayOfWeekRestricted ? { weekdays: weekdaysOf(fields.daysOfWeek) } : {}),
    ...(fields.months.length === 12 ? {} : { months: monthsOf(fields.months) }),
  };
}

function datesOf(rules: readonly DayOfMonthRule[]): readonly DatesItem[] {
  const days = rules.flatMap((rule) => (rule.kind === 'day' ? [rule.day] : []));
  const others = rules.filter((rule) => rule.kind !== 'day');
  const step = distanceOf(days);
  const [first = 0] = days;
  const last = days.at(-1) ?? first;
  if (step !== undefined && step > 1 && days.length >= stepLength) {
    return [{ kind: 'every', step, first, last }, ...others];
  }
  return [...runsOf(days).flatMap(dateItems), ...others];
}

function dateItems({ first, last }: Run): readonly DatesItem[] {
  if (last - first + 1 >= runLength) return [{ kind: 'days', first, last }];
  return Array.from({ length: last - first + 1 }, (_, index) => ({ kind: 'day', day: first + index }));
}

function weekdaysOf(rules: readonly DayOfWeekRule[]): readonly WeekdaysItem[] {
  const plain = rules.flatMap((rule) => (rule.kind === 'weekday' ? [rule.weekday] : []));
  const run = circularRun(plain, { low: 0, size: 7 });
  if (run !== undefined && plain.length === rules.length) return [{ kind: 'weekdays', ...run }];
  const isSunday = (rule: DayOfWeekRule) => rule.kind === 'weekday' && rule.weekday === 0;
  const isOther = (rule: DayOfWeekRule) => rule.kind === 'weekday' && rule.weekday !== 0;
  // A week reads better from Monday on: Saturday and Sunday.
  return [
    ...rules.filter(isOther),
    ...rules.filter(isSunday),
    ...rules.filter((rule) => rule.kind !== 'weekday'),
  ];
}

function monthsOf(months: readonly number[]): MonthsShape {
  const run = circularRun(months, { low: 1, size: 12 });
  return run === undefined ? { kind: 'list', months } : { kind: 'run', ...run };
}

interface Run {
  readonly first: number;
  readonly last: number;
}

function runsOf(values: readonly number[]): readonly Run[] {
  const runs: { first: number; last: number }[] = [];
  for (const value of values) {
    const open = runs.at(-1);
    if (open !== undefined && open.last === value - 1) open.last = value;
    else runs.push({ first: value, last: value });
  }
  return runs;
}

/** All values as one run on a circle; undefined when there are gaps or too few of them. */
function circularRun(
  values: readonly number[],
  { low, size }: { readonly low: number; readonly size: number },
): Run | undefined {
  if (values.length < runLength) return undefined;
  const [head, ...rest] = runsOf(values);
  const [tail] = rest;
  if (head === undefined || rest.length > 1) return undefined;
  if (tail === undefined) return head;
  return head.first === low && tail.last === low + size - 1
    ? { first: tail.first, last: head.last }
    : undefined;
}
