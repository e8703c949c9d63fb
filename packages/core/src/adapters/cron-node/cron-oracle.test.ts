import fc from 'fast-check';
import { createTask } from 'node-cron';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { segmentAt } from '../../kernel/time/zone.ts';
import { nextSlot, previousSlot } from '../../run/scheduler/next-slot.ts';
import type { CronSchedule } from '../../run/scheduler/schedule.ts';
import { nodeCronGrammar } from './cron-grammar.ts';

const dayMs = 86_400_000;
const runs = 2_000;

// node-cron answers "next" only from the current time, so the test moves that; timers stay real.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('finds the same next slot as node-cron away from clock changes', () => {
  let compared = 0;
  fc.assert(
    fc.property(expression(), zone(), instant(), (text, timeZone, afterMs) => {
      const schedule = scheduleOf(text, timeZone);
      if (schedule === undefined) return;
      const slotMs = nextSlot(schedule, afterMs);
      if (slotMs === undefined) {
        expect(() => oracle(text, timeZone, afterMs), text).toThrow('Could not find');
        return;
      }
      if (isNearClockChange(timeZone, afterMs, slotMs)) return;
      compared += 1;
      expect(`${text} ${new Date(slotMs).toISOString()}`).toBe(`${text} ${oracle(text, timeZone, afterMs)}`);
      expect(previousSlot(schedule, slotMs + 1)).toBe(slotMs);
      expect(previousSlot(schedule, slotMs) ?? 0).toBeLessThanOrEqual(afterMs);
    }),
    { seed: 20_261_120, numRuns: runs },
  );
  expect(compared).toBeGreaterThan(runs / 2);
});

function oracle(text: string, timezone: string, afterMs: number): string | undefined {
  vi.setSystemTime(afterMs);
  const task = createTask(text, () => undefined, { timezone });
  try {
    const [next] = task.getNextRuns(1);
    if (next !== undefined) expect(task.match(next)).toBe(true);
    return next?.toISOString();
  } finally {
    void task.destroy();
  }
}

function scheduleOf(text: string, timeZone: string): CronSchedule | undefined {
  const parsed = nodeCronGrammar.parse(text);
  if (!parsed.ok) return undefined;
  const { fields } = parsed;
  // node-cron joins restricted day fields with "and".
  return { kind: 'cron', expression: text, fields, timeZone, dayMatch: 'and', dstGap: 'run' };
}

/** Within two days of a change the rules differ on purpose; they have their own tests. */
function isNearClockChange(timeZone: string, ...instants: readonly number[]): boolean {
  return instants.some((instantMs) => {
    const { offsetMs } = segmentAt(timeZone, instantMs);
    return [-2 * dayMs, 2 * dayMs].some(
      (shift) => segmentAt(timeZone, instantMs + shift).offsetMs !== offsetMs,
    );
  });
}

function instant(): fc.Arbitrary<number> {
  return fc
    .integer({ min: Date.UTC(2020, 0) / 1_000, max: Date.UTC(2032, 0) / 1_000 })
    .map((second) => second * 1_000);
}

function zone(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'UTC',
    'Asia/Seoul',
    'America/New_York',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/Sao_Paulo',
  );
}

function expression(): fc.Arbitrary<string> {
  const dayOfMonth = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: field(1, 31) },
    { weight: 1, arbitrary: fc.constantFrom('L', 'L-3', '15W', 'LW', '1W', '31W', 'L,10', '29', '31') },
  );
  const dayOfWeek = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: field(0, 7) },
    { weight: 1, arbitrary: fc.constantFrom('5L', '1#2', '0#5', '1-5', 'mon,wed', '6-1', '3L,5#1') },
  );
  const month = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: field(1, 12) },
    { weight: 1, arbitrary: fc.constantFrom('feb', 'nov-feb', '*/3', '2,4,6') },
  );
  const five = [field(0, 59), field(0, 23), dayOfMonth, month, dayOfWeek] as const;
  return fc
    .tuple(fc.option(field(0, 59), { nil: undefined }), ...five)
    .map((parts) => parts.filter((part) => part !== undefined).join(' '));
}

function field(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: value.map(String) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 2, max: Math.floor((max - min) / 2) }).map((step) => `*/${step}`),
    },
    { weight: 2, arbitrary: fc.tuple(value, value).map(([first, last]) => `${first}-${last}`) },
    {
      weight: 1,
      arbitrary: fc.array(value, { minLength: 2, maxLength: 4 }).map((values) => values.join(',')),
    },
  );
}
