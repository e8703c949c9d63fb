import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCalendar } from '../run/calendars/build-calendar.ts';
import { parseWindow } from '../run/calendars/session-terms.ts';
import { POOL_WAITING_MAX } from '../run/executions/dispatch-rules.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import type { MissedPolicy } from '../run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const second = (ms = 0) => (ms - VIRTUAL_START_MS) / 1000;

async function skipsOf(test: TestOps, targetId: string): Promise<readonly string[]> {
  const skips = await test.store.readSkips(targetId, 100);
  return skips
    .toReversed()
    .map(({ reason, fromMs, toMs, count }) => `${reason} ${second(fromMs)}..${second(toMs)} x${count}`);
}

describe('a pool', () => {
  const pooled = (id: string, held: HeldWork, priority = 5, pool = 'narrow') =>
    testTarget(id, held.run, { schedule: everyMs(10_000), policies: { pool, priority } });

  it('runs no more than its limit at once, the highest priority first, and one after the other', async () => {
    const held = new HeldWork();
    const targets = [pooled('a', held, 1), pooled('b', held, 9), pooled('c', held, 6), pooled('d', held, 5)];
    await using test = await createTestOps({ targets, config: { pools: { narrow: 2 } } });
    await test.clock.advance(10_000);
    const started = () => held.runs.map(({ context }) => context.targetId);
    expect([...started()].sort()).toEqual(['b', 'c']);
    const { targets: views } = await test.client.snapshot();
    expect(views.filter(({ waiting }) => waiting?.pool === 'narrow').map(({ id }) => id)).toEqual(['a', 'd']);
    held.runs[0]?.end();
    await test.clock.settle();
    expect(started()).toEqual(['b', 'c', 'd']);
    held.runs[1]?.end();
    await test.clock.settle();
    expect(started()).toEqual(['b', 'c', 'd', 'a']);
  });

  it('that a stuck run fills holds up no other pool', async () => {
    const held = new HeldWork();
    const stuck = testTarget('stuck', held.run, { policies: { pool: 'narrow' }, timeoutMs: HOUR_MS });
    const ran: string[] = [];
    const same = testTarget('same', () => ran.push('same'), { policies: { pool: 'narrow', priority: 0 } });
    const other = testTarget('other', () => ran.push('other'), { policies: { pool: 'wide' } });
    const free = testTarget('free', () => ran.push('free'));
    await using test = await createTestOps({
      targets: [stuck, same, other, free],
      config: { pools: { narrow: 1, wide: 1 } },
    });
    await test.clock.advance(5000);
    expect(ran.filter((id) => id === 'other')).toHaveLength(5);
    expect(ran.filter((id) => id === 'free')).toHaveLength(5);
    expect(ran.filter((id) => id === 'same')).toHaveLength(0);
  });

  it('lets a low priority pass a high one that has waited less', async () => {
    const held = new HeldWork();
    const minutes = (phase: number, priority: number, id: string) =>
      testTarget(id, held.run, {
        schedule: {
          kind: 'interval',
          everyMs: HOUR_MS,
          mode: 'rate',
          phaseMs: phase * 60_000,
          runOnStart: false,
        },
        policies: { pool: 'narrow', priority },
        timeoutMs: HOUR_MS,
      });
    const targets = [minutes(1, 9, 'hog'), minutes(2, 1, 'low'), minutes(9, 7, 'high')];
    await using test = await createTestOps({ targets, config: { pools: { narrow: 1 } } });
    await test.clock.advance(10 * 60_000);
    held.newest.end();
    await test.clock.settle();
    held.newest.end();
    await test.clock.settle();
    expect(held.runs.map(({ context }) => context.targetId)).toEqual(['hog', 'low', 'high']);
  });

  it('lets a target whose newest slot alone waits wait for all of them, so that it is not passed for ever', async () => {
    const held = new HeldWork();
    const at = (minute: number) => ({ ...everyMs(HOUR_MS), phaseMs: minute * 60_000 });
    const inPool = (id: string, priority: number, schedule = everyMs(60_000)) =>
      testTarget(id, held.run, {
        schedule,
        policies: { pool: 'narrow', priority, overlap: { kind: 'queue-one' } },
        timeoutMs: HOUR_MS,
      });
    const targets = [inPool('hog', 9, at(1)), inPool('low', 0), inPool('high', 8, at(10))];
    await using test = await createTestOps({ targets, config: { pools: { narrow: 1 } } });
    await test.clock.advance(10.5 * 60_000);
    held.newest.end();
    await test.clock.settle();
    const started = held.runs.map(({ context }) => [context.targetId, second(context.slotMs)]);
    expect(started).toEqual([
      ['hog', 60],
      ['low', 600],
    ]);
  });

  it('takes a bounded number of waiting runs, also of those that are due at once', async () => {
    const held = new HeldWork();
    const targets = Array.from({ length: POOL_WAITING_MAX + 20 }, (_, index) => pooled(`t${index}`, held));
    await using test = await createTestOps({ targets, config: { pools: { narrow: 2 } } });
    await test.clock.advance(10_000);
    const active = await test.store.readActive();
    expect(active.filter(({ status }) => status === 'READY')).toHaveLength(POOL_WAITING_MAX);
    const full = await Promise.all(targets.map(({ id }) => skipsOf(test, id)));
    expect(full.flat().filter((line) => line.startsWith('pool-full'))).toHaveLength(18);
  });
});

