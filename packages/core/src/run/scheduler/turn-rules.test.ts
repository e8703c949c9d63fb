import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { everyMs, testTarget } from '../../testing/test-targets.ts';
import type { Breaker, TargetState } from '../targets/target.ts';
import { newTargetState } from '../targets/target-rules.ts';
import { countSlots, slotsBetween } from './next-slot.ts';
import type { CronSchedule, IntervalSchedule, Schedule } from './schedule.ts';
import { decideTurn, dueMs, LATE_SLOTS_MAX, slotAfterRun, type Turn, type TurnInput } from './turn-rules.ts';

const START_MS = Date.UTC(2026, 2, 28);
const delay: IntervalSchedule = {
  kind: 'interval',
  everyMs: 5000,
  mode: 'delay',
  phaseMs: 0,
  runOnStart: true,
};
const pause = { operatorId: 'kim', atMs: 0, reason: 'exchange is closed' };

function cron(expression: string, timeZone: string): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(expression);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run' };
}

interface Situation extends Partial<Omit<TurnInput, 'definition' | 'state'>> {
  /** One run of the target goes on. */
  readonly busy?: boolean;
  readonly schedule?: Schedule;
  readonly state?: Partial<TargetState>;
  readonly graceMs?: number;
}

function inputOf(situation: Situation): TurnInput {
  const { schedule = everyMs(1000), state, graceMs = 60_000, busy = false, ...rest } = situation;
  return {
    definition: testTarget('feed', () => undefined, { schedule, graceMs }),
    state: { ...newTargetState('feed', START_MS), ...state },
    nowMs: START_MS + 1000,
    occupied: { running: busy ? 1 : 0, waiting: 0 },
    poolFull: false,
    draining: false,
    startNow: false,
    ...rest,
  };
}

function turnOf(situation: Situation): Turn | undefined {
  return decideTurn(inputOf(situation));
}

/** `run@1000 paused@2000..4000x3`: what became of the slots, relative to the start. */
function told(turn: Turn | undefined): string {
  if (turn === undefined) return 'nothing';
  const starts = turn.starts.map(({ slotMs }) => `${turn.probe ? 'probe' : 'run'}@${slotMs - START_MS}`);
  const skips = turn.skips.map(({ reason, fromMs, toMs, count }) =>
    count === 1
      ? `${reason}@${fromMs - START_MS}`
      : `${reason}@${fromMs - START_MS}..${toMs - START_MS}x${count}`,
  );
  return [...skips, ...starts].join(' ');
}

const open = (probeAtMs?: number): Breaker => ({
  kind: 'open',
  sinceMs: START_MS,
  cooldownMs: 60_000,
  ...(probeAtMs === undefined ? {} : { probeAtMs }),
});
const halfOpen: Breaker = { kind: 'half-open', sinceMs: START_MS, cooldownMs: 60_000, executionId: 'p' };
const at = (ms: number) => START_MS + ms;

describe('a slot of a rate schedule', () => {
  it.each<[string, Situation, string]>([
    ['is run at its instant', {}, 'run@1000'],
    ['is nothing a millisecond before it', { nowMs: at(999) }, 'nothing'],
    ['is accounted for once', { state: { cursorMs: at(1000) } }, 'nothing'],
    ['is run late within the grace', { nowMs: at(1900) }, 'run@1000'],
    ['is skipped while the target is busy', { busy: true }, 'overlap@1000'],
    ['is skipped while draining', { draining: true, busy: true }, 'draining@1000'],
    ['is skipped while paused', { state: { pause }, busy: true }, 'paused@1000'],
    ['is skipped before a back-off is over', { state: { backoffUntilMs: at(1001) } }, 'backoff@1000'],
    ['is run when the back-off ends with it', { state: { backoffUntilMs: at(1000) } }, 'run@1000'],
    ['is skipped while suspended', { state: { breaker: open(at(1001)) } }, 'breaker-open@1000'],
    ['is skipped while suspended by hand', { state: { breaker: open() } }, 'breaker-open@1000'],
    ['is the probe once the rest is over', { state: { breaker: open(at(1000)) } }, 'probe@1000'],
    [
      'is no probe while the target is busy',
      { state: { breaker: open(at(0)) }, busy: true },
      'breaker-open@1000',
    ],
    ['is skipped while the probe is running', { state: { breaker: halfOpen } }, 'breaker-open@1000'],
    ['is no probe while paused', { state: { breaker: open(at(0)), pause } }, 'paused@1000'],
  ])('%s', (_, situation, what) => {
    expect(told(turnOf(situation))).toBe(what);
  });
});

