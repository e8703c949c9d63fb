import { describe, expect, it } from 'vitest';
import { requireActive, stopExecution } from '../run/executions/execution-rules.ts';
import type { OverlapPolicy, TargetPolicies } from '../run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, obedientWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS } from '../testing/virtual-clock.ts';

const reason = 'looking into a problem';

/** The second of the slot, then what became of it, oldest slot first: `1 SUCCESS`. */
async function storyOf(test: TestOps, jobId: string): Promise<readonly string[]> {
  const { items } = await test.store.queryExecutions({ jobId, limit: 1000 });
  return items
    .toSorted((a, b) => (a.scheduledAtMs ?? 0) - (b.scheduledAtMs ?? 0) || a.attempt - b.attempt)
    .map(({ scheduledAtMs = 0, status }) => `${(scheduledAtMs - VIRTUAL_START_MS) / 1000} ${status}`);
}

async function skipsOf(test: TestOps, targetId: string): Promise<readonly string[]> {
  return (await test.store.readSkips(targetId, 100)).map(({ reason: why, count }) => `${why} x${count}`);
}

function heldTarget(overlap: OverlapPolicy, more: Partial<TargetPolicies> = {}) {
  const held = new HeldWork();
  return { held, feed: testTarget('feed', held.run, { policies: { overlap, ...more } }) };
}

describe('a slot that is due while its target is busy', () => {
  it('skip: is skipped', async () => {
    const { held, feed } = heldTarget({ kind: 'skip' });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(4500);
    held.newest.end();
    await test.clock.advance(500);
    expect(await storyOf(test, 'feed')).toEqual(['1 SUCCESS', '5 RUNNING']);
    expect(await skipsOf(test, 'feed')).toEqual(['overlap x3']);
  });

  it('queue-one: waits, and the newest one wins', async () => {
    const { held, feed } = heldTarget({ kind: 'queue-one' });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(4500);
    expect(await storyOf(test, 'feed')).toEqual(['1 RUNNING', '2 STOPPED', '3 STOPPED', '4 READY']);
    held.newest.end();
    await test.clock.settle();
    expect(held.newest.context.slotMs).toBe(VIRTUAL_START_MS + 4000);
    expect(await test.store.countSlots('feed', 0)).toEqual({ executions: 4, skips: 0 });
    expect((await test.client.target('feed')).outcomes).toBe('.');
  });

  it('queue: waits behind the others as long as there is room', async () => {
    const { held, feed } = heldTarget({ kind: 'queue', max: 2 });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(5500);
    expect(await storyOf(test, 'feed')).toEqual(['1 RUNNING', '2 READY', '3 READY']);
    expect(await skipsOf(test, 'feed')).toEqual(['overlap x2']);
    for (const slot of [1, 2, 3]) {
      expect(held.newest.context.slotMs).toBe(VIRTUAL_START_MS + slot * 1000);
      held.newest.end();
      await test.clock.settle();
    }
    expect((await test.client.target('feed')).outcomes).toBe('...');
  });

  it('cancel-running: stops the run, waits for its end, and runs', async () => {
    const feed = testTarget('feed', obedientWork, { policies: { overlap: { kind: 'cancel-running' } } });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(3500);
    expect(await storyOf(test, 'feed')).toEqual(['1 STOPPED', '2 STOPPED', '3 RUNNING']);
    const [oldest] = (
      await test.store.queryExecutions({ jobId: 'feed', status: 'STOPPED' })
    ).items.toReversed();
    expect(oldest?.stopRequest).toMatchObject({
      operatorId: 'system:scheduler',
      reason: 'a newer slot took its place',
    });
    expect(await test.client.target('feed')).toMatchObject({ consecutiveErrors: 0, outcomes: 'ss' });
  });

  it('cancel-running: a function that does not listen blocks its target until it settles, and says so', async () => {
    const { held, feed } = heldTarget({ kind: 'cancel-running' });
    const ran: number[] = [];
    const healthy = testTarget('healthy', ({ slotMs = 0 }) => ran.push(slotMs));
    await using test = await createTestOps({ targets: [{ ...feed, stopGraceMs: 500 }, healthy] });
    await test.clock.advance(4250);
    expect(held.runs).toHaveLength(1);
    expect(await storyOf(test, 'feed')).toEqual(['1 STOPPED', '2 STOPPED', '3 STOPPED', '4 STOPPED']);
    const [blocked] = (await test.store.queryExecutions({ jobId: 'feed' })).items;
    expect(blocked?.stopRequest?.reason).toBe('not started: a function that was ended has not settled yet');
    expect(ran).toHaveLength(4);
    held.newest.end();
    await test.clock.advance(1000);
    expect(held.runs.map(({ context }) => context.slotMs)).toEqual([
      VIRTUAL_START_MS + 1000,
      VIRTUAL_START_MS + 5000,
    ]);
  });

  it('allow: runs beside the others, each in a lane of its own, up to the limit', async () => {
    const { held, feed } = heldTarget({ kind: 'allow', maxConcurrent: 3 });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(5500);
    const lanes = async () =>
      (await test.store.readActive()).map(({ scheduledAtMs = 0, lane }) => [
        (scheduledAtMs - VIRTUAL_START_MS) / 1000,
        lane,
      ]);
    expect(await lanes()).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(await skipsOf(test, 'feed')).toEqual(['overlap x2']);
    held.runs[1]?.end();
    await test.clock.advance(500);
    expect(await lanes()).toEqual([
      [1, 0],
      [3, 2],
      [6, 1],
    ]);
  });

  it('allow: the database refuses a second run in a lane', async () => {
    const { feed } = heldTarget({ kind: 'allow', maxConcurrent: 2 });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(2000);
    const [first, second] = await test.store.readActive();
    if (first === undefined || second === undefined) throw new Error('two runs should go on');
    const id = 'intruder';
    const ready = { ...second, id, rootExecutionId: id, status: 'READY' as const, fence: 0, lane: 0 };
    const { startedAtMs: _started, owner: _owner, ...unstarted } = ready;
    expect(await test.store.commit([{ kind: 'execution.insert', execution: unstarted, by: 'x' }])).toBe(
      'committed',
    );
    const claim = { ...ready, status: 'RUNNING' as const, fence: 1 };
    const expectReady = { status: 'READY' as const, fence: 0 };
    const change = {
      kind: 'execution.update' as const,
      expect: expectReady,
      execution: claim,
      by: 'x',
      atMs: 1,
    };
    expect(await test.store.commit([change])).toBe('conflict');
  });

  it('allow: a function that goes on after its run was ended keeps its lane', async () => {
    const { held, feed } = heldTarget({ kind: 'allow', maxConcurrent: 2 });
    await using test = await createTestOps({ targets: [{ ...feed, timeoutMs: 500, stopGraceMs: 100 }] });
    await test.clock.advance(1650);
    expect(await storyOf(test, 'feed')).toEqual(['1 FAILED']);
    await test.clock.advance(400);
    const [going] = await test.store.readActive();
    expect(going?.lane).toBe(1);
    held.runs[0]?.end();
    await test.clock.advance(1000);
    expect((await test.store.readActive()).map(({ lane }) => lane)).toEqual([0]);
  });

  it('allow: an operator may run it as long as there is a lane', async () => {
    const { feed } = heldTarget({ kind: 'allow', maxConcurrent: 2 });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(1000);
    await test.client.trigger('feed', { reason });
    expect((await test.store.readActive()).map(({ lane }) => lane)).toEqual([0, 1]);
    await expect(test.client.trigger('feed', { reason })).rejects.toMatchObject({ code: 'BAT-0101' });
    await test.clock.advance(1000);
    expect(await skipsOf(test, 'feed')).toEqual(['overlap x1']);
  });
});

