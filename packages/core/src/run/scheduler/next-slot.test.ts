import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { formatInstant } from '../../kernel/time/civil.ts';
import { countSlots, nextSlot, previousSlot, upcomingSlots } from './next-slot.ts';
import type { CronSchedule } from './schedule.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const newYork = 'America/New_York';

function cron(
  expression: string,
  timeZone: string,
  options: Partial<Pick<CronSchedule, 'dayMatch' | 'dstGap'>> = {},
): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(parsed.errors.map((error) => error.message).join('; '));
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run', ...options };
}

/** Slots from `from` (inclusive) to `to` (exclusive) as local text; both are ISO instants. */
function fires(schedule: CronSchedule, from: string, to: string): string[] {
  const texts: string[] = [];
  let slot = nextSlot(schedule, Date.parse(from) - 1);
  while (slot !== undefined && slot < Date.parse(to)) {
    texts.push(formatInstant(slot, schedule.timeZone));
    slot = nextSlot(schedule, slot);
  }
  return texts;
}

describe('clock changes in New York 2026', () => {
  const spring = ['2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00'] as const;
  const autumn = ['2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00'] as const;

  it('move a time inside the gap to the first instant after it', () => {
    expect(fires(cron('30 2 * * *', newYork), ...spring)).toEqual(['2026-03-08T03:00:00-04:00']);
  });

  it('drop a time inside the gap when the target asks for that', () => {
    const skipping = cron('30 2 * * *', newYork, { dstGap: 'skip' });
    expect(fires(skipping, ...spring)).toEqual([]);
    expect(nextSlot(skipping, Date.parse(spring[0]))).toBe(Date.parse('2026-03-09T02:30:00-04:00'));
    expect(previousSlot(skipping, Date.parse(spring[1]))).toBe(Date.parse('2026-03-07T02:30:00-05:00'));
  });

  it('join all times inside the gap and the one right after it to one firing', () => {
    expect(fires(cron('0,20,40 2-3 * * *', newYork), ...spring)).toEqual([
      '2026-03-08T03:00:00-04:00',
      '2026-03-08T03:20:00-04:00',
      '2026-03-08T03:40:00-04:00',
    ]);
    expect(fires(cron('* * 2 * * *', newYork), ...spring)).toEqual(['2026-03-08T03:00:00-04:00']);
  });

  it('fire a time inside the overlap at its first occurrence only', () => {
    expect(fires(cron('*/30 1 * * *', newYork), ...autumn)).toEqual([
      '2026-11-01T01:00:00-04:00',
      '2026-11-01T01:30:00-04:00',
    ]);
    expect(fires(cron('0 1-2 * * *', newYork), ...autumn)).toEqual([
      '2026-11-01T01:00:00-04:00',
      '2026-11-01T02:00:00-05:00',
    ]);
  });

  it.each([
    ['*/15 * * * *', 15 * minuteMs],
    ['0 * * * *', hourMs],
    ['30 * * * *', hourMs],
    ['7 */1 * * *', hourMs],
  ])('leave no hole and no bunch in %s', (expression, distanceMs) => {
    for (const [from, to] of [spring, autumn]) {
      const instants = fires(cron(expression, newYork), from, to).map((text) => Date.parse(text));
      expect(instants).toHaveLength((Date.parse(to) - Date.parse(from)) / distanceMs);
      for (const [index, instantMs] of instants.entries()) {
        expect(instantMs - (instants[0] ?? 0)).toBe(index * distanceMs);
      }
    }
  });

  it('do not stop a schedule of every second', () => {
    const beforeMs = Date.parse('2026-11-01T00:00:00-04:00');
    const { count, capped } = countSlots(
      cron('* * * * * *', newYork),
      { afterMs: beforeMs, untilMs: beforeMs + 3 * hourMs },
      20_000,
    );
    expect({ count, capped }).toEqual({ count: 10_800, capped: false });
  });
});