describe('missed slots after a restart on the same store', () => {
  async function restarted(
    missed: MissedPolicy,
  ): Promise<{ ran: readonly number[]; test: TestOps; close: () => Promise<void> }> {
    const folder = mkdtempSync(join(tmpdir(), 'qts-ops-missed-'));
    const storePath = join(folder, 'qts-ops.db');
    const ran: number[] = [];
    const feed = testTarget('feed', ({ slotMs }) => ran.push(second(slotMs)), {
      graceMs: 1500,
      policies: { missed },
    });
    const first = await createTestOps({ targets: [feed], storePath });
    await first.clock.advance(2000);
    await first.store.close();
    ran.length = 0;
    const clock = new VirtualClock(VIRTUAL_START_MS + 20_400);
    const test = await createTestOps({ targets: [feed], storePath, clock });
    await clock.settle();
    const close = async () => {
      await test[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    };
    return { ran, test, close };
  }

  it.each<[MissedPolicy, readonly number[], readonly string[]]>([
    [{ kind: 'skip' }, [19, 20], ['missed 3..18 x16']],
    [{ kind: 'all', maxCatchUp: 3, windowMs: HOUR_MS }, [16, 17, 18, 19, 20], ['missed 3..15 x13']],
    [{ kind: 'all', maxCatchUp: 10, windowMs: 4000 }, [17, 18, 19, 20], ['missed 3..16 x14']],
  ])('%j', async (missed, expected, skips) => {
    const { ran, test, close } = await restarted(missed);
    expect(ran).toEqual(expected);
    expect(await skipsOf(test, 'feed')).toEqual(skips);
    expect(await test.store.countSlots('feed', 0)).toEqual({
      executions: expected.length + 2,
      skips: 18 - expected.length,
    });
    await close();
  });

  it('latest: the first run says how many it stands for', async () => {
    const { ran, test, close } = await restarted({ kind: 'latest' });
    expect(ran).toEqual([19, 20]);
    const { items } = await test.store.queryExecutions({ jobId: 'feed' });
    const first = items.find(({ scheduledAtMs }) => second(scheduledAtMs) === 19);
    expect(first).toMatchObject({ missedCount: 16, missedFromMs: VIRTUAL_START_MS + 3000 });
    await close();
  });
});

describe('a trading calendar', () => {
  const openMs = VIRTUAL_START_MS + 10_000;
  const sessions = {
    calendar: buildCalendar({
      id: 'TEST',
      name: { en: 'test', ko: 'test' },
      timeZone: 'UTC',
      weekdays: [5],
      sessions: [
        { date: '2026-01-02', openMs, closeMs: openMs + 10_000, kind: 'regular' as const },
        {
          date: '2026-01-09',
          openMs: openMs + 7 * DAY_MS,
          closeMs: openMs + 7 * DAY_MS + 10_000,
          kind: 'regular' as const,
        },
      ],
      closedDays: [],
    }),
    window: parseWindow('open..close'),
  };
  const schedule = {
    kind: 'interval',
    everyMs: 5000,
    mode: 'rate',
    phaseMs: 0,
    runOnStart: false,
    sessions,
  } as const;
  const feedOf = (ran: number[]): TargetDefinition =>
    testTarget('feed', ({ slotMs }) => ran.push(second(slotMs)), { schedule });

  it('lets slots from the opening until before the closing pass, and skips the others', async () => {
    const ran: number[] = [];
    await using test = await createTestOps({ targets: [feedOf(ran)] });
    await test.clock.advance(30_000);
    expect(ran).toEqual([10, 15]);
    expect(await skipsOf(test, 'feed')).toEqual(['calendar 5..5 x1']);
  });

  it('is looked at once a day while it is closed, so that every slot is on record', async () => {
    const ran: number[] = [];
    await using test = await createTestOps({ targets: [feedOf(ran)] });
    await test.clock.advance(DAY_MS + HOUR_MS);
    const { executions, skips } = await test.store.countSlots('feed', 0);
    expect(executions).toBe(2);
    expect(skips).toBeGreaterThanOrEqual(DAY_MS / 5000);
    expect((await skipsOf(test, 'feed')).length).toBe(2);
    const [state] = await test.store.readTargetStates();
    expect(test.clock.now() - (state?.cursorMs ?? 0)).toBeLessThanOrEqual(DAY_MS + 5000);
    await test.clock.stall(6 * DAY_MS - HOUR_MS);
    await test.clock.advance(20_000);
    expect(ran.map((at) => at % 604_800)).toEqual([10, 15, 10, 15]);
  });

  it('is accounted for across a restart, also on what comes after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qts-ops-calendar-'));
    const storePath = join(folder, 'qts-ops.db');
    const { schedule: _schedule, ...child } = testTarget('child', () => undefined, {
      policies: { dependency: { after: ['feed'], on: 'success' } },
    });
    const first = await createTestOps({ targets: [feedOf([]), child], storePath });
    await first.clock.advance(12_000);
    await first.store.close();
    const clock = new VirtualClock(VIRTUAL_START_MS + 60_200);
    const ran: number[] = [];
    const feed = { ...feedOf(ran), graceMs: 1000 };
    const next = await createTestOps({ targets: [feed, child], storePath, clock });
    await clock.advance(10_000);
    expect(ran).toEqual([]);
    const lines = await skipsOf(next, 'feed');
    expect(lines).toContain('missed 15..15 x1');
    const [parent, of] = [await next.store.countSlots('feed', 0), await next.store.countSlots('child', 0)];
    expect(of.executions + of.skips).toBe(parent.executions + parent.skips);
    await next[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
});
