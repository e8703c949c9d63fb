import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TargetFunction } from '../ports/target.ts';
import { DEFAULT_POLICIES, type RetryPolicy } from '../run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, obedientWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';

const reason = 'looking into a problem';
const fails: TargetFunction = () => Promise.reject(new Error('no prices'));
const delay = { kind: 'interval', everyMs: 5000, mode: 'delay', phaseMs: 0, runOnStart: true } as const;

function retrying(run: TargetFunction, retry: Partial<RetryPolicy> = {}) {
  const policies = { retry: { ...DEFAULT_POLICIES.retry, maxAttempts: 3, backoffMs: 4000, ...retry } };
  return testTarget('feed', run, { schedule: everyMs(60_000), policies });
}

/** `1 FAILED`: attempt and status, in order. */
async function attemptsOf(test: TestOps): Promise<readonly string[]> {
  const { items } = await test.store.queryExecutions({ jobId: 'feed', limit: 1000 });
  return items
    .toSorted((a, b) => (a.scheduledAtMs ?? 0) - (b.scheduledAtMs ?? 0) || a.attempt - b.attempt)
    .map(({ attempt, status }) => `${attempt} ${status}`);
}

describe('a slot that is tried again', () => {
  it('is a row for each attempt, and counts as one error after the last one', async () => {
    const counted: number[] = [];
    const feed = retrying(async () => {
      counted.push((await test.client.target('feed')).consecutiveErrors);
      throw new Error('no prices');
    });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(90_000);
    expect(await attemptsOf(test)).toEqual(['1 FAILED', '2 FAILED', '3 FAILED']);
    expect(counted).toEqual([0, 0, 0]);
    expect(await test.client.target('feed')).toMatchObject({ consecutiveErrors: 1, outcomes: 'xxx' });
    const { items } = await test.store.queryExecutions({ jobId: 'feed' });
    const byAttempt = new Map(items.map((execution) => [execution.attempt, execution]));
    expect(byAttempt.get(2)?.parentExecutionId).toBe(byAttempt.get(1)?.id);
    expect(byAttempt.get(3)?.parentExecutionId).toBe(byAttempt.get(2)?.id);
    expect(byAttempt.get(3)?.rootExecutionId).toBe(byAttempt.get(1)?.id);
    expect(await test.store.countSlots('feed', 0)).toEqual({ executions: 1, skips: 0 });
  });

  it('is over with its first success', async () => {
    let left = 1;
    await using test = await createTestOps({
      targets: [retrying((context) => (left-- > 0 ? fails(context) : 'done'))],
    });
    await test.clock.advance(90_000);
    expect(await attemptsOf(test)).toEqual(['1 FAILED', '2 SUCCESS']);
    expect(await test.client.target('feed')).toMatchObject({ consecutiveErrors: 0, outcomes: 'x.' });
  });

  it('keeps other slots from starting while it waits', async () => {
    const feed = { ...retrying(fails, { maxAttempts: 2, backoffMs: 60_000 }), schedule: everyMs(1000) };
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(1000);
    const [retry] = await test.store.readActive();
    expect(retry).toMatchObject({ status: 'READY', attempt: 2 });
    await test.clock.advance(2000);
    expect(await attemptsOf(test)).toEqual(['1 FAILED', '2 READY']);
    expect(await test.store.countSlots('feed', 0)).toEqual({ executions: 1, skips: 2 });
  });

  it.each<[string, (test: TestOps) => Promise<unknown>, string]>([
    ['paused', (test) => test.client.pause('feed', { reason }), 'not started: the target is paused'],
    ['stopped', (test) => stopWaiting(test), reason],
  ])('is given up when it is %s', async (_, act, why) => {
    await using test = await createTestOps({ targets: [retrying(fails, { backoffMs: 60_000 })] });
    await test.clock.advance(60_000);
    await act(test);
    await test.clock.settle();
    expect(await attemptsOf(test)).toEqual(['1 FAILED', '2 STOPPED']);
    const [last] = (await test.store.queryExecutions({ jobId: 'feed', status: 'STOPPED' })).items;
    expect(last?.stopRequest?.reason).toBe(why);
    expect((await test.client.target('feed')).consecutiveErrors).toBe(0);
  });

  it('is given up when the engine ends, and the end does not wait for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qts-ops-retry-'));
    try {
      const storePath = join(folder, 'qts-ops.db');
      const first = await createTestOps({ targets: [retrying(fails, { backoffMs: 60_000 })], storePath });
      await first.clock.advance(60_000);
      const ended = first.ops.drain();
      await first.clock.settle();
      await ended;
      const clock = new VirtualClock(first.clock.now());
      await using next = await createTestOps({ targets: [retrying(fails)], storePath, clock });
      expect(await attemptsOf(next)).toEqual(['1 FAILED', '2 STOPPED']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is tried again after a time-out too, and no more once an operator has stopped it', async () => {
    const feed = { ...retrying(obedientWork, { maxAttempts: 5, backoffMs: 1 }), timeoutMs: 1000 };
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(61_500);
    const [running] = (await test.store.queryExecutions({ jobId: 'feed', status: 'RUNNING' })).items;
    if (running === undefined) throw new Error('the second attempt should go on');
    await test.client.stop(running.id, { reason });
    await test.clock.advance(30_000);
    expect(await attemptsOf(test)).toEqual(['1 FAILED', '2 STOPPED']);
  });
});

