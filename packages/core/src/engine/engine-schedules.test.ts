import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { SlotSkip } from '../run/executions/execution.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';

const reason = 'looking into a problem';
const fails = () => {
  throw new Error('no prices');
};

describe('a healthy target beside bad ones', () => {
  it('keeps every slot while others fail, hang and are suspended', async () => {
    const held = new HeldWork();
    const ran: number[] = [];
    await using test = await createTestOps({
      targets: [
        testTarget('fails', fails),
        testTarget('hangs', held.run, { timeoutMs: 3000, stopGraceMs: 500 }),
        testTarget('healthy', ({ slotMs }) => ran.push(slotMs ?? 0)),
      ],
    });
    await test.clock.advance(60_000);
    expect(ran).toEqual(Array.from({ length: 60 }, (_, index) => VIRTUAL_START_MS + 1000 * (index + 1)));
    expect(await statusesOf(test, 'fails')).toEqual(['FAILED', 'FAILED', 'FAILED']);
    expect(await statusesOf(test, 'hangs')).toEqual(['FAILED']);
    expect(test.alerts).toEqual([
      'CRITICAL run of fails failed: BAT-0304 no prices',
      'CRITICAL target fails suspended after 3 errors in a row; last error: BAT-0304 no prices; next probe 2026-01-02T00:05:03.000Z',
      'CRITICAL run of hangs failed: BAT-0303 no end after 3000 ms',
    ]);
  });

  it('is not delayed by the back-off of another one', async () => {
    const ran: number[] = [];
    await using test = await createTestOps({
      targets: [
        testTarget('fails', fails, { errors: { errorBackoffMs: 30_000, maxConsecutiveErrors: 9 } }),
        testTarget('healthy', () => ran.push(test.clock.now())),
      ],
    });
    await test.clock.advance(10_000);
    expect(ran).toHaveLength(10);
    expect(await statusesOf(test, 'fails')).toEqual(['FAILED']);
    expect(await skipsOf(test, 'fails')).toEqual(['backoff x9']);
  });
});

describe('a suspended target', () => {
  it('is probed once after its rest, recovers, and says so', async () => {
    let broken = true;
    await using test = await createTestOps({
      targets: [testTarget('feed', () => (broken ? fails() : undefined), { errors: { cooldownMs: 10_000 } })],
    });
    await test.clock.advance(12_999);
    expect(await statusesOf(test, 'feed')).toHaveLength(3);
    broken = false;
    await test.clock.advance(2001);
    expect(await statusesOf(test, 'feed')).toEqual([
      'FAILED',
      'FAILED',
      'FAILED',
      'SUCCESS',
      'SUCCESS',
      'SUCCESS',
    ]);
    expect(test.alerts).toEqual([
      'CRITICAL run of feed failed: BAT-0304 no prices',
      expect.stringMatching(/^CRITICAL target feed suspended/),
      'WARNING target feed recovered; its runs go on',
      'WARNING a run of feed succeeded again',
    ]);
    expect((await test.client.target('feed')).outcomes).toBe('xxx...');
  });

  it('rests twice as long after a failed probe, and alerts no second time', async () => {
    await using test = await createTestOps({
      targets: [testTarget('feed', fails, { errors: { cooldownMs: 10_000, maxCooldownMs: 25_000 } })],
    });
    await test.clock.advance(100_000);
    const { items } = await test.client.executions({ jobId: 'feed' });
    const startedSeconds = items.map(({ startedAtMs = 0 }) => (startedAtMs - VIRTUAL_START_MS) / 1000);
    expect(startedSeconds.reverse()).toEqual([1, 2, 3, 13, 33, 58, 83]);
    expect(test.alerts.filter((line) => line.includes('suspended'))).toHaveLength(1);
    expect(test.alerts.filter((line) => line.includes('failed'))).toHaveLength(1);
  });

  it('with manual recovery is not run again until it is reset', async () => {
    let broken = true;
    await using test = await createTestOps({
      targets: [testTarget('feed', () => (broken ? fails() : undefined), { errors: { recovery: 'manual' } })],
    });
    await test.clock.advance(3_600_000);
    expect(await statusesOf(test, 'feed')).toHaveLength(3);
    broken = false;
    await test.client.reset('feed', { reason });
    await test.clock.advance(2000);
    expect(await statusesOf(test, 'feed')).toHaveLength(5);
  });

  it('recovers when an operator runs it by hand and it succeeds', async () => {
    let broken = true;
    await using test = await createTestOps({
      targets: [testTarget('feed', () => (broken ? fails() : undefined))],
    });
    await test.clock.advance(3000);
    await test.client.trigger('feed', { reason });
    await test.clock.settle();
    expect((await test.client.target('feed')).consecutiveErrors).toBe(3);
    broken = false;
    await test.client.trigger('feed', { reason });
    await test.clock.settle();
    expect(await test.client.target('feed')).toMatchObject({
      consecutiveErrors: 0,
      breaker: { kind: 'closed' },
    });
    expect(test.alerts).toContain('WARNING target feed recovered; its runs go on');
  });
});

