import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { type ClockChange, clockChangeEffect, nextClockChanges } from './clock-change.ts';
import { nextSlot } from './next-slot.ts';
import type { CronSchedule } from './schedule.ts';

const startMs = Date.UTC(2024, 0, 1);
const hourMs = 3_600_000;
const zones = [
  'America/New_York',
  'Europe/London',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/Santiago',
];

function cron(expression: string, timeZone: string, dstGap: 'run' | 'skip'): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(expression);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap };
}

function slotsIn(schedule: CronSchedule, fromMs: number, toMs: number): number {
  let count = 0;
  let slot = nextSlot(schedule, fromMs - 1);
  while (slot !== undefined && slot < toMs) {
    count += 1;
    slot = nextSlot(schedule, slot);
  }
  return count;
}

describe('clock changes', () => {
  it('are found in order, both kinds, and only where a clock changes', () => {
    const [spring, autumn, none] = nextClockChanges('America/New_York', Date.UTC(2026, 10, 20), 2);
    expect([spring, autumn, none]).toEqual([
      {
        atMs: Date.UTC(2027, 2, 14, 7),
        fromLocalMs: Date.UTC(2027, 2, 14, 2),
        toLocalMs: Date.UTC(2027, 2, 14, 3),
      },
      {
        atMs: Date.UTC(2027, 10, 7, 6),
        fromLocalMs: Date.UTC(2027, 10, 7, 2),
        toLocalMs: Date.UTC(2027, 10, 7, 1),
      },
      undefined,
    ]);
    expect(nextClockChanges('Asia/Seoul', startMs, 2)).toEqual([]);
    expect(nextClockChanges('UTC', startMs, 2)).toEqual([]);
  });

  it('do to a schedule what the explanation says', () => {
    const kinds = new Set<string>();
    const gap = fc.constantFrom('run', 'skip');
    fc.assert(
      fc.property(expression(), fc.constantFrom(...zones), gap, (text, zone, dstGap) => {
        const schedule = cron(text, zone, dstGap);
        for (const change of nextClockChanges(zone, startMs, 4)) {
          kinds.add(checkEffect(schedule, change));
        }
      }),
      { seed: 11, numRuns: 400 },
    );
    expect([...kinds].sort()).toEqual(['first-only', 'joined', 'left-out', 'none', 'real-time']);
  });
});

/** Compares the effect with the slots around the change. */
function checkEffect(schedule: CronSchedule, change: ClockChange): string {
  const effect = clockChangeEffect(schedule, change);
  const { atMs, kind, count } = effect;
  const shiftMs = Math.abs(change.toLocalMs - change.fromLocalMs);
  const atOnce = nextSlot(schedule, atMs - 1) === atMs;
  const about = `${schedule.expression} ${schedule.timeZone} ${new Date(atMs).toISOString()} ${kind}`;
  expect(effect.afterMs, about).toBe(nextSlot(schedule, atMs - 1));
  const again = slotsIn(schedule, atMs, atMs + shiftMs);
  switch (kind) {
    case 'joined':
      expect(atOnce, about).toBe(true);
      break;
    case 'left-out':
      expect(atOnce, about).toBe(selects(schedule, change.toLocalMs));
      break;
    case 'first-only':
      expect(slotsIn(schedule, atMs - shiftMs, atMs), about).toBe(count);
      expect(again, about).toBe(0);
      break;
    case 'real-time':
      expect(atOnce, about).toBe(selects(schedule, change.toLocalMs));
      if (change.toLocalMs < change.fromLocalMs) expect(again, about).toBe(count);
      break;
    case 'none':
      expect(atOnce, about).toBe(
        change.toLocalMs > change.fromLocalMs && selects(schedule, change.toLocalMs),
      );
      break;
    default:
      kind satisfies never;
  }
  return kind;
}

/** Whether a wall time is selected, asked of a clock that never changes. */
function selects(schedule: CronSchedule, localMs: number): boolean {
  return nextSlot({ ...schedule, timeZone: 'UTC' }, localMs - 1) === localMs;
}

/** Expressions that often hit the hours in which clocks change. */
function expression(): fc.Arbitrary<string> {
  const minute = fc.constantFrom('0', '15', '30', '*/15', '*/10', '45', '*/7');
  const hour = fc.constantFrom('*', '*', '0', '1', '2', '1-3', '*/2', '23', '9', '0-5');
  const weekday = fc.constantFrom('*', '*', '0', '5', '1-5', '0L');
  return fc.tuple(minute, hour, weekday).map(([m, h, w]) => `${m} ${h} * * ${w}`);
}

it('clock changes of a day move a schedule by at most that day', () => {
  // Samoa went from 29 to 31 December 2011.
  const [change] = nextClockChanges('Pacific/Apia', Date.UTC(2011, 11, 1), 1);
  const schedule = cron('0 9 * * *', 'Pacific/Apia', 'run');
  expect(change === undefined ? undefined : clockChangeEffect(schedule, change)).toMatchObject({
    kind: 'joined',
    count: 1,
    afterMs: change?.atMs,
  });
  expect((change?.toLocalMs ?? 0) - (change?.fromLocalMs ?? 0)).toBe(24 * hourMs);
});
