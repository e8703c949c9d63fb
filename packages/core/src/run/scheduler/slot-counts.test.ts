import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { countSlots, nextSlot, previousSlot, slotsBetween, upcomingSlots } from './next-slot.ts';
import type { CronSchedule, IntervalSchedule } from './schedule.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const newYork = 'America/New_York';

function cron(expression: string, timeZone: string): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(parsed.errors.map((error) => error.message).join('; '));
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run' };
}

function every(everyMs: number, options: Partial<IntervalSchedule> = {}): IntervalSchedule {
  return { kind: 'interval', everyMs, mode: 'rate', phaseMs: 0, runOnStart: false, ...options };
}

describe('an interval with a rate', () => {
  it('has its slots at the same instants on every machine', () => {
    expect(upcomingSlots(every(1_000), 10_500, 3)).toEqual([11_000, 12_000, 13_000]);
    expect(nextSlot(every(60_000, { phaseMs: 7_000 }), 0)).toBe(7_000);
    expect(nextSlot(every(60_000, { phaseMs: 7_000 }), 7_000)).toBe(67_000);
  });

  it('answers with a slot strictly after or before the instant', () => {
    expect(nextSlot(every(1_000), 5_000)).toBe(6_000);
    expect(previousSlot(every(1_000), 5_000)).toBe(4_000);
    expect(previousSlot(every(1_000), 5_001)).toBe(5_000);
    expect(nextSlot(every(1_000), -1_500)).toBe(-1_000);
  });
});

describe('an interval with a delay', () => {
  const delay = every(5_000, { mode: 'delay' });

  it('is due one interval after the end of the previous run', () => {
    expect(nextSlot(delay, 1_234, 1_234)).toBe(6_234);
    expect(nextSlot(delay, 1_234)).toBe(6_234);
    expect(nextSlot(delay, 0, 1_234)).toBe(6_234);
  });

  it('keeps its distance from that end when slots were missed', () => {
    expect(nextSlot(delay, 17_000, 1_234)).toBe(21_234);
    expect(countSlots(delay, { afterMs: 1_234, untilMs: 17_000, anchorMs: 1_234 })).toEqual({
      count: 3,
      capped: false,
      firstMs: 6_234,
      lastMs: 16_234,
    });
  });

  it('has no slot at or before that end', () => {
    expect(previousSlot(delay, 6_234, 1_234)).toBeUndefined();
    expect(previousSlot(delay, 6_235, 1_234)).toBe(6_234);
    expect(previousSlot(delay, 6_235)).toBeUndefined();
  });
});

describe('counting missed slots', () => {
  it('divides for intervals, however many there are', () => {
    const tenYearsMs = 3_653 * dayMs;
    expect(countSlots(every(100), { afterMs: 50, untilMs: tenYearsMs })).toEqual({
      count: tenYearsMs / 100,
      capped: false,
      firstMs: 100,
      lastMs: tenYearsMs,
    });
  });

  it('stops at the cap for cron and still knows the newest slot', () => {
    const spanMs = { afterMs: Date.UTC(2020, 0), untilMs: Date.UTC(2026, 0) };
    expect(countSlots(cron('* * * * * *', newYork), spanMs)).toEqual({
      count: 1_000,
      capped: true,
      firstMs: Date.UTC(2020, 0) + 1_000,
      lastMs: Date.UTC(2026, 0),
    });
  });

  it('is exact when the number of slots is the cap', () => {
    const spanMs = { afterMs: 0, untilMs: 3 * minuteMs };
    expect(countSlots(cron('* * * * *', 'UTC'), spanMs, 3)).toMatchObject({ count: 3, capped: false });
    expect(countSlots(cron('* * * * *', 'UTC'), spanMs, 2)).toMatchObject({ count: 2, capped: true });
  });

  it('excludes the start and includes the end of the span', () => {
    expect(countSlots(every(1_000), { afterMs: 1_000, untilMs: 2_000 })).toMatchObject({
      count: 1,
      firstMs: 2_000,
    });
    expect(countSlots(every(1_000), { afterMs: 1_000, untilMs: 1_999 })).toEqual({ count: 0, capped: false });
    expect(countSlots(every(1_000), { afterMs: 1_000, untilMs: 0 })).toEqual({ count: 0, capped: false });
  });

  it('names the newest slots in ascending order', () => {
    const span = { afterMs: 0, untilMs: 10 * minuteMs };
    expect(slotsBetween(cron('* * * * *', 'UTC'), span, 3)).toEqual(
      [8, 9, 10].map((minute) => minute * minuteMs),
    );
    expect(slotsBetween(every(minuteMs), span, 2)).toEqual([9 * minuteMs, 10 * minuteMs]);
    expect(slotsBetween(every(minuteMs), span, 100)).toHaveLength(10);
    expect(slotsBetween(every(hourMs), span, 100)).toEqual([]);
  });
});
