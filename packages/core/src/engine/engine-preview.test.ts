import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../adapters/cron-node/cron-grammar.ts';
import { parseAnchor, parseWindow } from '../run/calendars/session-terms.ts';
import { requireShippedCalendar } from '../run/calendars/shipped-calendars.ts';
import type { Schedule, SessionFilter } from '../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { testTarget } from '../testing/test-targets.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { recordedEvents, slotLines } from './fixtures/slot-lines.ts';
import { type PreviewQuestion, type PreviewRow, previewConfig } from './simulation/preview.ts';
import { simulate } from './simulation/simulation.ts';
import type { SimulationEvent } from './simulation/simulation-events.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const xkrx = requireShippedCalendar('XKRX');
const xnys = requireShippedCalendar('XNYS');

function cron(
  expression: string,
  timeZone: string,
  more: Partial<Schedule & { kind: 'cron' }> = {},
): Schedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(`${expression} cannot be read`);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run', ...more };
}

function every(minutes: number, sessions?: SessionFilter): Schedule {
  const filter = sessions === undefined ? {} : { sessions };
  return {
    kind: 'interval',
    everyMs: minutes * minuteMs,
    mode: 'rate',
    phaseMs: 0,
    runOnStart: false,
    ...filter,
  };
}

const done = () => 'done';
const after = (...parents: readonly string[]) => ({ dependency: { after: parents, on: 'success' as const } });

/** A configuration with every kind of schedule, filter and dependency; all slots lie on multiples of five minutes. */
const targets: readonly TargetDefinition[] = [
  testTarget('every-15m', done, { schedule: every(15) }),
  testTarget('krx-days', done, { schedule: every(30, { calendar: xkrx }) }),
  testTarget('krx-open', done, {
    schedule: every(5, { calendar: xkrx, window: parseWindow('open-30m..close+15m') }),
  }),
  testTarget('nyse-open', done, {
    schedule: every(10, { calendar: xnys, window: parseWindow('open..close') }),
  }),
  testTarget('new-york-night', done, { schedule: cron('30 1,2 * * *', 'America/New_York') }),
  testTarget('new-york-skip', done, {
    schedule: cron('15,45 2 * * *', 'America/New_York', { dstGap: 'skip' }),
  }),
  testTarget('hourly-berlin', done, { schedule: cron('0 * * * *', 'Europe/Berlin') }),
  testTarget('seoul-close', done, {
    schedule: cron('0 17 * * 1-5', 'Asia/Seoul', { sessions: { calendar: xkrx } }),
  }),
  testTarget('krx-report', done, {
    schedule: { kind: 'anchor', calendar: xkrx, anchor: parseAnchor('close+5m') },
  }),
  childOf('after-night', 'new-york-night'),
  childOf('after-open', 'krx-open'),
  childOf('after-close', 'seoul-close'),
  childOf('after-both', 'after-close', 'seoul-close'),
  sameDayOf('day-report', 'seoul-close', 'krx-report'),
];

/** Its parents have different slots; those of one day in Seoul belong together. */
function sameDayOf(id: string, ...parents: readonly string[]): TargetDefinition {
  const dependency = { after: parents, on: 'success' as const, sameDayIn: 'Asia/Seoul' };
  const { schedule: _none, ...definition } = testTarget(id, done, { policies: { dependency } });
  return definition;
}

function childOf(id: string, ...parents: readonly string[]): TargetDefinition {
  const { schedule: _none, ...definition } = testTarget(id, done, { policies: after(...parents) });
  return definition;
}

/** Lets time pass with a look of the loop every five minutes, where all slots lie, without its looks in between. */
async function passFives(clock: VirtualClock, untilMs: number): Promise<void> {
  while (clock.now() < untilMs) {
    await clock.stall(5 * minuteMs - 1000);
    await clock.advance(1000);
  }
}

