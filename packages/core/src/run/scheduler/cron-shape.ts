import type { CronFields } from './cron-fields.ts';

/** A part of the day in which times follow each other at one distance; both ends are times that are selected. */
export interface TimeSpan {
  /** Seconds since midnight. */
  readonly fromS: number;
  /** Seconds since midnight; smaller than `fromS` when the span goes on into the next day. */
  readonly throughS: number;
}

/** The times of a day in the form a sentence has. */
export type TimesShape =
  /** One distance around the clock; `fromS` is the first time of the day. */
  | { readonly kind: 'every'; readonly stepS: number; readonly fromS: number }
  | { readonly kind: 'spans'; readonly stepS: number; readonly spans: readonly TimeSpan[] }
  | { readonly kind: 'clock'; readonly times: readonly number[] }
  | {
      readonly kind: 'parts';
      readonly seconds: ValuesShape;
      readonly minutes: ValuesShape;
      readonly hours: ValuesShape;
    };

/** The selected values of one field in the form a sentence has. */
export type ValuesShape =
  | { readonly kind: 'all' }
  | { readonly kind: 'list'; readonly values: readonly number[] }
  | { readonly kind: 'range'; readonly first: number; readonly last: number }
  /** At least three values; `around` when the distance from the last to the first of the next round is the same. */
  | {
      readonly kind: 'steps';
      readonly step: number;
      readonly first: number;
      readonly last: number;
      readonly around: boolean;
    };

const hourS = 3_600;
const dayS = 24 * hourS;
/** This many times of a day are named one by one rather than by their distance. */
const fewTimes = 4;
/** More times than this are never named one by one. */
const manyTimes = 12;
const manySpans = 3;

/** The times of a day. `everyDay` allows a span to go on over midnight: with days left out it would mean something else. */
export function timesShape(fields: CronFields, everyDay: boolean): TimesShape {
  const { hours } = fields;
  const withinHour = fields.minutes.flatMap((minute) => fields.seconds.map((second) => minute * 60 + second));
  const count = hours.length * withinHour.length;
  const around = aroundTheClock(hours, withinHour);
  if (around !== undefined && count > 2) return around;
  if (count <= fewTimes) return { kind: 'clock', times: timesOf(hours, withinHour) };
  const spans = spansOf(hours, withinHour, everyDay);
  if (spans !== undefined) return spans;
  if (count <= manyTimes) return { kind: 'clock', times: timesOf(hours, withinHour) };
  return {
    kind: 'parts',
    seconds: valuesShape(fields.seconds, 60),
    minutes: valuesShape(fields.minutes, 60),
    hours: valuesShape(hours, 24),
  };
}

/** The values of a field that counts from 0 to `size - 1`. */
export function valuesShape(values: readonly number[], size: number): ValuesShape {
  const [first = 0] = values;
  const last = values.at(-1) ?? first;
  if (values.length === size) return { kind: 'all' };
  const step = distanceOf(values);
  if (step === undefined || values.length < 3) return { kind: 'list', values };
  if (step === 1) return { kind: 'range', first, last };
  return { kind: 'steps', step, first, last, around: first + size - last === step };
}

/** The one distance of neighbours in an ascending list; undefined when they differ or there are none. */
export function distanceOf(values: readonly number[]): number | undefined {
  const [first, second] = values;
  if (first === undefined || second === undefined) return undefined;
  const step = second - first;
  return values.every((value, index) => value === first + index * step) ? step : undefined;
}

function timesOf(hours: readonly number[], withinHour: readonly number[]): readonly number[] {
  return hours.flatMap((hour) => withinHour.map((second) => hour * hourS + second));
}

/** The distance inside an hour that goes on unbroken into the next hour. */
function hourlyStep(withinHour: readonly number[]): number | undefined {
  const [first = 0] = withinHour;
  if (withinHour.length === 1) return hourS;
  const step = distanceOf(withinHour);
  return step !== undefined && first + hourS - (withinHour.at(-1) ?? 0) === step ? step : undefined;
}

function aroundTheClock(hours: readonly number[], withinHour: readonly number[]): TimesShape | undefined {
  const [first = 0] = withinHour;
  const stepS = hourlyStep(withinHour);
  if (stepS === undefined) return undefined;
  if (hours.length === 24) return { kind: 'every', stepS, fromS: first };
  const shape = valuesShape(hours, 24);
  if (withinHour.length > 1 || shape.kind !== 'steps' || !shape.around) return undefined;
  return { kind: 'every', stepS: shape.step * hourS, fromS: shape.first * hourS + first };
}

function spansOf(
  hours: readonly number[],
  withinHour: readonly number[],
  everyDay: boolean,
): TimesShape | undefined {
  const single = singleSpan(hours, withinHour);
  if (single !== undefined) return single;
  const stepS = hourlyStep(withinHour);
  if (stepS === undefined) return undefined;
  const blocks = blocksOf(hours, everyDay);
  if (blocks.length > manySpans) return undefined;
  const [first = 0] = withinHour;
  const last = withinHour.at(-1) ?? first;
  const spans = blocks.map(({ from, through }) => ({
    fromS: from * hourS + first,
    throughS: through * hourS + last,
  }));
  const isLong = ({ fromS, throughS }: TimeSpan) => (throughS - fromS + dayS) % dayS >= 2 * stepS;
  return spans.some(isLong) ? { kind: 'spans', stepS, spans } : undefined;
}

/** Times at one distance although the hours, or the times within the only hour, leave gaps. */
function singleSpan(hours: readonly number[], withinHour: readonly number[]): TimesShape | undefined {
  const times = withinHour.length === 1 || hours.length === 1 ? timesOf(hours, withinHour) : [];
  const stepS = distanceOf(times);
  const [fromS] = times;
  const throughS = times.at(-1);
  if (stepS === undefined || fromS === undefined || throughS === undefined) return undefined;
  return { kind: 'spans', stepS, spans: [{ fromS, throughS }] };
}

/** Hours that follow each other without a gap; the last block may go on into the first of the next day. */
function blocksOf(
  hours: readonly number[],
  everyDay: boolean,
): readonly { readonly from: number; readonly through: number }[] {
  const blocks: { from: number; through: number }[] = [];
  for (const hour of hours) {
    const open = blocks.at(-1);
    if (open !== undefined && open.through === hour - 1) open.through = hour;
    else blocks.push({ from: hour, through: hour });
  }
  const [first, ...others] = blocks;
  const last = others.at(-1);
  if (!everyDay || first?.from !== 0 || last?.through !== 23) return blocks;
  return [...others.slice(0, -1), { from: last.from, through: first.through }];
}