describe('a delay', () => {
  it('begins after the last attempt', async () => {
    const starts: number[] = [];
    const run: TargetFunction = () => {
      starts.push(test.clock.now() - VIRTUAL_START_MS);
      throw new Error('no prices');
    };
    const feed = { ...retrying(run, { maxAttempts: 2 }), schedule: delay };
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(20_000);
    const [first = 0, second = 0, third = 0] = starts;
    expect(second - first).toBeLessThanOrEqual(4000);
    expect(third - second).toBe(5000);
  });

  it.each<[string, (test: TestOps) => Promise<unknown>]>([
    ['is given up by an operator', (test) => stopWaiting(test)],
    [
      'is taken away by a pause',
      async (test) => {
        await test.client.pause('feed', { reason });
        await test.clock.settle();
        await test.client.resume('feed', { reason });
      },
    ],
  ])('goes on when the attempt it waits for %s', async (_, act) => {
    let broken = true;
    const feed = {
      ...retrying((context) => (broken ? fails(context) : 'done'), { backoffMs: 60_000 }),
      schedule: delay,
    };
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(0);
    broken = false;
    await act(test);
    await test.clock.advance(5000);
    expect(await attemptsOf(test)).toEqual(['1 FAILED', '2 STOPPED', '1 SUCCESS']);
  });
});

it('a probe that is ended before it could start is put off, not forgotten', async () => {
  let broken = true;
  const held = new HeldWork();
  const feed = testTarget('feed', (context) => (broken ? fails(context) : 'done'), {
    errors: { maxConsecutiveErrors: 1, cooldownMs: 5000 },
    policies: { pool: 'narrow' },
  });
  const other = testTarget('other', held.run, { schedule: everyMs(3000), policies: { pool: 'narrow' } });
  await using test = await createTestOps({ targets: [feed, other], config: { pools: { narrow: 1 } } });
  await test.clock.advance(6000);
  expect((await test.client.target('feed')).breaker.kind).toBe('half-open');
  await stopWaiting(test);
  expect((await test.client.target('feed')).breaker.kind).toBe('open');
  broken = false;
  held.newest.end();
  await test.clock.advance(5000);
  held.newest.end();
  await test.clock.advance(7000);
  expect((await test.client.target('feed')).breaker.kind).toBe('closed');
});

async function stopWaiting(test: TestOps): Promise<void> {
  const [ready] = (await test.store.queryExecutions({ jobId: 'feed', status: 'READY' })).items;
  if (ready === undefined) throw new Error('nothing waits');
  await test.client.stop(ready.id, { reason });
}