describe('clock changes elsewhere', () => {
  it('move midnight in Sao Paulo 2018 to one o clock', () => {
    const day = ['2018-11-03T12:00:00-03:00', '2018-11-05T12:00:00-02:00'] as const;
    expect(fires(cron('0 0 * * *', 'America/Sao_Paulo'), ...day)).toEqual([
      '2018-11-04T01:00:00-02:00',
      '2018-11-05T00:00:00-02:00',
    ]);
    expect(fires(cron('0 0 4 11 *', 'America/Sao_Paulo'), ...day)).toEqual(['2018-11-04T01:00:00-02:00']);
  });

  it('repeat the last hour of a day in Sao Paulo 2019 without repeating its work', () => {
    expect(
      fires(
        cron('30 23 * * *', 'America/Sao_Paulo'),
        '2019-02-16T12:00:00-02:00',
        '2019-02-17T12:00:00-03:00',
      ),
    ).toEqual(['2019-02-16T23:30:00-02:00']);
  });

  it('of half an hour on Lord Howe work like those of an hour', () => {
    const zone = 'Australia/Lord_Howe';
    expect(fires(cron('15 2 * * *', zone), '2026-10-04T00:00:00+10:30', '2026-10-05T00:00:00+11:00')).toEqual(
      ['2026-10-04T02:30:00+11:00'],
    );
    expect(fires(cron('45 1 * * *', zone), '2026-04-05T00:00:00+11:00', '2026-04-06T00:00:00+10:30')).toEqual(
      ['2026-04-05T01:45:00+11:00'],
    );
    expect(fires(cron('0 * * * *', zone), '2026-10-04T01:00:00+10:30', '2026-10-04T04:00:00+11:00')).toEqual([
      '2026-10-04T01:00:00+10:30',
      '2026-10-04T03:00:00+11:00',
    ]);
  });

  it('skip one whole day in Samoa 2011 with one firing for all of it', () => {
    expect(
      fires(cron('0 9,15 * * *', 'Pacific/Apia'), '2011-12-29T00:00:00-10:00', '2012-01-01T00:00:00+14:00'),
    ).toEqual([
      '2011-12-29T09:00:00-10:00',
      '2011-12-29T15:00:00-10:00',
      '2011-12-31T00:00:00+14:00',
      '2011-12-31T09:00:00+14:00',
      '2011-12-31T15:00:00+14:00',
    ]);
  });

  it('do not exist in Seoul', () => {
    expect(
      fires(cron('0 9 * * 1-5', 'Asia/Seoul'), '2026-11-20T00:00:00+09:00', '2026-11-24T00:00:00+09:00'),
    ).toEqual(['2026-11-20T09:00:00+09:00', '2026-11-23T09:00:00+09:00']);
  });
});

describe('two restricted day fields', () => {
  const year = ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'] as const;

  it('select a day that satisfies both with "and"', () => {
    expect(fires(cron('0 9 1-7 * 1', 'UTC', { dayMatch: 'and' }), ...year)).toHaveLength(12);
  });

  it('select a day that satisfies one with "or"', () => {
    expect(fires(cron('0 9 1-7 * 1', 'UTC', { dayMatch: 'or' }), ...year)).toHaveLength(124);
  });

  it.each([2025, 2026, 2027, 2028])('include 1 March %i', (march) => {
    const slots = fires(
      cron('0 0 1 * 1', 'UTC', { dayMatch: 'or' }),
      `${march}-02-20T00:00:00Z`,
      `${march}-03-02T00:00:00Z`,
    );
    expect(slots).toContain(`${march}-03-01T00:00:00+00:00`);
  });

  it('are an error of the caller without a decision', () => {
    expect(() => nextSlot(cron('0 0 1 * 1', 'UTC'), 0)).toThrow("cron '0 0 1 * 1' restricts both day fields");
  });

  it('that exclude each other never fire', () => {
    const never = cron('0 0 1-7 * 1#3', 'UTC', { dayMatch: 'and' });
    expect(nextSlot(never, 0)).toBeUndefined();
    expect(previousSlot(never, 0)).toBeUndefined();
    expect(countSlots(never, { afterMs: 0, untilMs: dayMs })).toEqual({ count: 0, capped: false });
    expect(upcomingSlots(never, 0, 3)).toEqual([]);
  });
});