describe('after the loop stood still', () => {
  it('late slots wait as READY rows and are run in order, one at a time', async () => {
    const held = new HeldWork();
    await using test = await createTestOps({ targets: [testTarget('feed', held.run)] });
    await test.clock.stall(3500);
    expect(await statusesOf(test, 'feed')).toEqual(['RUNNING', 'READY', 'READY']);
    for (const slot of [1, 2, 3]) {
      expect(held.runs).toHaveLength(slot);
      expect(held.newest.context.slotMs).toBe(VIRTUAL_START_MS + 1000 * slot);
      held.newest.end();
      await test.clock.settle();
    }
    expect(await statusesOf(test, 'feed')).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    const { items } = await test.client.executions({ jobId: 'feed' });
    const late = new Map(items.map(({ scheduledAtMs, late: wasLate }) => [scheduledAtMs, wasLate]));
    expect([1000, 2000, 3000].map((ms) => late.get(VIRTUAL_START_MS + ms))).toEqual([true, true, false]);
  });

  it.each<[string, (test: TestOps) => unknown, string]>([
    [
      'target is paused',
      (test) => test.client.pause('feed', { reason }),
      'not started: the target is paused',
    ],
    [
      'engine is asked to end',
      (test) => {
        test.ops.drain().catch(expect.unreachable);
      },
      'not started: the engine is stopping',
    ],
  ])('what waits is cancelled when the %s', async (_, act, why) => {
    const held = new HeldWork();
    await using store = await openSqliteStore({ path: ':memory:', now: () => VIRTUAL_START_MS });
    await using test = await createTestOps({ targets: [testTarget('feed', held.run)], store });
    await test.clock.stall(3500);
    await act(test);
    held.newest.end();
    await test.clock.settle();
    const { items } = await test.store.queryExecutions({ jobId: 'feed' });
    expect(items.map(({ status, stopRequest }) => [status, stopRequest?.reason]).reverse()).toEqual([
      ['SUCCESS', undefined],
      ['STOPPED', why],
      ['STOPPED', why],
    ]);
    expect(held.runs).toHaveLength(1);
  });

  it('what waits is cancelled when the run before it fails and the target backs off', async () => {
    const held = new HeldWork();
    const feed = testTarget('feed', held.run, { errors: { errorBackoffMs: 60_000 } });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.stall(2500);
    held.newest.fail(new Error('no prices'));
    await test.clock.settle();
    expect(await statusesOf(test, 'feed')).toEqual(['FAILED', 'STOPPED']);
  });

  it('one that waits can be stopped by an operator, and the others go on', async () => {
    const held = new HeldWork();
    await using test = await createTestOps({ targets: [testTarget('feed', held.run)] });
    await test.clock.stall(3500);
    const { items } = await test.client.executions({ jobId: 'feed', status: 'READY' });
    const second = items.find(({ scheduledAtMs }) => scheduledAtMs === VIRTUAL_START_MS + 2000);
    await test.client.stop(second?.id ?? '', { reason });
    held.newest.end();
    await test.clock.settle();
    expect(held.newest.context.slotMs).toBe(VIRTUAL_START_MS + 3000);
    expect(await statusesOf(test, 'feed')).toEqual(['SUCCESS', 'STOPPED', 'RUNNING']);
  });
});

