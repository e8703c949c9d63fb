import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../sim/seeded-random.ts';
import { nodeCronGrammar } from '../adapters/cron-node/cron-grammar.ts';
import type { TargetFunction } from '../ports/target.ts';
import { parseAnchor } from '../run/calendars/session-terms.ts';
import { requireShippedCalendar } from '../run/calendars/shipped-calendars.ts';
import { type Conclusion, concludeDependent } from '../run/scheduler/dependency-rules.ts';
import { slotsBetween } from '../run/scheduler/next-slot.ts';
import type { CronSchedule } from '../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import type { Dependency } from '../run/targets/target-policies.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { testTarget } from '../testing/test-targets.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsStore } from './ops-store.ts';
import { previewConfig } from './simulation/preview.ts';
import { simulate } from './simulation/simulation.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const SEEDS = Array.from({ length: 12 }, (_, index) => 1 + index);
/** Before New York changes its clock. */
const fromMs = Date.parse('2026-03-04T00:30:00Z');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-same-day-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function cron(expression: string, timeZone: string): CronSchedule {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(expression);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run' };
}

function daily(id: string, schedule: CronSchedule, run: TargetFunction = () => 'done'): TargetDefinition {
  const errors = { maxConsecutiveErrors: 1000 };
  return testTarget(id, run, { schedule, graceMs: 2 * hourMs, errors });
}

function follower(id: string, dependency: Dependency, run: TargetFunction = () => 'done'): TargetDefinition {
  const { schedule: _schedule, ...rest } = testTarget(id, run, {
    errors: { maxConsecutiveErrors: 1000 },
    policies: { dependency },
  });
  return rest;
}

/** What each slot of a target came to, as often as it is on record. */
async function slotsOf(store: OpsStore, { id, schedule }: TargetDefinition) {
  const found: Array<readonly [number, Conclusion | 'open']> = [];
  const { items } = await store.queryExecutions({ jobId: id, limit: 1000 });
  for (const { scheduledAtMs = 0, status } of items) {
    found.push([scheduledAtMs, status === 'SUCCESS' ? 'succeeded' : status === 'FAILED' ? 'failed' : 'open']);
  }
  for (const { fromMs: first, toMs, count } of await store.readSkips(id, 1000)) {
    const span = { afterMs: first - 1, untilMs: toMs };
    const slots = schedule === undefined ? [first, toMs].slice(0, count) : slotsBetween(schedule, span, 1000);
    expect(slots).toHaveLength(count);
    for (const slotMs of slots) found.push([slotMs, 'skipped']);
  }
  return found.sort(([a], [b]) => a - b);
}

function iso(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

/** The calendar day of a zone, by another way than the engine's. */
function dayIn(timeZone: string, instantMs: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instantMs);
}

/** What a dependent must have come to: every day on which all slots of its parents have concluded. */
function expectedOf(
  { on, sameDayIn = '' }: Dependency,
  parents: ReadonlyArray<readonly (readonly [number, Conclusion | 'open'])[]>,
) {
  const days = new Map<string, Array<readonly [number, Conclusion | 'open'] | undefined>>();
  for (const [index, slots] of parents.entries()) {
    for (const slot of slots) {
      const day = dayIn(sameDayIn, slot[0]);
      const known = days.get(day) ?? parents.map(() => undefined);
      known[index] ??= slot;
      days.set(day, known);
    }
  }
  return [...days.values()].map((slots) => {
    const slotMs = Math.max(...slots.map((slot) => slot?.[0] ?? 0));
    const conclusions = slots.map((slot) => (slot === undefined ? 'skipped' : slot[1]));
    const verdict = concludeDependent(
      { after: [], on },
      conclusions.map((one) => (one === 'open' ? undefined : one)),
    );
    return [slotMs, verdict] as const;
  });
}

/** Two targets on their own clocks that fail now and then, and three that come after them. */
function randomDays(random: SeededRandom) {
  const zones = ['Asia/Seoul', 'America/New_York', 'UTC'] as const;
  const fails = new Set<string>();
  const schedules = ['p0', 'p1'].map((id) => {
    const days = random.pick(['*', '*', '1-5', '2,4,6']);
    const schedule = cron(`${random.whole(0, 59)} ${random.whole(4, 23)} * * ${days}`, random.pick(zones));
    for (const slotMs of slotsBetween(schedule, { afterMs: fromMs, untilMs: fromMs + 20 * dayMs }, 100)) {
      if (random.chance(0.25)) fails.add(`${id} ${slotMs}`);
    }
    return [id, schedule] as const;
  });
  const run: TargetFunction = ({ targetId, slotMs }) =>
    fails.has(`${targetId} ${slotMs}`) ? { status: 'failed' } : 'done';
  const dependency = (): Dependency => ({
    after: ['p0', 'p1'],
    on: random.pick(['success', 'all-done', 'any-failed']),
    sameDayIn: random.pick(zones),
  });
  const [first, second] = [dependency(), { ...dependency(), after: ['child', 'p0'] }];
  const targets = [
    ...schedules.map(([id, schedule]) => daily(id, schedule, run)),
    follower('child', first),
    follower('grandchild', { after: ['child'], on: 'all-done' }),
    follower('nephew', second),
  ];
  return { targets, first, second };
}