describe('jitter', () => {
  const policies = { jitterMs: 5000, overlap: { kind: 'queue', max: 5 } } as const;
  async function startsOf(): Promise<readonly number[]> {
    const starts: number[] = [];
    const feed = testTarget('feed', () => starts.push(test.clock.now()), {
      schedule: everyMs(10_000),
      policies,
    });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(60_000);
    const { items } = await test.store.queryExecutions({ jobId: 'feed' });
    for (const { scheduledAtMs = 0, startedAtMs = 0 } of items) {
      expect(scheduledAtMs % 10_000).toBe(0);
      if (startedAtMs > 0) expect(startedAtMs - scheduledAtMs).toBeGreaterThanOrEqual(0);
    }
    return starts.map((startMs) => startMs - VIRTUAL_START_MS);
  }

  it('puts each start off by a time of its own, the same every time, and leaves the slot as it is', async () => {
    const starts = await startsOf();
    expect(await startsOf()).toEqual(starts);
    const put = starts.map((startMs) => startMs % 10_000);
    for (const ms of put) expect(ms).toBeLessThanOrEqual(5000);
    expect(new Set(put).size).toBe(put.length);
    expect(starts.length).toBeGreaterThanOrEqual(5);
  });

  it('makes no run late; one that starts a second after its own time is', async () => {
    const feed = testTarget('feed', () => 'done', { schedule: everyMs(10_000), policies });
    await using test = await createTestOps({ targets: [feed] });
    await test.clock.advance(60_000);
    const inTime = (await test.store.queryExecutions({ status: 'SUCCESS' })).items;
    expect(inTime.length).toBeGreaterThanOrEqual(5);
    expect(inTime.filter(({ late }) => late)).toEqual([]);
    await test.clock.stall(17_000);
    const { items } = await test.store.queryExecutions({ status: 'SUCCESS' });
    expect(items.find(({ scheduledAtMs }) => scheduledAtMs === VIRTUAL_START_MS + 70_000)?.late).toBe(true);
  });
});

describe('a row that somebody else has changed', () => {
  it('holds up nobody but the run that waits for it', async () => {
    const { held, feed } = heldTarget({ kind: 'queue', max: 2 });
    const ran: number[] = [];
    const child = testTarget('child', ({ slotMs = 0 }) => ran.push((slotMs - VIRTUAL_START_MS) / 1000), {
      policies: { dependency: { after: ['healthy'], on: 'success' } },
    });
    const { schedule: _schedule, ...dependent } = child;
    await using test = await createTestOps({
      targets: [feed, testTarget('healthy', () => undefined), dependent],
    });
    await test.clock.advance(2000);
    const [ready] = (await test.store.queryExecutions({ jobId: 'feed', status: 'READY' })).items;
    if (ready === undefined) throw new Error('a run should wait');
    const stop = { operatorId: 'somebody', atMs: test.clock.now(), reason };
    const { changes } = stopExecution(requireActive(ready, 'STOPPED'), stop, {
      atMs: stop.atMs,
      by: 'somebody',
    });
    await test.store.commit(changes);
    await test.clock.advance(1000);
    held.newest.end();
    await test.clock.advance(3000);
    expect(ran).toEqual([1, 2, 3, 4, 5, 6]);
    expect(held.runs.map(({ context }) => ((context.slotMs ?? 0) - VIRTUAL_START_MS) / 1000)).toEqual([1, 3]);
    expect(test.logged.join('\n')).toContain('BAT-0103');
  });
});