describe('when the wall clock is set', () => {
  it('back, an interval goes on at once and repeats no id', async () => {
    const ran: string[] = [];
    await using test = await createTestOps({
      targets: [testTarget('beat', ({ executionId }) => ran.push(executionId))],
    });
    await test.clock.advance(5000);
    test.clock.stepWall(-3_600_000);
    await test.clock.advance(5000);
    expect(ran.length).toBeGreaterThanOrEqual(9);
    expect(new Set(ran).size).toBe(ran.length);
    expect(test.logged.some((line) => line.includes('the wall clock was set {"jumpMs":-3600000}'))).toBe(
      true,
    );
  });

  it('forward, the slots in between are accounted for', async () => {
    let ran = 0;
    const beat = testTarget('beat', () => (ran += 1), { graceMs: 0 });
    await using test = await createTestOps({ targets: [beat] });
    await test.clock.advance(5000);
    test.clock.stepWall(3_600_000);
    await test.clock.advance(5000);
    expect(ran).toBeGreaterThanOrEqual(9);
    const counted = await test.store.countSlots('beat', VIRTUAL_START_MS);
    expect(counted.executions + counted.skips).toBe(3610);
  });
});

describe('many targets', () => {
  it('a thousand due at once are each run once, and each end is written', async () => {
    let ran = 0;
    const targets = Array.from({ length: 1000 }, (_, index) =>
      testTarget(`t${index}`, () => (ran += 1), { schedule: everyMs(60_000) }),
    );
    await using test = await createTestOps({ targets });
    await test.clock.advance(60_000);
    for (let turn = 0; turn < 200 && (await test.store.readActive()).length > 0; turn++)
      await test.clock.settle();
    expect(ran).toBe(1000);
    const { total } = await test.store.queryExecutions({ status: 'SUCCESS', limit: 1 });
    expect(total).toBe(1000);
  });
});

it('a slot that somebody recorded before is skipped as a duplicate, and the schedule goes on', async () => {
  const clock = new VirtualClock();
  await using store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const ran: number[] = [];
  const feed = testTarget('feed', ({ slotMs = 0 }) => ran.push(slotMs - VIRTUAL_START_MS));
  const first = await createTestOps({ targets: [feed], clock, store });
  await clock.advance(1000);
  await first[Symbol.asyncDispose]();
  // As after the states of targets were put back to a moment before the slot.
  const [state] = await store.readTargetStates();
  if (state === undefined) throw new Error('no state');
  const rewound = { ...state, revision: state.revision + 1, cursorMs: VIRTUAL_START_MS };
  await store.commit([
    { kind: 'target.update', expectRevision: state.revision, state: rewound, because: 'slot' },
  ]);
  await using second = await createTestOps({
    targets: [feed],
    store,
    clock: new VirtualClock(VIRTUAL_START_MS + 1000),
  });
  await second.clock.advance(1000);
  expect(ran).toEqual([1000, 2000]);
  expect(await skipsOf(second, 'feed')).toEqual(['duplicate x1']);
});

async function statusesOf(test: TestOps, jobId: string): Promise<string[]> {
  const { items } = await test.store.queryExecutions({ jobId, limit: 1000 });
  const inOrder = items.toSorted(
    (a, b) => (a.scheduledAtMs ?? a.createdAtMs) - (b.scheduledAtMs ?? b.createdAtMs),
  );
  return inOrder.map(({ status }) => status);
}

async function skipsOf(test: TestOps, targetId: string): Promise<string[]> {
  const skips: readonly SlotSkip[] = await test.store.readSkips(targetId, 100);
  return skips.map(({ reason: why, count }) => `${why} x${count}`).reverse();
}