describe('targets that are matched by calendar day', () => {
  it('run once a day at the last slot of those before them, wherever their clocks are', async () => {
    const ran: string[] = [];
    const note: TargetFunction = ({ targetId, slotMs = 0 }) =>
      ran.push(`${targetId} ${new Date(slotMs).toISOString()}`);
    const targets = [
      daily('seoul', cron('40 15 * * 1-5', 'Asia/Seoul')),
      daily('rates', cron('0 20 * * *', 'Asia/Seoul')),
      follower('report', { after: ['seoul', 'rates'], on: 'success', sameDayIn: 'Asia/Seoul' }, note),
      follower('mail', { after: ['report'], on: 'success' }, note),
    ];
    // Friday; Saturday has no slot of the exchange.
    const clock = new VirtualClock(Date.parse('2026-03-06T00:00:00Z'));
    await using test = await createTestOps({ targets, clock });
    for (let hour = 0; hour < 72 + 14; hour++) await clock.stall(hourMs);
    expect(ran).toEqual([
      'report 2026-03-06T11:00:00.000Z',
      'mail 2026-03-06T11:00:00.000Z',
      'report 2026-03-09T11:00:00.000Z',
      'mail 2026-03-09T11:00:00.000Z',
    ]);
    for (const id of ['report', 'mail']) {
      const skips = (await test.store.readSkips(id, 10)).map(({ reason, fromMs: ms }) => [
        reason,
        new Date(ms).toISOString(),
      ]);
      expect(skips).toEqual([
        ['upstream', '2026-03-08T11:00:00.000Z'],
        ['upstream', '2026-03-07T11:00:00.000Z'],
      ]);
    }
  });

  it.each(SEEDS)(
    'are accounted for once a day, also across restarts and clock changes (%i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      const { targets, first, second } = randomDays(random);
      const storePath = join(folder, 'qts-ops.db');
      let clock = new VirtualClock(fromMs);
      let test = await createTestOps({ targets, storePath, clock });
      for (let step = 0; step < 240; step++) {
        await clock.stall(random.chance(0.02) ? random.whole(1, 70) * hourMs : hourMs);
        if (!random.chance(0.04)) continue;
        await test.store.close();
        clock = new VirtualClock(clock.now() + random.whole(0, 3) * hourMs);
        test = await createTestOps({ targets, storePath, clock });
        await clock.advance(0);
      }
      const [p0, p1, child] = targets;
      if (p0 === undefined || p1 === undefined || child === undefined) throw new Error('no targets');
      const records = {
        p0: await slotsOf(test.store, p0),
        p1: await slotsOf(test.store, p1),
        child: await slotsOf(test.store, child),
      };
      const verdictOf = (one: Conclusion | 'open') => (one === 'skipped' ? 'skip' : 'run');
      expectDays(
        first,
        [records.p0, records.p1],
        records.child.map(([ms, one]) => [ms, verdictOf(one)] as const),
      );
      const nephew = await slotsOf(test.store, follower('nephew', second));
      expectDays(
        second,
        [records.child, records.p0],
        nephew.map(([ms, one]) => [ms, verdictOf(one)] as const),
      );
      const grandchild = await slotsOf(test.store, follower('grandchild', first));
      expect(grandchild.map(([ms]) => ms)).toEqual(records.child.map(([ms]) => ms));
      await test.ops.abort();
    },
  );

  it('say in a preview which of those before them had no slot, or skipped it', () => {
    const calendar = requireShippedCalendar('XKRX');
    const targets = [
      daily('seoul', cron('40 15 * * 1-5', 'Asia/Seoul')),
      daily('rates', { ...cron('0 20 * * *', 'Asia/Seoul'), sessions: { calendar } }),
      follower('report', { after: ['seoul', 'rates'], on: 'success', sameDayIn: 'Asia/Seoul' }),
    ];
    const config = { targets, pools: {}, timeZone: 'Asia/Seoul' };
    // Thursday to Sunday, the Thursday being a holiday in Korea.
    const question = { fromMs: Date.parse('2026-09-23T23:00:00Z'), days: 3, targetId: 'report' };
    const [report] = previewConfig(config, question).targets;
    const texts = report?.rows.flatMap((row) => (row.kind === 'skip' ? [row.text.en] : [])) ?? [];
    expect(report?.when).toBe('after seoul, rates on the same day (Asia/Seoul)');
    expect(texts).toEqual([
      expect.stringMatching(/^after rates, skipped there: .*2026-09-24/),
      expect.stringMatching(/^after rates, skipped there: .*2026-09-25/),
      'after seoul, which has no slot on 2026-09-26',
    ]);
  });

  it('say which holiday of which market took the slot away, in a preview and in the record', async () => {
    const anchor = parseAnchor('close+5m');
    const markets = [requireShippedCalendar('XKRX'), requireShippedCalendar('XNYS')];
    const targets = [
      ...markets.map((calendar) =>
        testTarget(calendar.id, () => 'done', {
          graceMs: 2 * hourMs,
          schedule: { kind: 'anchor', calendar, anchor },
        }),
      ),
      follower('both', { after: ['XKRX', 'XNYS'], on: 'success', sameDayIn: 'Asia/Seoul' }),
      follower('mail', { after: ['both'], on: 'success' }),
    ];
    // The week of Thanksgiving, whose Friday ends early: in Seoul its days are those after it.
    const from = Date.parse('2026-11-25T00:00:00+09:00');
    const config = { targets, pools: {}, timeZone: 'Asia/Seoul' };
    const [both] = previewConfig(config, { fromMs: from, days: 6, targetId: 'both' }).targets;
    const closed = [
      [
        '2026-11-27T06:35:00.000Z',
        'after XNYS, which has no slot on 2026-11-27 (XNYS: closed on 2026-11-26, Thanksgiving Day)',
      ],
      [
        '2026-11-27T18:05:00.000Z',
        'after XKRX, which has no slot on 2026-11-28 (XKRX: no session on a Saturday)',
      ],
      [
        '2026-11-30T06:35:00.000Z',
        'after XNYS, which has no slot on 2026-11-30 (XNYS: no session on a Sunday)',
      ],
    ];
    const previewed = both?.rows.flatMap((row) =>
      row.kind === 'skip' ? [[iso(row.fromMs), row.text.en]] : [],
    );
    expect(previewed).toEqual(closed);
    // The Saturday after Chuseok: not the holiday of the day before.
    const saturday = { fromMs: Date.parse('2026-09-26T00:00:00+09:00'), days: 1, targetId: 'both' };
    expect(previewConfig(config, saturday).targets[0]?.rows).toMatchObject([
      { text: { en: 'after XKRX, which has no slot on 2026-09-26 (XKRX: no session on a Saturday)' } },
    ]);
    const clock = new VirtualClock(from);
    await using test = await createTestOps({ targets, clock });
    for (let step = 0; step < 6 * 48; step++) await clock.stall(hourMs / 2);
    const recorded = async (id: string) => {
      const { skips } = await test.client.target(id);
      return skips.toReversed().map(({ toMs, reasonText }) => [iso(toMs), reasonText]);
    };
    expect(await recorded('both')).toEqual(closed);
    expect((await recorded('mail'))[0]?.[1]).toMatch(/^after both, skipped there: after XKRX, XNYS/);
  });

  it.each(SEEDS.slice(0, 8))('are simulated as they run (%i)', async (seed) => {
    const random = new SeededRandom(seed);
    const zones = ['Asia/Seoul', 'America/New_York', 'UTC'] as const;
    const targets = [
      daily('p0', cron(`${random.whole(0, 59)} ${random.whole(4, 23)} * * 1-5`, random.pick(zones))),
      daily('p1', cron(`${random.whole(0, 59)} ${random.whole(4, 23)} * * *`, random.pick(zones))),
      follower('child', { after: ['p0', 'p1'], on: 'success', sameDayIn: random.pick(zones) }),
    ];
    const simulated: string[] = [];
    for (const event of simulate({ definitions: targets, fromMs, toMs: fromMs + 10 * dayMs })) {
      if (event.targetId !== 'child') continue;
      if (event.kind === 'run') simulated.push(`run ${event.slotMs}`);
      else simulated.push(`skip ${event.fromMs} x${event.count}`);
    }
    const clock = new VirtualClock(fromMs);
    await using test = await createTestOps({ targets, clock });
    for (let hour = 0; hour < 240; hour++) await clock.stall(hourMs);
    const child = targets[2];
    const really = child === undefined ? [] : await slotsOf(test.store, child);
    expect(simulated.toSorted()).toEqual(
      really.map(([ms, one]) => (one === 'skipped' ? `skip ${ms} x1` : `run ${ms}`)).toSorted(),
    );
    expect(simulated.length).toBeGreaterThan(7);
  });
});

/** The days at both ends may be half before the start or still to come. */
function expectDays(
  dependency: Dependency,
  parents: ReadonlyArray<readonly (readonly [number, Conclusion | 'open'])[]>,
  really: ReadonlyArray<readonly [number, 'run' | 'skip']>,
): void {
  const expected = expectedOf(dependency, parents).sort(([a], [b]) => a - b);
  const firstMs = fromMs + 2 * dayMs;
  const lastMs = expected.at(-3)?.[0] ?? 0;
  const inside = ([ms]: readonly [number, unknown]) => ms >= firstMs && ms <= lastMs;
  expect(really.filter(inside)).toEqual(expected.filter(inside));
  expect(really.filter(inside).length).toBeGreaterThan(2);
}
