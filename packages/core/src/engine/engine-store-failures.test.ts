import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { CommitResult } from '../kernel/change.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';

const reason = 'looking into a problem';

/** The real store on a disk that is full for the next `failures` commits. */
async function openFullDisk() {
  const clock = new VirtualClock();
  const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const disk = { failures: 0, refused: 0 };
  const commit = async (changes: readonly OpsChange[]): Promise<CommitResult> => {
    if (disk.failures > 0) {
      disk.failures -= 1;
      disk.refused += 1;
      throw opsException('SYS-0302', 'the disk is full; free some space');
    }
    return real.commit(changes);
  };
  const store = new Proxy<OpsStore>(real, {
    get(target, key) {
      if (key === 'commit') return commit;
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { store, disk, clock };
}

describe('while the store refuses to write', () => {
  it('slots wait, and are run once and accounted for when it writes again', async () => {
    const { store, disk, clock } = await openFullDisk();
    const ran: string[] = [];
    const beat = testTarget('beat', ({ executionId }) => ran.push(executionId));
    await using test = await createTestOps({ targets: [beat], store, clock });
    await clock.advance(2000);
    disk.failures = 7;
    await clock.advance(30_000);
    expect(disk.refused).toBe(7);
    expect(new Set(ran).size).toBe(ran.length);
    const counted = await store.countSlots('beat', VIRTUAL_START_MS);
    expect(counted.executions + counted.skips).toBe(32);
    expect(counted.executions).toBe(ran.length);
    expect(test.logged.some((line) => line.startsWith('error the scheduler could not write'))).toBe(true);
  });

  it('the end of a run is written as soon as it can be, with the instant it ended', async () => {
    const { store, disk, clock } = await openFullDisk();
    const held = new HeldWork();
    const { schedule: _schedule, ...feed } = testTarget('feed', held.run);
    await using test = await createTestOps({ targets: [feed], store, clock });
    const { executionId = '' } = await test.client.trigger('feed', { reason });
    await clock.settle();
    disk.failures = 3;
    held.newest.end();
    await clock.advance(6000);
    expect((await test.client.execution(executionId)).status).toBe('RUNNING');
    await expect(test.client.stop(executionId, { reason })).rejects.toMatchObject({ code: 'BAT-0102' });
    await clock.advance(1000);
    expect(await test.client.execution(executionId)).toMatchObject({
      status: 'SUCCESS',
      endedAtMs: VIRTUAL_START_MS,
    });
    expect(held.runs).toHaveLength(1);
  });

  it('an act of an operator fails as a whole and can be repeated', async () => {
    const { store, disk, clock } = await openFullDisk();
    const held = new HeldWork();
    await using test = await createTestOps({ targets: [testTarget('feed', held.run)], store, clock });
    const before = await test.client.target('feed');
    disk.failures = 1;
    await expect(test.client.pause('feed', { reason })).rejects.toMatchObject({ code: 'SYS-0302' });
    expect(await test.client.target('feed')).toEqual(before);
    disk.failures = 1;
    await expect(test.client.trigger('feed', { reason, requestId: 'r' })).rejects.toMatchObject({
      code: 'SYS-0302',
    });
    expect(held.runs).toHaveLength(0);
    await test.client.trigger('feed', { reason, requestId: 'r' });
    await clock.settle();
    expect(held.runs).toHaveLength(1);
  });

  it('progress is written later, and a backward step of the clock is noticed again', async () => {
    const { store, disk, clock } = await openFullDisk();
    const held = new HeldWork();
    const { schedule: _schedule, ...feed } = testTarget('feed', held.run);
    let ran = 0;
    const beat = testTarget('beat', () => (ran += 1));
    await using test = await createTestOps({ targets: [feed, beat], store, clock });
    const { executionId = '' } = await test.client.trigger('feed', { reason });
    await clock.advance(2000);
    disk.failures = 4;
    held.newest.context.progress({ done: 5 });
    clock.stepWall(-3_600_000);
    await clock.advance(10_000);
    expect(disk.failures).toBe(0);
    expect(ran).toBeGreaterThanOrEqual(6);
    expect((await store.findExecution(executionId))?.progress).toMatchObject({ processedCount: 5 });
    const states = await store.readTargetStates();
    expect(states.find(({ targetId }) => targetId === 'beat')?.clockEra).toBe(1);
  });

  it('an engine that is told twice to end leaves the row to the next start', async () => {
    const { store, disk, clock } = await openFullDisk();
    const held = new HeldWork();
    const test = await createTestOps({ targets: [testTarget('feed', held.run)], store, clock });
    await clock.advance(1000);
    disk.failures = Number.POSITIVE_INFINITY;
    held.newest.end();
    const drained = test.ops.drain();
    await clock.advance(120_000);
    expect(await store.readActive()).toHaveLength(1);
    await Promise.all([test.ops.abort(), clock.advance(1000)]);
    await drained;
    disk.failures = 0;
    await using next = await createTestOps({
      targets: [testTarget('feed', held.run)],
      store,
      clock: new VirtualClock(clock.now()),
    });
    const { items } = await next.client.executions({ jobId: 'feed', status: 'FAILED' });
    expect(items).toMatchObject([{ errorCode: 'BAT-0301', outcomeKnown: false }]);
  });
});

describe('when somebody else writes to the store', () => {
  it('a changed target is read again, and its slots are run', async () => {
    const { store, clock } = await openFullDisk();
    let ran = 0;
    await using test = await createTestOps({ targets: [testTarget('feed', () => (ran += 1))], store, clock });
    await clock.advance(2000);
    await pausedByHand(store);
    await clock.advance(4000);
    expect(ran).toBe(2);
    expect(await test.client.target('feed')).toMatchObject({ pause: { operatorId: 'by hand' } });
    await test.client.resume('feed', { reason });
    await clock.advance(2000);
    expect(ran).toBe(4);
    const counted = await store.countSlots('feed', VIRTUAL_START_MS);
    expect(counted.executions + counted.skips).toBe(8);
  });

  it('a row that was ended by hand stays as it is, and its target goes on', async () => {
    const { store, clock } = await openFullDisk();
    const held = new HeldWork();
    await using test = await createTestOps({ targets: [testTarget('feed', held.run)], store, clock });
    await clock.stall(3000);
    const [running] = (await store.queryExecutions({ status: 'RUNNING' })).items;
    if (running?.status !== 'RUNNING') throw new Error('nothing runs');
    const { status, fence } = running;
    const stopRequest = { operatorId: 'by hand', atMs: clock.now(), reason };
    await store.commit([
      {
        kind: 'execution.update',
        expect: { status, fence },
        execution: { ...running, status: 'STOPPED', stopRequest, endedAtMs: clock.now() },
        by: 'by hand',
        atMs: clock.now(),
      },
    ]);
    held.newest.end();
    await clock.settle();
    expect(await store.findExecution(running.id)).toMatchObject({ status: 'STOPPED' });
    expect(held.runs).toHaveLength(2);
    expect(test.logged.some((line) => line.includes('its row has moved on'))).toBe(true);
  });
});

async function pausedByHand(store: OpsStore): Promise<void> {
  const [state] = await store.readTargetStates();
  if (state === undefined) throw new Error('no state');
  const pause = { operatorId: 'by hand', atMs: 0, reason };
  const next = { ...state, revision: state.revision + 1, pause };
  await store.commit([
    { kind: 'target.update', expectRevision: state.revision, state: next, because: 'paused' },
  ]);
}