describe('slots after a stall', () => {
  it.each<[string, Situation, string]>([
    ['are run one after another', { nowMs: at(3500) }, 'run@1000 run@2000 run@3000'],
    [
      'beyond the grace are missed',
      { nowMs: at(5500), graceMs: 2000 },
      'missed@1000..3000x3 run@4000 run@5000',
    ],
    [
      'beyond ten are missed, the newest ten are run',
      { nowMs: at(13_000) },
      `missed@1000..3000x3 ${[4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((n) => `run@${n}000`).join(' ')}`,
    ],
    [
      'are one probe, the newest',
      { nowMs: at(3000), state: { breaker: open(at(0)) } },
      'breaker-open@1000..2000x2 probe@3000',
    ],
    ['are paused, also beyond the grace', { nowMs: at(90_000), state: { pause } }, 'paused@1000..90000x90'],
    [
      'are suspended, also beyond the grace',
      { nowMs: at(90_000), state: { breaker: open() } },
      'breaker-open@1000..90000x90',
    ],
    [
      'that fell into a back-off are skipped, those after it are run',
      { nowMs: at(3000), state: { backoffUntilMs: at(2500) } },
      'backoff@1000..2000x2 run@3000',
    ],
  ])('%s', (_, situation, what) => {
    expect(told(turnOf(situation))).toBe(what);
  });

  it('without grace are run only at their very instant', () => {
    expect(told(turnOf({ nowMs: at(2000), graceMs: 0 }))).toBe('missed@1000 run@2000');
    expect(told(turnOf({ nowMs: at(2001), graceMs: 0 }))).toBe('missed@1000..2000x2');
  });
});

describe('a run at the start', () => {
  it.each<[string, Situation, string]>([
    ['happens at once, although no slot is due', { nowMs: at(300), startNow: true }, 'run@300'],
    ['is the due slot when there is one', { startNow: true }, 'run@1000'],
    ['is skipped like a slot', { nowMs: at(300), startNow: true, state: { pause } }, 'paused@300'],
    [
      'of a delay schedule happens at once',
      { schedule: delay, startNow: true, nowMs: at(0), state: { nextSlotMs: at(9000) } },
      'run@0',
    ],
  ])('%s', (_, situation, what) => {
    expect(told(turnOf(situation))).toBe(what);
  });
});

describe('a delay schedule', () => {
  const due = { schedule: delay, nowMs: at(2000), state: { nextSlotMs: at(1000) } };

  it.each<[string, Situation, string, number | undefined]>([
    ['runs its one slot, however late', { ...due, nowMs: at(900_000) }, 'run@1000', undefined],
    ['waits for its slot', { ...due, nowMs: at(999) }, 'nothing', undefined],
    ['skips while busy and waits another interval', { ...due, busy: true }, 'overlap@1000', at(6000)],
    [
      'does not catch up after a long pause',
      { ...due, nowMs: at(900_000), state: { nextSlotMs: at(1000), pause } },
      'paused@1000',
      at(905_000),
    ],
    ['has no slot while its run goes on', { schedule: delay, nowMs: at(900_000) }, 'nothing', undefined],
  ])('%s', (_, situation, what, nextSlotMs) => {
    const turn = turnOf(situation);
    expect(told(turn)).toBe(what);
    expect(turn?.nextSlotMs).toBe(nextSlotMs);
  });

  it('counts from the end of a run, and not before a back-off is over', () => {
    const definition = testTarget('feed', () => undefined, { schedule: delay });
    const state = newTargetState('feed', START_MS);
    expect(slotAfterRun(definition, state, at(700)).nextSlotMs).toBe(at(5700));
    expect(slotAfterRun(definition, { ...state, backoffUntilMs: at(9000) }, at(700)).nextSlotMs).toBe(
      at(9000),
    );
    const rate = testTarget('feed', () => undefined);
    expect(slotAfterRun(rate, state, at(700))).toBe(state);
  });
});

