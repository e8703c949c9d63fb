import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { segmentAt } from '../../kernel/time/zone.ts';
import type { CronFields } from './cron-fields.ts';
import { nextSlot, previousSlot } from './next-slot.ts';
import type { CronSchedule } from './schedule.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;

/** What a wall clock shows at every minute, read from the runtime and not from the code under test. */
interface Minute {
  readonly instantMs: number;
  readonly localMs: number;
}

const expressions = [
  '* * * * *',
  '*/15 * * * *',
  '7 * * * *',
  '0 0-23/2 * * *',
  '30 2 * * *',
  '15 2 * * *',
  '*/30 1 * * *',
  '0,30 0-3 * * *',
  '*/10 2 * * *',
  '0 0 * * *',
  '45 23 * * *',
  '59 1 * * 0',
  '0 3 * * 1-5',
  '20 1,2 1-14 * *',
];

const zones: readonly (readonly [zone: string, years: readonly number[]])[] = [
  ['America/New_York', [2025, 2026, 2027]],
  ['Europe/Berlin', [2025, 2026]],
  ['Europe/London', [2025, 2026]],
  ['America/Sao_Paulo', [2017, 2018, 2019]],
  ['Australia/Sydney', [2025, 2026]],
  ['Australia/Lord_Howe', [2025, 2026]],
  ['Asia/Seoul', [2026]],
  ['UTC', [2026]],
];

/** `QTS_ORACLE_YEARS=2020-2035` reads every clock change of those years; the slice above is for every day. */
const [firstYear, lastYear] = (process.env['QTS_ORACLE_YEARS'] ?? '').split('-').map(Number);
const allYears =
  firstYear === undefined || lastYear === undefined
    ? undefined
    : Array.from({ length: lastYear - firstYear + 1 }, (_, index) => firstYear + index);

describe.each(zones)('slots in %s around clock changes', (zone, years) => {
  const windows = windowsOf(zone, allYears ?? years);

  it.each(['run', 'skip'] as const)(
    'equal a minute by minute reading of the wall clock (gap: %s)',
    (dstGap) => {
      for (const minutes of windows) {
        for (const expression of expressions) {
          const schedule = cron(expression, zone, dstGap);
          const expected = firingsOf(schedule, minutes);
          expect(ascending(schedule, minutes), `${expression} forward`).toEqual(expected);
          expect(descending(schedule, minutes), `${expression} backward`).toEqual(expected);
          expect(wrongAnswers(schedule, minutes, expected), `${expression} from any instant`).toEqual([]);
        }
      }
    },
  );
});

function cron(expression: string, timeZone: string, dstGap: CronSchedule['dstGap']): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(expression);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap };
}

/** Three days around each change of the zone's clock in these years; around 1 July where there is none. */
function windowsOf(zone: string, years: readonly number[]): readonly (readonly Minute[])[] {
  const changes = years.flatMap((year) => changesIn(zone, year));
  const centres = changes.length > 0 ? changes : years.map((year) => Date.UTC(year, 6, 1));
  return centres.map((centreMs) => minutesAround(zone, centreMs));
}

function changesIn(zone: string, year: number): number[] {
  const changes: number[] = [];
  let segment = segmentAt(zone, Date.UTC(year, 0, 1));
  while (segment.endMs < Date.UTC(year + 1, 0, 1)) {
    const next = segmentAt(zone, segment.endMs);
    if (next.offsetMs !== segment.offsetMs) changes.push(next.startMs);
    segment = next;
  }
  return changes;
}

function minutesAround(zone: string, centreMs: number): readonly Minute[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  return Array.from({ length: 3 * 1_440 }, (_, index) => {
    const instantMs = centreMs - 1.5 * dayMs + index * minuteMs;
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0] =
      format.format(instantMs).match(/\d+/g)?.map(Number) ?? [];
    return { instantMs, localMs: Date.UTC(year, month - 1, day, hour, minute) };
  });
}

/** The definition itself: every shown minute when all hours are selected, otherwise every minute shown or jumped over for the first time. */
function firingsOf({ fields, dstGap }: CronSchedule, minutes: readonly Minute[]): number[] {
  const firings: number[] = [];
  let shownMs = (minutes[0]?.localMs ?? 0) - minuteMs;
  for (const { instantMs, localMs } of minutes) {
    if (fields.hours.length === 24) {
      if (matches(fields, localMs)) firings.push(instantMs);
      continue;
    }
    let fired = false;
    for (let labelMs = shownMs + minuteMs; labelMs <= localMs; labelMs += minuteMs) {
      if (labelMs < localMs && dstGap === 'skip') continue;
      fired ||= matches(fields, labelMs);
    }
    if (fired) firings.push(instantMs);
    shownMs = Math.max(shownMs, localMs);
  }
  return firings;
}

function matches(fields: CronFields, localMs: number): boolean {
  const time = new Date(localMs);
  return (
    fields.minutes.includes(time.getUTCMinutes()) &&
    fields.hours.includes(time.getUTCHours()) &&
    fields.months.includes(time.getUTCMonth() + 1) &&
    fields.daysOfMonth.some((rule) => rule.kind === 'day' && rule.day === time.getUTCDate()) &&
    fields.daysOfWeek.some((rule) => rule.kind === 'weekday' && rule.weekday === time.getUTCDay())
  );
}

function ascending(schedule: CronSchedule, minutes: readonly Minute[]): number[] {
  const slots: number[] = [];
  const endMs = minutes.at(-1)?.instantMs ?? 0;
  let slotMs = nextSlot(schedule, (minutes[0]?.instantMs ?? 0) - 1);
  while (slotMs !== undefined && slotMs <= endMs) {
    slots.push(slotMs);
    slotMs = nextSlot(schedule, slotMs);
  }
  return slots;
}

function descending(schedule: CronSchedule, minutes: readonly Minute[]): number[] {
  const slots: number[] = [];
  const startMs = minutes[0]?.instantMs ?? 0;
  let slotMs = previousSlot(schedule, (minutes.at(-1)?.instantMs ?? 0) + 1);
  while (slotMs !== undefined && slotMs >= startMs) {
    slots.push(slotMs);
    slotMs = previousSlot(schedule, slotMs);
  }
  return slots.reverse();
}

/** Instants near the middle of the window from which the neighbouring slots are not those of the list. */
function wrongAnswers(
  schedule: CronSchedule,
  minutes: readonly Minute[],
  expected: readonly number[],
): readonly number[] {
  const near = minutes.slice(minutes.length / 2 - 240, minutes.length / 2 + 240);
  return near
    .map(({ instantMs }) => instantMs)
    .filter((_, index) => index % 5 === 0)
    .filter((instantMs) => {
      const later = expected.find((slotMs) => slotMs > instantMs);
      const earlier = expected.findLast((slotMs) => slotMs < instantMs);
      const isLaterWrong = later !== undefined && nextSlot(schedule, instantMs) !== later;
      return isLaterWrong || (earlier !== undefined && previousSlot(schedule, instantMs) !== earlier);
    });
}
