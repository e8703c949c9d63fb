import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TargetFunction } from '../ports/target.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import { DEFAULT_POLICIES, type Dependency, type TargetPolicies } from '../run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';

const reason = 'looking into a problem';
const fails: TargetFunction = () => Promise.reject(new Error('no prices'));
const done: TargetFunction = () => 'done';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-dependents-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function engine(targets: readonly TargetDefinition[], nowMs = VIRTUAL_START_MS): Promise<TestOps> {
  return createTestOps({ targets, storePath: join(folder, 'qts-ops.db'), clock: new VirtualClock(nowMs) });
}

/** A target that comes after others. */
function follower(
  id: string,
  parents: readonly string[],
  more: { run?: TargetFunction; on?: Dependency['on']; policies?: Partial<TargetPolicies> } = {},
): TargetDefinition {
  const { run = done, on = 'success', policies } = more;
  const dependency = { after: parents, on };
  const { schedule: _schedule, ...definition } = testTarget(id, run, {
    policies: { ...policies, dependency },
  });
  return definition;
}

/** `1 SUCCESS, 2 upstream`: every slot of a target in seconds, with what became of it. */
async function storyOf(test: TestOps, targetId: string): Promise<string> {
  const { items } = await test.store.queryExecutions({ jobId: targetId, runType: 'AUTO', limit: 1000 });
  const skips = await test.store.readSkips(targetId, 1000);
  const second = (ms: number) => (ms - VIRTUAL_START_MS) / 1000;
  const lines = [
    ...items.map(({ scheduledAtMs = 0, status, attempt }) => ({
      at: scheduledAtMs,
      text: `${second(scheduledAtMs)} ${status}${attempt === 1 ? '' : ` ${attempt}`}`,
    })),
    ...skips.map(({ fromMs, toMs, reason: why, count }) => ({
      at: fromMs,
      text: count === 1 ? `${second(fromMs)} ${why}` : `${second(fromMs)}..${second(toMs)} ${why} x${count}`,
    })),
  ];
  return lines
    .toSorted((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join(', ');
}

describe('a chain', () => {
  it('runs one after the other at the slot of the first', async () => {
    const order: string[] = [];
    const note =
      (id: string): TargetFunction =>
      ({ slotMs = 0 }) =>
        order.push(`${id}@${(slotMs - VIRTUAL_START_MS) / 1000}`);
    await using test = await engine([
      follower('c', ['b'], { run: note('c') }),
      follower('b', ['a'], { run: note('b') }),
      testTarget('a', note('a'), { schedule: everyMs(10_000) }),
    ]);
    await test.clock.advance(25_000);
    expect(order).toEqual(['a@10', 'b@10', 'c@10', 'a@20', 'b@20', 'c@20']);
  });

  it('is skipped behind a failure, visibly, slot by slot', async () => {
    let broken = true;
    const a = testTarget('a', (context) => (broken ? fails(context) : 'done'), {
      errors: { maxConsecutiveErrors: 9 },
    });
    await using test = await engine([a, follower('b', ['a']), follower('c', ['b'])]);
    await test.clock.advance(3000);
    broken = false;
    await test.clock.advance(1000);
    expect(await storyOf(test, 'b')).toBe('1..3 upstream x3, 4 SUCCESS');
    expect(await storyOf(test, 'c')).toBe('1..3 upstream x3, 4 SUCCESS');
    expect(await test.store.countSlots('c', 0)).toEqual({ executions: 1, skips: 3 });
    expect((await test.client.target('c')).skips[0]).toMatchObject({ reason: 'upstream', count: 3 });
  });

  it('is skipped behind skipped slots with the same count', async () => {
    await using test = await engine([testTarget('a', done), follower('b', ['a']), follower('c', ['b'])]);
    await test.client.pause('a', { reason });
    await test.clock.advance(5000);
    expect(await storyOf(test, 'c')).toBe('1..5 upstream x5');
    await test.clock.stall(3_600_000);
    expect(await test.store.countSlots('c', 0)).toEqual({ executions: 0, skips: 3605 });
  });

  it('waits for the last attempt', async () => {
    let left = 2;
    const retry = { ...DEFAULT_POLICIES.retry, maxAttempts: 3, backoffMs: 1000 };
    const a = testTarget('a', (context) => (left-- > 0 ? fails(context) : 'done'), {
      schedule: everyMs(10_000),
      policies: { retry },
    });
    await using test = await engine([a, follower('b', ['a'])]);
    await test.clock.advance(10_000);
    expect(await storyOf(test, 'b')).toBe('');
    await test.clock.advance(5000);
    expect(await storyOf(test, 'a')).toContain('10 SUCCESS 3');
    expect(await storyOf(test, 'b')).toBe('10 SUCCESS');
  });

  it("is not set going by an operator's run", async () => {
    await using test = await engine([
      testTarget('a', done, { schedule: everyMs(60_000) }),
      follower('b', ['a']),
    ]);
    await test.client.trigger('a', { reason });
    await test.clock.advance(5000);
    expect(await storyOf(test, 'b')).toBe('');
    await test.client.trigger('b', { reason });
    await test.clock.advance(0);
    expect((await test.client.executions({ jobId: 'b' })).items).toMatchObject([{ runType: 'MANUAL' }]);
  });
});

describe('on all-done and on any-failed', () => {
  it.each<[Dependency['on'], string, string]>([
    ['success', '1 SUCCESS, 2 upstream, 3 SUCCESS', 'x'],
    ['all-done', '1 SUCCESS, 2 SUCCESS, 3 SUCCESS', 'x'],
    ['any-failed', '1 upstream, 2 SUCCESS, 3 upstream', 'x'],
  ])('%s of two parents, one of which fails once', async (on, story) => {
    const second = (slotMs = 0) => (slotMs - VIRTUAL_START_MS) / 1000;
    const a = testTarget('a', (context) => (second(context.slotMs) === 2 ? fails(context) : 'done'));
    await using test = await engine([a, testTarget('b', done), follower('child', ['a', 'b'], { on })]);
    await test.clock.advance(3000);
    expect(await storyOf(test, 'child')).toBe(story);
  });

  it('waits for the slower parent', async () => {
    const held = new HeldWork();
    const slow = testTarget('slow', held.run, { schedule: everyMs(10_000) });
    const fast = testTarget('fast', done, { schedule: everyMs(10_000) });
    await using test = await engine([fast, slow, follower('child', ['fast', 'slow'])]);
    await test.clock.advance(12_000);
    expect(await storyOf(test, 'child')).toBe('');
    held.newest.end();
    await test.clock.settle();
    expect(await storyOf(test, 'child')).toBe('10 SUCCESS');
  });

  it('two parents that missed the same hours skip them once', async () => {
    const two = (graceMs: number, id: string) => testTarget(id, done, { graceMs });
    await using test = await engine([
      two(2000, 'a'),
      two(5000, 'b'),
      follower('child', ['a', 'b']),
      follower('cleanup', ['a', 'b'], { on: 'any-failed' }),
    ]);
    await test.clock.stall(20_000);
    await test.clock.advance(500);
    for (const id of ['a', 'b', 'child', 'cleanup']) {
      const { executions, skips } = await test.store.countSlots(id, 0);
      expect([id, executions + skips]).toEqual([id, 20]);
    }
    expect(await storyOf(test, 'child')).toMatch(/^1\.\.17 upstream x17, 18 SUCCESS/);
  });
});

describe('a dependent that cannot run', () => {
  it('says itself why: paused, suspended, busy', async () => {
    const held = new HeldWork();
    await using test = await engine([
      testTarget('a', done),
      follower('paused', ['a']),
      follower('suspended', ['a'], { run: fails }),
      follower('busy', ['a'], { run: held.run }),
    ]);
    await test.client.pause('paused', { reason });
    await test.clock.advance(5000);
    expect(await storyOf(test, 'paused')).toBe('1..5 paused x5');
    expect(await storyOf(test, 'suspended')).toBe('1 FAILED, 2 FAILED, 3 FAILED, 4..5 breaker-open x2');
    expect(await storyOf(test, 'busy')).toBe('1 RUNNING, 2..5 overlap x4');
  });

  it('is told of a slot that was replaced while it waited', async () => {
    const held = new HeldWork();
    const a = testTarget('a', held.run, { policies: { overlap: { kind: 'queue-one' } } });
    await using test = await engine([a, follower('b', ['a'])]);
    await test.clock.advance(3500);
    expect(await storyOf(test, 'a')).toBe('1 RUNNING, 2 STOPPED, 3 READY');
    expect(await storyOf(test, 'b')).toBe('2 upstream');
    const [waiting] = (await test.store.queryExecutions({ jobId: 'a', status: 'READY' })).items;
    await test.client.stop(waiting?.id ?? '', { reason });
    held.newest.end();
    await test.clock.settle();
    expect(await test.store.countSlots('b', 0)).toEqual({ executions: 1, skips: 2 });
  });
});

describe('across a restart', () => {
  it('what a parent ends while the engine ends is skipped as draining, and nothing is decided twice', async () => {
    const held = new HeldWork();
    const targets = () => [testTarget('a', held.run), follower('b', ['a'])];
    const first = await engine(targets());
    await first.clock.advance(2500);
    const ended = first.ops.drain();
    await first.clock.advance(1000);
    held.newest.end();
    await first.clock.advance(1000);
    await ended;
    await using next = await engine(targets(), first.clock.now());
    await next.clock.settle();
    held.newest.end();
    await next.clock.advance(100);
    expect(await storyOf(next, 'a')).toMatch(/^1 SUCCESS, 2 overlap, 3 draining/);
    expect(await storyOf(next, 'b')).toMatch(/^1 draining, 2\.\.3 upstream x2/);
    const parent = await next.store.countSlots('a', 0);
    const child = await next.store.countSlots('b', 0);
    expect(child.executions + child.skips).toBe(parent.executions + parent.skips);
  });

  it('what a dead engine left is told to dependents once', async () => {
    const held = new HeldWork();
    const targets = () => [
      testTarget('a', held.run, { policies: { overlap: { kind: 'queue', max: 5 } } }),
      follower('child', ['a']),
      follower('alarm', ['a'], { on: 'any-failed' }),
    ];
    const first = await engine(targets());
    await first.clock.advance(2000);
    held.newest.end();
    await first.clock.advance(2500);
    await first.store.close();
    expect(held.runs).toHaveLength(2);
    const next = await engine(targets(), first.clock.now());
    await next.clock.settle();
    // Slot 2 was running; 3 and 4 never ran, and what never ran has not failed.
    expect(await storyOf(next, 'child')).toBe('1 SUCCESS, 2..4 upstream x3');
    expect(await storyOf(next, 'alarm')).toBe('1 upstream, 2 SUCCESS, 3..4 upstream x2');
    await next.store.close();
    await using third = await engine(targets(), next.clock.now());
    await third.clock.settle();
    expect(await storyOf(third, 'alarm')).toBe('1 upstream, 2 SUCCESS, 3..4 upstream x2');
  });

  it('a waiting dependent of a dead engine is closed, and its own dependents are skipped', async () => {
    const held = new HeldWork();
    const targets = () => [
      testTarget('hog', held.run, { policies: { pool: 'narrow' } }),
      testTarget('a', done),
      follower('b', ['a'], { policies: { pool: 'narrow' } }),
      follower('c', ['b']),
    ];
    const config = { pools: { narrow: 1 } };
    const clock = new VirtualClock();
    const storePath = join(folder, 'qts-ops.db');
    const first = await createTestOps({ targets: targets(), storePath, clock, config });
    await clock.advance(1500);
    expect(await storyOf(first, 'b')).toBe('1 READY');
    await first.store.close();
    await using next = await engine(targets(), clock.now());
    expect(await storyOf(next, 'b')).toBe('1 FAILED');
    expect(await storyOf(next, 'c')).toBe('1 upstream');
    const [row] = (await next.store.queryExecutions({ jobId: 'b' })).items;
    expect(row?.errorMessage).toContain('never ran');
  });

  it('a target that comes after another one only now is not told of what was before', async () => {
    const first = await engine([testTarget('a', done), testTarget('b', done)]);
    await first.clock.advance(3500);
    await first.store.close();
    await using next = await engine([testTarget('a', done), follower('b', ['a'])], first.clock.now());
    await next.clock.advance(1000);
    expect(await storyOf(next, 'b')).toBe('1 SUCCESS, 2 SUCCESS, 3 SUCCESS, 4 SUCCESS');
  });
});

it('a clock that is set back repeats the slots of a heartbeat and of what comes after it', async () => {
  let beats = 0;
  await using test = await engine([testTarget('a', done), follower('b', ['a'], { run: () => (beats += 1) })]);
  await test.clock.advance(5000);
  test.clock.stepWall(-4000);
  await test.clock.advance(5000);
  expect(beats).toBeGreaterThanOrEqual(9);
  expect(test.logged.filter((line) => line.startsWith('error'))).toEqual([]);
});