it('a target without a schedule has no slots, and none that makes it due', () => {
  const { schedule: _schedule, ...definition } = testTarget('feed', () => undefined);
  const state = newTargetState('feed', START_MS);
  expect(decideTurn({ ...inputOf({}), definition })).toBeUndefined();
  expect(dueMs(definition, state)).toBeUndefined();
  expect(
    dueMs(
      testTarget('feed', () => undefined),
      state,
    ),
  ).toBe(at(1000));
});

const SCHEDULES: readonly Schedule[] = [
  everyMs(100),
  everyMs(1000),
  { ...everyMs(7000), phaseMs: 123 } as IntervalSchedule,
  cron('*/15 * * * *', 'America/New_York'),
  cron('30 1,2 * * *', 'Europe/Berlin'),
  cron('*/10 * * * * *', 'UTC'),
];

const situations = fc.record({
  schedule: fc.constantFrom(...SCHEDULES),
  elapsedMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 3 * 86_400_000 })),
  graceMs: fc.constantFrom(0, 500, 60_000, 7_200_000),
  pause: fc.constantFrom(undefined, pause),
  breaker: fc.constantFrom<Breaker>({ kind: 'closed' }, open(), open(at(5000)), halfOpen),
  backoffMs: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
  busy: fc.boolean(),
  draining: fc.boolean(),
});

describe('whatever the situation', () => {
  it('every due slot is in the starts or in the skips, once, and nothing starts that may not', () => {
    fc.assert(
      fc.property(situations, ({ schedule, elapsedMs, pause: paused, breaker, backoffMs, ...rest }) => {
        const state: Partial<TargetState> = {
          breaker,
          ...(paused === undefined ? {} : { pause: paused }),
          ...(backoffMs === undefined ? {} : { backoffUntilMs: at(backoffMs) }),
        };
        const nowMs = at(elapsedMs);
        const span = { afterMs: START_MS, untilMs: nowMs };
        const all = countSlots(schedule, span, 1_000_000);
        const turn = turnOf({ schedule, nowMs, state, ...rest });
        if (turn === undefined) {
          expect(all.count).toBe(0);
          return;
        }
        checkAccount(turn, { schedule, ...span, count: all.count });
        expect(turn.cursorMs).toBe(nowMs);
        expect(turn.starts.length).toBeLessThanOrEqual(turn.probe ? 1 : LATE_SLOTS_MAX);
        for (const { slotMs } of turn.starts) expect(nowMs - slotMs).toBeLessThanOrEqual(rest.graceMs);
        if (paused !== undefined || rest.draining || rest.busy || breaker.kind === 'half-open') {
          expect(turn.starts).toEqual([]);
        }
        if (breaker.kind === 'open' && turn.starts.length > 0) expect(turn.probe).toBe(true);
      }),
      { numRuns: 400, seed: 20260102 },
    );
  });
});

/** Starts and skips cover the slots of the span in order, without a hole and without a slot twice. */
function checkAccount(
  turn: Turn,
  span: { schedule: Schedule; afterMs: number; untilMs: number; count: number },
): void {
  const { schedule, afterMs, untilMs } = span;
  const skipped = turn.skips.reduce((sum, skip) => sum + skip.count, 0);
  const capped = turn.skips.some((skip) => skip.capped);
  if (capped) expect(turn.starts.length + skipped).toBeLessThanOrEqual(span.count);
  else expect(turn.starts.length + skipped).toBe(span.count);
  const pieces = [
    ...turn.skips.map(({ fromMs, toMs, count, capped: more }) => ({ fromMs, toMs, count, more })),
    ...turn.starts.map(({ slotMs }) => ({ fromMs: slotMs, toMs: slotMs, count: 1, more: false })),
  ].sort((a, b) => a.fromMs - b.fromMs);
  let cursorMs = afterMs;
  for (const { fromMs, toMs, count, more } of pieces) {
    expect(fromMs).toBeGreaterThan(cursorMs);
    expect(countSlots(schedule, { afterMs: cursorMs, untilMs: fromMs - 1 }).count).toBe(0);
    const inside = countSlots(schedule, { afterMs: fromMs - 1, untilMs: toMs }, 1_000_000).count;
    if (more) expect(inside).toBeGreaterThanOrEqual(count);
    else expect(inside).toBe(count);
    cursorMs = toMs;
  }
  expect(slotsBetween(schedule, { afterMs: cursorMs, untilMs }, 1)).toEqual([]);
}
