import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { type CronSchedule, describeSchedule, type IntervalSchedule, maxIntervalMs } from './schedule.ts';
import { checkSchedule } from './schedule-rules.ts';

const nowMs = Date.UTC(2026, 10, 20);

function cron(expression: string, options: Partial<CronSchedule> = {}): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(parsed.errors.map((error) => error.message).join('; '));
  return {
    kind: 'cron',
    expression,
    fields: parsed.fields,
    timeZone: 'Asia/Seoul',
    dstGap: 'run',
    ...options,
  };
}

function every(everyMs: number, options: Partial<IntervalSchedule> = {}): IntervalSchedule {
  return { kind: 'interval', everyMs, mode: 'rate', phaseMs: 0, runOnStart: false, ...options };
}

describe('a schedule in a table', () => {
  it.each([
    [every(1_000), 'every 1 s'],
    [every(300_000), 'every 5 m'],
    [every(250), 'every 250 ms'],
    [every(5_000, { mode: 'delay' }), '5 s after end'],
    [cron('0 17 * * 1-5'), '0 17 * * 1-5'],
  ])('is short (%#)', (schedule, expected) => {
    expect(describeSchedule(schedule)).toBe(expected);
  });
});

describe('a schedule that can be used', () => {
  it.each([
    every(100),
    every(maxIntervalMs),
    every(60_000, { phaseMs: 59_999 }),
    every(1_000, { mode: 'delay' }),
    cron('0 17 * * 1-5'),
    cron('0 0 1 * 1', { dayMatch: 'or' }),
    cron('0 0 29 2 1', { dayMatch: 'and' }),
  ])('has no problems (%#)', (schedule) => {
    expect(checkSchedule(schedule, nowMs)).toEqual([]);
  });
});

describe('a schedule that cannot be used', () => {
  it.each([
    [every(99), 'everyMs'],
    [every(maxIntervalMs + 1), 'everyMs'],
    [every(1_000.5), 'everyMs'],
    [every(Number.NaN), 'everyMs'],
    [every(1_000, { phaseMs: 1_000 }), 'phaseMs'],
    [every(1_000, { phaseMs: -1 }), 'phaseMs'],
    [every(1_000, { phaseMs: 1, mode: 'delay' }), 'phaseMs'],
    [cron('0 0 * * *', { timeZone: 'Mars/Olympus' }), 'timeZone'],
    [cron('0 0 1 * 1'), 'dayMatch'],
    [cron('0 0 1-7 * 1#3', { dayMatch: 'and' }), 'expression'],
  ])('names the field (%#)', (schedule, field) => {
    const [problem] = checkSchedule(schedule, nowMs);
    expect(problem).toMatchObject({ field, message: expect.any(String), remedy: expect.any(String) });
  });

  it('without dayMatch shows what both readings would do', () => {
    const [problem] = checkSchedule(cron('0 9 1-7 * 1'), nowMs);
    expect(problem?.message).toContain(
      "With 'and' (a day must satisfy both) it fires next: 2026-12-07 09:00, 2027-01-04 09:00, 2027-02-01 09:00; with 'or' (one is enough, as in crontab): 2026-11-23 09:00, 2026-11-30 09:00, 2026-12-01 09:00.",
    );
  });

  it('without dayMatch says so when one reading never fires', () => {
    expect(checkSchedule(cron('0 9 1-7 * 1#3'), nowMs)[0]?.message).toContain('fires next: never;');
  });
});