/** 02:30 does not exist on 8 March: one run at 03:00 stands for it. What the zone skips, its dependents never see. */
const forward = [
  'new-york-night 2026-03-07T07:30:00.000Z run 1 SUCCESS +0',
  'new-york-night 2026-03-08T06:30:00.000Z run 1 SUCCESS +0',
  'new-york-night 2026-03-08T07:00:00.000Z run 1 SUCCESS +0',
  'after-night 2026-03-08T07:00:00.000Z run 1 SUCCESS +0',
  'new-york-skip 2026-03-07T07:15:00.000Z run 1 SUCCESS +0',
  'new-york-skip 2026-03-09T06:15:00.000Z run 1 SUCCESS +0',
  'nyse-open 2026-03-09T13:20:00.000Z skip calendar',
  'nyse-open 2026-03-09T13:30:00.000Z run 1 SUCCESS +0',
];
/** 01:30 is shown twice on 1 November and runs the first time. */
const back = [
  'new-york-night 2026-11-01T05:30:00.000Z run 1 SUCCESS +0',
  'new-york-night 2026-11-01T07:30:00.000Z run 1 SUCCESS +0',
  'nyse-open 2026-11-02T14:20:00.000Z skip calendar',
  'nyse-open 2026-11-02T14:30:00.000Z run 1 SUCCESS +0',
];
/** No session from Thursday, 24 September to Sunday. */
const chuseok = [
  'seoul-close 2026-09-23T08:00:00.000Z run 1 SUCCESS +0',
  'seoul-close 2026-09-24T08:00:00.000Z skip calendar',
  'day-report 2026-09-23T08:00:00.000Z run 1 SUCCESS +0',
  'day-report 2026-09-24T08:00:00.000Z skip upstream',
  'after-close 2026-09-24T08:00:00.000Z skip upstream',
  'after-both 2026-09-25T08:00:00.000Z skip upstream',
  'krx-report 2026-09-23T06:35:00.000Z run 1 SUCCESS +0',
  'krx-open 2026-09-24T03:00:00.000Z skip calendar',
  'after-open 2026-09-24T03:00:00.000Z skip upstream',
];

/** The rows that a person sees, slot by slot, in the words of the record. */
function previewLines(question: PreviewQuestion & { readonly toMs: number }): readonly string[] {
  const preview = previewConfig({ targets, pools: {}, timeZone: 'UTC' }, question);
  const events = preview.targets.flatMap(({ rows }) => rows.flatMap(eventsOfRow));
  return slotLines(events, targets, question);
}

function eventsOfRow(row: PreviewRow): readonly SimulationEvent[] {
  if (row.kind === 'clock') return [];
  if (row.kind === 'skip') {
    // Whatever is taken away, is taken away with a reason in both languages.
    expect(row.text.en.length * row.text.ko.length).toBeGreaterThan(0);
    return [{ ...row, capped: false }];
  }
  const { targetId, fromMs, count, everyMs = 0 } = row;
  return Array.from({ length: count }, (_, index) => {
    const slotMs = fromMs + index * everyMs;
    const run = { kind: 'run', targetId, slotMs, startMs: slotMs, status: 'SUCCESS' } as const;
    return { ...run, attempt: 1, late: false, waitedMs: 0 };
  });
}

describe('a preview says what then happens', () => {
  it.each([
    ['the day the clock goes forward in New York', '2026-03-05T00:00:00Z', forward],
    ['the day the clock goes back in New York', '2026-10-29T00:00:00Z', back],
    ['Chuseok', '2026-09-21T00:00:00Z', chuseok],
  ])('in the week around %s', async (_what, from, facts) => {
    const fromMs = Date.parse(from);
    const span = { fromMs, toMs: fromMs + 7 * dayMs };
    const clock = new VirtualClock(fromMs);
    await using test = await createTestOps({ targets, clock });
    // The engine looks at a closed calendar once a day: what it says about the end of the span, it says a day later.
    await passFives(clock, span.toMs + dayMs);
    const real = slotLines(await recordedEvents(test.store, targets), targets, span);
    const previewed = slotLines(simulate({ definitions: targets, ...span }), targets, span);
    expect(previewed).toEqual(real);
    expect(real).toEqual(expect.arrayContaining([...facts]));
    expect(previewLines({ ...span, days: 7 })).toEqual(real);
  });
});