describe('rare days', () => {
  it('are found across the century without a leap year', () => {
    const leap = cron('0 0 29 2 *', 'UTC');
    expect(
      upcomingSlots(leap, Date.UTC(2095, 0), 2).map((ms) => formatInstant(ms, 'UTC').slice(0, 10)),
    ).toEqual(['2096-02-29', '2104-02-29']);
    expect(previousSlot(leap, Date.UTC(2104, 1, 29))).toBe(Date.UTC(2096, 1, 29));
  });

  it('are found when they must also be a certain weekday', () => {
    const leapMonday = cron('0 0 29 2 1', 'UTC', { dayMatch: 'and' });
    expect(upcomingSlots(leapMonday, Date.UTC(2026, 0), 2)).toEqual([
      Date.UTC(2044, 1, 29),
      Date.UTC(2072, 1, 29),
    ]);
  });

  it.each([
    ['0 0 L * *', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['0 0 L-3 * *', ['2026-01-28', '2026-02-25', '2026-03-28']],
    ['0 0 15W * *', ['2026-01-15', '2026-02-16', '2026-03-16']],
    ['0 0 1W * *', ['2026-01-01', '2026-02-02', '2026-03-02']],
    ['0 0 LW * *', ['2026-01-30', '2026-02-27', '2026-03-31']],
    ['0 0 31W * *', ['2026-01-30', '2026-03-31', '2026-05-29']],
    ['0 0 * * 5L', ['2026-01-30', '2026-02-27', '2026-03-27']],
    ['0 0 * * 1#2', ['2026-01-12', '2026-02-09', '2026-03-09']],
    ['0 0 * * 0#5', ['2026-03-29', '2026-05-31', '2026-08-30']],
  ])('%s', (expression, dates) => {
    const slots = upcomingSlots(cron(expression, 'UTC'), Date.UTC(2026, 0, 1) - 1, 3);
    expect(slots.map((slot) => formatInstant(slot, 'UTC').slice(0, 10))).toEqual(dates);
  });
});

describe('the answer', () => {
  it('does not depend on what was asked before', () => {
    for (const expression of ['0 12 * * *', '0 0 1 * *', '30 6 28-31 * *', '0 0 L * *', '0 0 * * 1']) {
      const asked = cron(expression, 'UTC');
      for (let step = 0; step < 400; step += 1) {
        const instantMs = Date.UTC(2026, 0, 20) + ((step * 7_919) % 2_400) * hourMs;
        const fresh = cron(expression, 'UTC');
        expect(nextSlot(asked, instantMs)).toBe(nextSlot(fresh, instantMs));
        expect(previousSlot(asked, instantMs)).toBe(previousSlot(cron(expression, 'UTC'), instantMs));
      }
    }
  });

  it('is the neighbouring second at both sides of a clock change', () => {
    const everySecond = cron('* * * * * *', newYork);
    const lastSecondOfHour = cron('59 59 * * * *', newYork);
    for (const changeMs of [
      Date.parse('2026-03-08T03:00:00-04:00'),
      Date.parse('2026-11-01T01:00:00-05:00'),
    ]) {
      expect(previousSlot(everySecond, changeMs)).toBe(changeMs - 1_000);
      expect(nextSlot(everySecond, changeMs - 1_000)).toBe(changeMs);
      expect(nextSlot(everySecond, changeMs)).toBe(changeMs + 1_000);
      expect(previousSlot(lastSecondOfHour, changeMs + 10 * minuteMs)).toBe(changeMs - 1_000);
    }
  });
});
