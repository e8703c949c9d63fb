import type { TimeSpan, TimesShape, ValuesShape } from './cron-shape.ts';
import type { DatesItem, DaysShape, MonthsShape, WeekdaysItem } from './day-shape.ts';
import {
  durationWords,
  listOf,
  monthName,
  ordinal,
  unitWords,
  weekdayName,
  weekdayOrdinals,
} from './english-names.ts';
import { englishNotes } from './explain-english-notes.ts';
import { type CronShape, clockText, intervalClocks, type ScheduleWords } from './explain-words.ts';
import type { CronSchedule, IntervalSchedule } from './schedule.ts';

/** Schedules in English. */
export const englishWords: ScheduleWords = {
  ...englishNotes,
  interval: (schedule) => sentence(intervalText(schedule)),
  cron: (schedule, shape) => sentence(`${cronText(schedule, shape)} (${schedule.timeZone})`),
};

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function intervalText({ everyMs, mode, phaseMs, runOnStart }: IntervalSchedule): string {
  const start = runOnStart ? ', and once when the engine starts' : '';
  if (mode === 'delay') return `${durationWords(everyMs)} after the end of the previous run${start}`;
  const clocks = intervalClocks(everyMs, phaseMs);
  const phase = phaseMs === 0 ? '' : ` plus ${durationWords(phaseMs)}`;
  const fixed =
    clocks === undefined
      ? `counted from 1970-01-01 00:00 UTC${phase}`
      : `at ${clocks.more ? clocks.times.join(', ') : listOf(clocks.times)} UTC${clocks.more ? ' and so on' : ''}`;
  return `every ${unitWords(everyMs)}, ${fixed}${start}`;
}

function cronText({ dayMatch }: CronSchedule, { times, days }: CronShape): string {
  return `${timesText(times)}${daysText(days, times, dayMatch)}`;
}

function timesText(times: TimesShape): string {
  switch (times.kind) {
    case 'every':
      return everyText(times.stepS, times.fromS);
    case 'clock': {
      const withSeconds = times.times.some((time) => time % 60 !== 0);
      return `at ${listOf(times.times.map((time) => clockText(time, withSeconds)))}`;
    }
    case 'spans':
      return spansText(times.stepS, times.spans);
    case 'parts':
      return partsText(times);
    default:
      return times satisfies never;
  }
}

function everyText(stepS: number, fromS: number): string {
  const every = `every ${unitWords(stepS * 1_000)}`;
  if (stepS === 3_600) return fromS === 0 ? `${every}, on the hour` : `${every} at ${placeInHour(fromS)}`;
  if (fromS === 0 && stepS < 3_600) return every;
  if (stepS === 60) return `${every} at second ${fromS}`;
  return `${every} starting at ${clockText(fromS, fromS % 60 !== 0)}`;
}

function placeInHour(secondOfHour: number): string {
  const second = secondOfHour % 60;
  const minute = `minute ${Math.floor(secondOfHour / 60)}`;
  return second === 0 ? minute : `${minute}, second ${second}`;
}

function spansText(stepS: number, spans: readonly TimeSpan[]): string {
  const withSeconds = spans.some(({ fromS, throughS }) => fromS % 60 !== 0 || throughS % 60 !== 0);
  const texts = spans.map(({ fromS, throughS }) => {
    const [from, through] = [clockText(fromS, withSeconds), clockText(throughS, withSeconds)];
    if (fromS === throughS) return `at ${from}`;
    return `from ${from} through ${through}${throughS < fromS ? ' the next day' : ''}`;
  });
  // A single time in front would read as if the distance belonged to it.
  const ordered = [
    ...texts.filter((text) => !text.startsWith('at')),
    ...texts.filter((text) => text.startsWith('at')),
  ];
  return `every ${unitWords(stepS * 1_000)} ${listOf(ordered)}`;
}

type Parts = Extract<TimesShape, { readonly kind: 'parts' }>;

/** From small to large; second 0 alone goes without saying, and so does every hour after every minute. */
function partsText({ seconds, minutes, hours }: Parts): string {
  const ofHours = ` of ${placesText(hours, 'hour')}`;
  if (isOnly(seconds, 0)) return `${leadText(minutes, 'minute')}${ofHours}`;
  const lead = `${leadText(seconds, 'second')} of ${placesText(minutes, 'minute')}`;
  return minutes.kind === 'all' && hours.kind === 'all' ? lead : `${lead}${ofHours}`;
}

function isOnly(shape: ValuesShape, value: number): boolean {
  return shape.kind === 'list' && shape.values.length === 1 && shape.values[0] === value;
}

/** Values at the head of a sentence: `every 2 minutes`, `at minutes 0, 7 and 9`. */
function leadText(shape: ValuesShape, unit: string): string {
  switch (shape.kind) {
    case 'all':
      return `every ${unit}`;
    case 'list':
      return `at ${countedText(shape.values, unit)}`;
    case 'range':
      return `every ${unit} from ${unit} ${shape.first} through ${shape.last}`;
    case 'steps':
      return shape.around && shape.first === 0
        ? `every ${shape.step} ${unit}s`
        : `every ${shape.step} ${unit}s from ${unit} ${shape.first} through ${shape.last}`;
    default:
      return shape satisfies never;
  }
}

