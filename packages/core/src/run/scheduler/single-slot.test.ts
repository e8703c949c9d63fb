import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { everyMs, testTarget } from '../../testing/test-targets.ts';
import { parseWindow } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import type { Breaker, TargetState } from '../targets/target.ts';
import type { MissedPolicy, OverlapPolicy } from '../targets/target-policies.ts';
import { newTargetState } from '../targets/target-rules.ts';
import { slotsBetween } from './next-slot.ts';
import type { CronSchedule, Schedule } from './schedule.ts';
import { decideAllSlots, decideTurn, type TurnInput } from './turn-rules.ts';

/** The night before the clocks of New York go forward. */
const START_MS = Date.UTC(2026, 2, 8);

function cron(expression: string, timeZone: string): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(expression);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run' };
}

const xnys = requireShippedCalendar('XNYS');
const SCHEDULES: readonly Schedule[] = [
  everyMs(100),
  everyMs(60_000),
  everyMs(7_200_000),
  cron('*/15 * * * *', 'America/New_York'),
  cron('30 1,2 * * *', 'America/New_York'),
  { ...cron('30 2 * * *', 'America/New_York'), dstGap: 'skip' },
  { ...cron('*/5 * * * *', 'America/New_York'), sessions: { calendar: xnys } },
  {
    ...cron('0 * * * *', 'Asia/Seoul'),
    sessions: { calendar: xnys, window: parseWindow('open..close') },
  },
];
const BREAKERS: readonly Breaker[] = [
  { kind: 'closed' },
  { kind: 'open', sinceMs: START_MS, cooldownMs: 60_000 },
  { kind: 'open', sinceMs: START_MS, cooldownMs: 60_000, probeAtMs: START_MS + 3_600_000 },
  { kind: 'half-open', sinceMs: START_MS, cooldownMs: 60_000, executionId: 'p' },
];
const MISSED: readonly MissedPolicy[] = [
  { kind: 'skip' },
  { kind: 'latest' },
  { kind: 'all', maxCatchUp: 3, windowMs: 3_600_000 },
];
const OVERLAPS: readonly OverlapPolicy[] = [
  { kind: 'skip' },
  { kind: 'queue-one' },
  { kind: 'queue', max: 1 },
  { kind: 'cancel-running' },
  { kind: 'allow', maxConcurrent: 2 },
];

const situations = fc.record({
  schedule: fc.constantFrom(...SCHEDULES),
  cursor: fc.integer({ min: 0, max: 3 * 86_400_000 }),
  elapsedMs: fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 0, max: 900_000 }),
    fc.integer({ min: 0, max: 86_400_000 }),
  ),
  /** Looks exactly at the first slot after the cursor, or so much after it. */
  onSlot: fc.option(fc.constantFrom(0, 1, 499, 500, 501), { nil: undefined }),
  graceMs: fc.constantFrom(0, 500, 60_000, 7_200_000),
  paused: fc.boolean(),
  breaker: fc.constantFrom(...BREAKERS),
  backoffMs: fc.option(fc.integer({ min: 0, max: 3 * 86_400_000 }), { nil: undefined }),
  missed: fc.constantFrom(...MISSED),
  overlap: fc.constantFrom(...OVERLAPS),
  running: fc.integer({ min: 0, max: 2 }),
  waiting: fc.integer({ min: 0, max: 2 }),
  poolFull: fc.boolean(),
  draining: fc.boolean(),
  startNow: fc.boolean(),
});
type Situation = typeof situations extends fc.Arbitrary<infer S> ? S : never;

function inputOf(it: Situation): TurnInput {
  const cursorMs = START_MS + it.cursor;
  const [slotMs] = slotsBetween(it.schedule, { afterMs: cursorMs, untilMs: cursorMs + it.elapsedMs }, 1);
  const state: TargetState = {
    ...newTargetState('feed', cursorMs),
    breaker: it.breaker,
    ...(it.paused ? { pause: { operatorId: 'kim', atMs: 0, reason: 'exchange is closed' } } : {}),
    ...(it.backoffMs === undefined ? {} : { backoffUntilMs: START_MS + it.backoffMs }),
  };
  return {
    definition: testTarget('feed', () => undefined, {
      schedule: it.schedule,
      graceMs: it.graceMs,
      policies: { missed: it.missed, overlap: it.overlap },
    }),
    state: it.onSlot === undefined || slotMs === undefined ? state : { ...state, cursorMs: slotMs - 1 },
    nowMs: it.onSlot === undefined || slotMs === undefined ? cursorMs + it.elapsedMs : slotMs + it.onSlot,
    occupied: { running: it.running, waiting: it.waiting },
    poolFull: it.poolFull,
    draining: it.draining,
    startNow: it.startNow,
  };
}

it('the one slot that is due is decided as any number of slots is', () => {
  let single = 0;
  fc.assert(
    fc.property(situations, (situation) => {
      const input = inputOf(situation);
      const { state, nowMs } = input;
      const due = slotsBetween(situation.schedule, { afterMs: state.cursorMs, untilMs: nowMs }, 2);
      if (due.length === 1) single += 1;
      const expected =
        due.length === 0 && !input.startNow ? undefined : decideAllSlots(input, situation.schedule);
      expect(decideTurn(input)).toStrictEqual(expected);
    }),
    { numRuns: 5000, seed: 20260308 },
  );
  expect(single).toBeGreaterThan(1000);
});
