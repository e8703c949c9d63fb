import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { type DayMatch, selectedDays } from './cron-days.ts';
import type { CronFields } from './cron-fields.ts';
import { explainExpression } from './explain-schedule.ts';
import { readEnglish } from './fixtures/english-reader.ts';

const nowMs = Date.UTC(2026, 10, 20);
const lengths = [28, 29, 30, 31];
const weekdays = [0, 1, 2, 3, 4, 5, 6];

describe('the explanation of any expression', () => {
  it('in English says exactly what the expression selects', () => {
    let compared = 0;
    fc.assert(
      fc.property(expression(), match(), (text, dayMatch) => {
        const explained = explainExpression(text, nodeCronGrammar, contextOf(dayMatch));
        if (!explained.ok) return;
        compared += 1;
        const read = readEnglish(explained.text);
        const { fields } = explained.schedule;
        expect(sameTimes(read.times, timesOf(fields)), `${text}: ${explained.text}`).toBe(true);
        expect([...read.months], `${text}: ${explained.text}`).toEqual([...fields.months]);
        const days = daysOf((length, first) => {
          return lengthDays(length).filter((day) => read.selects(day, length, first));
        });
        expect(days, `${text}: ${explained.text}`).toBe(selectedDaysOf(fields, dayMatch));
      }),
      { seed: 20_261_120, numRuns: 2_500 },
    );
    expect(compared).toBeGreaterThan(2_000);
  });

  it.each(['en', 'ko'] as const)('in %s differs where expressions differ', (language) => {
    const meanings = new Map<string, string>();
    for (const [text, dayMatch] of neighbours()) {
      const explained = explainExpression(text, nodeCronGrammar, { ...contextOf(dayMatch), language });
      if (!explained.ok) continue;
      const { seconds, minutes, hours, months } = explained.schedule.fields;
      const days = selectedDaysOf(explained.schedule.fields, dayMatch);
      const meaning = JSON.stringify([seconds, minutes, hours, months, days]);
      const known = meanings.get(explained.text) ?? meaning;
      expect(meaning, `${text}: ${explained.text}`).toBe(known);
      meanings.set(explained.text, meaning);
    }
    expect(meanings.size).toBeGreaterThan(1_000);
  });

  it('never throws and never leaves a value out, in any zone and language', () => {
    fc.assert(
      fc.property(
        expression(),
        fc.option(match(), { nil: undefined }),
        zone(),
        (text, dayMatch, timeZone) => {
          for (const language of ['en', 'ko'] as const) {
            const explained = explainExpression(text, nodeCronGrammar, {
              timeZone,
              dayMatch,
              language,
              nowMs,
            });
            if (!explained.ok) continue;
            const lines = [explained.text, ...explained.notes].join('\n');
            expect(lines).not.toMatch(/undefined|NaN|\bnull\b| {2}|,,|\.\./);
            const slots = explained.undecided ? 0 : explained.nextSlots.length;
            if (slots === 0) expect(lines).toMatch(/'and'|never runs|한 번도/);
            else expect(slots).toBe(5);
          }
        },
      ),
      { seed: 3, numRuns: 400 },
    );
  });
});

/** Expressions that differ in little: every pair of day fields, and every triple of time fields, out of a few. */
function* neighbours(): Generator<readonly [string, DayMatch]> {
  const dates = '* 1 15 31 1-7 1-8 L L-1 L-3 LW 15W 14W */2 */3 1,15 1,7 L,LW 1,L'.split(' ');
  const months = '* 3 3-5 3,5 nov-feb'.split(' ');
  const days = '* 1 0 1-5 1-6 0,6 0,1 fri-mon 5L 1L 1#2 1#3 1,5L 1,5#1 mon,wed,fri'.split(' ');
  for (const date of dates) {
    for (const month of months) {
      for (const day of days) {
        yield [`0 9 ${date} ${month} ${day}`, 'and'];
        yield [`0 9 ${date} ${month} ${day}`, 'or'];
      }
    }
  }
  const seconds = '0 30 * */10 */7 0,30 0-10 5-59/10'.split(' ');
  const minutes = '0 30 * */10 */7 0,30 0-10 5-59/10 10-50/10'.split(' ');
  const hours = '0 12 * */2 */5 1-23/2 9-17 22-2 9-11,13-15 0,12 0,5,6,7,20'.split(' ');
  for (const second of seconds) {
    for (const minute of minutes) {
      for (const hour of hours) yield [`${second} ${minute} ${hour} * * *`, 'and'];
    }
  }
}

function contextOf(dayMatch: DayMatch) {
  return { timeZone: 'UTC', dayMatch, language: 'en', nowMs } as const;
}

function timesOf({ hours, minutes, seconds }: CronFields): Uint8Array {
  const times = new Uint8Array(86_400);
  for (const hour of hours) {
    for (const minute of minutes) {
      for (const second of seconds) times[hour * 3_600 + minute * 60 + second] = 1;
    }
  }
  return times;
}

function sameTimes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

/** The selected days of a month of every shape, as one text. */
function daysOf(select: (length: number, firstWeekday: number) => readonly number[]): string {
  return lengths
    .flatMap((length) => weekdays.map((firstWeekday) => select(length, firstWeekday).join()))
    .join(';');
}

function selectedDaysOf(fields: CronFields, dayMatch: DayMatch): string {
  return daysOf((length, firstWeekday) => {
    const bits = selectedDays(fields, dayMatch, { length, firstWeekday });
    return lengthDays(length).filter((day) => ((bits >>> (day - 1)) & 1) === 1);
  });
}

function lengthDays(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index + 1);
}

function match(): fc.Arbitrary<DayMatch> {
  return fc.constantFrom('and', 'or');
}

function zone(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'UTC',
    'Asia/Seoul',
    'America/New_York',
    'Europe/London',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'Africa/Casablanca',
    'America/Santiago',
  );
}

function expression(): fc.Arbitrary<string> {
  const dayOfMonth = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: field(1, 31) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('L', 'L-3', 'L-1', '15W', 'LW', '1W', '31W', 'L,10', '31', '1-5,L,7W'),
    },
  );
  const dayOfWeek = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: field(0, 7) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('5L', '1#2', '0#5', '1-5', 'mon,wed', '6-1', '3L,5#1', '0,6', '1,5L,2#1'),
    },
  );
  const month = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: field(1, 12) },
    { weight: 1, arbitrary: fc.constantFrom('feb', 'nov-feb', '*/3', '2,4,6') },
  );
  const second = fc.option(field(0, 59), { nil: undefined });
  return fc
    .tuple(second, field(0, 59), field(0, 23), dayOfMonth, month, dayOfWeek)
    .map((parts) => parts.filter((part) => part !== undefined).join(' '));
}

/** One field; small steps and round values are frequent, as people write them. */
function field(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, Math.min(min + 5, max), max));
  const step = fc.constantFrom(2, 3, 4, 5, 6, 7, 10, 12, 15, 20, 30).filter((size) => size < max - min);
  const range = fc.tuple(value, value).map(([first, last]) => `${first}-${last}`);
  const part = fc.oneof(value.map(String), range);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: value.map(String) },
    { weight: 3, arbitrary: step.map((size) => `*/${size}`) },
    { weight: 2, arbitrary: range },
    { weight: 2, arbitrary: fc.tuple(range, step).map(([span, size]) => `${span}/${size}`) },
    { weight: 2, arbitrary: fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join(',')) },
  );
}