/** Values that others lie in: `of every hour`, `of hours 9 through 17`. */
function placesText(shape: ValuesShape, unit: string): string {
  switch (shape.kind) {
    case 'all':
      return `every ${unit}`;
    case 'list':
      return countedText(shape.values, unit);
    case 'range':
      return `${unit}s ${shape.first} through ${shape.last}`;
    case 'steps':
      return `every ${ordinal(shape.step)} ${unit} from ${shape.first} through ${shape.last}`;
    default:
      return shape satisfies never;
  }
}

function countedText(values: readonly number[], unit: string): string {
  return `${unit}${values.length === 1 ? '' : 's'} ${listOf(values.map(String))}`;
}

/** The days with what joins them to the times: a blank, or a comma before a run of weekdays. */
function daysText(days: DaysShape, times: TimesShape, dayMatch: CronSchedule['dayMatch']): string {
  const { dates, weekdays, months } = days;
  if (dates !== undefined && weekdays !== undefined) return bothText(dates, weekdays, { months, dayMatch });
  if (dates !== undefined) return ` ${datesText(dates, months)}`;
  if (weekdays !== undefined) return `${joinOf(weekdays)}${weekdaysText(weekdays, months)}`;
  const every = times.kind === 'clock' ? ' every day' : '';
  return months === undefined ? every : `${every} ${monthsText(months, 'in')}`;
}

function joinOf(weekdays: readonly WeekdaysItem[]): string {
  return weekdays.some(({ kind }) => kind === 'weekdays') ? ', ' : ' ';
}

interface Both {
  readonly months: MonthsShape | undefined;
  readonly dayMatch: CronSchedule['dayMatch'];
}

function bothText(
  dates: readonly DatesItem[],
  weekdays: readonly WeekdaysItem[],
  { months, dayMatch }: Both,
): string {
  const weekly = weekdaysText(weekdays, months);
  if (dayMatch === 'and') {
    return `${joinOf(weekdays)}${weekly}, but only on ${listOf(dates.map(dateText), 'or')} of the month`;
  }
  const both = ` ${datesText(dates, months)}, and also ${weekly}`;
  return dayMatch === 'or' ? both : `${both}; whether a day must satisfy both is not decided`;
}

function datesText(dates: readonly DatesItem[], months: MonthsShape | undefined): string {
  return `on ${listOf(dates.map(dateText))} ${monthsText(months, 'of')}`;
}

function dateText(item: DatesItem): string {
  switch (item.kind) {
    case 'day':
      return `the ${ordinal(item.day)}`;
    case 'days':
      return `the ${ordinal(item.first)} through the ${ordinal(item.last)}`;
    case 'every':
      return `every ${ordinal(item.step)} day from the ${ordinal(item.first)} through the ${ordinal(item.last)}`;
    case 'before-last':
      if (item.daysBefore === 0) return 'the last day';
      return `the ${ordinal(item.daysBefore)} day before the last day`;
    case 'nearest-weekday':
      return item.day === 'last' ? 'the last weekday' : `the weekday nearest to the ${ordinal(item.day)}`;
    default:
      return item satisfies never;
  }
}

function weekdaysText(weekdays: readonly WeekdaysItem[], months: MonthsShape | undefined): string {
  const [only] = weekdays;
  const plain = weekdays.every(({ kind }) => kind === 'weekday' || kind === 'weekdays');
  const when =
    only?.kind === 'weekdays'
      ? `${weekdayName(only.first)} to ${weekdayName(only.last)}`
      : `on ${listOf(weekdays.map(weekdayText))}`;
  if (plain) return months === undefined ? when : `${when} ${monthsText(months, 'in')}`;
  return `${when} ${monthsText(months, 'of')}`;
}

function weekdayText(item: WeekdaysItem): string {
  switch (item.kind) {
    case 'weekday':
      return weekdayName(item.weekday);
    case 'weekdays':
      return `${weekdayName(item.first)} to ${weekdayName(item.last)}`;
    case 'last':
      return `the last ${weekdayName(item.weekday)}`;
    case 'nth':
      return `the ${weekdayOrdinals[item.nth - 1] ?? ordinal(item.nth)} ${weekdayName(item.weekday)}`;
    default:
      return item satisfies never;
  }
}

function monthsText(months: MonthsShape | undefined, word: 'of' | 'in'): string {
  if (months === undefined) return `${word} every month`;
  if (months.kind === 'list') return `${word} ${listOf(months.months.map(monthName))}`;
  const run = `from ${monthName(months.first)} to ${monthName(months.last)}`;
  return word === 'of' ? `of every month ${run}` : run;
}
