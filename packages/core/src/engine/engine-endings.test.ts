import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import { createTestOps, type TestOps, type TestOpsOptions } from '../testing/create-test-ops.ts';
import { HeldWork, obedientWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsStore } from './ops-store.ts';

const reason = 'the broker is down';

/** A target that only an operator starts. */
function onDemand(
  id: string,
  run: Parameters<typeof testTarget>[1],
  options: Partial<TargetDefinition> = {},
) {
  const { schedule: _schedule, ...rest } = testTarget(id, run);
  return { ...rest, timeoutMs: 5000, stopGraceMs: 1000, ...options };
}

/** An engine whose store can still be read after its end. */
async function openTest(options: TestOpsOptions): Promise<TestOps & { readonly store: OpsStore }> {
  const store = await openSqliteStore({ path: ':memory:', now: () => VIRTUAL_START_MS });
  return createTestOps({ ...options, store });
}

async function started(test: TestOps, targetId: string): Promise<string> {
  const { executionId = '' } = await test.client.trigger(targetId, { reason });
  await test.clock.settle();
  return executionId;
}

describe('a time-out', () => {
  it('ends a function that obeys as FAILED BAT-0303 at its deadline', async () => {
    await using test = await openTest({ targets: [onDemand('feed', obedientWork)] });
    const id = await started(test, 'feed');
    await test.clock.advance(4999);
    expect((await test.client.execution(id)).status).toBe('RUNNING');
    await test.clock.advance(1);
    expect(await test.client.execution(id)).toMatchObject({
      status: 'FAILED',
      errorCode: 'BAT-0303',
      errorMessage: 'no end after 5000 ms',
      errorDetail: { timeoutMs: 5000 },
      endedAtMs: VIRTUAL_START_MS + 5000,
      detached: false,
    });
  });

  it('counts as a failure also when the function returns normally after it', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const id = await started(test, 'feed');
    await test.clock.advance(5000);
    expect(held.newest.context.signal.aborted).toBe(true);
    held.newest.end('all is well');
    await test.clock.settle();
    expect(await test.client.execution(id)).toMatchObject({ errorCode: 'BAT-0303', detached: false });
  });

  it('gives up on a function that ignores it, which blocks its target until it settles', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [testTarget('feed', held.run, { timeoutMs: 5000 })] });
    await test.clock.advance(7000);
    const [row] = (await test.client.executions({ jobId: 'feed', status: 'FAILED' })).items;
    expect(row).toMatchObject({ errorCode: 'BAT-0303', detached: true, endedAtMs: VIRTUAL_START_MS + 7000 });
    expect(await test.client.target('feed')).toMatchObject({ detached: true });
    await test.clock.advance(3000);
    expect(held.runs).toHaveLength(1);
    await expect(test.client.trigger('feed', { reason })).rejects.toMatchObject({
      code: 'BAT-0101',
      message: expect.stringContaining('has not settled yet'),
    });
    held.newest.end({ status: 'failed' });
    await test.clock.advance(1000);
    expect(held.runs).toHaveLength(2);
    expect(await test.client.execution(row?.id ?? '')).toMatchObject({ errorCode: 'BAT-0303' });
    expect(await test.client.target('feed')).toMatchObject({ detached: false });
  });

  it('longer than a timer can be is kept', async () => {
    const held = new HeldWork();
    const timeoutMs = 5_000_000_000;
    await using test = await openTest({ targets: [onDemand('feed', held.run, { timeoutMs })], config: {} });
    const id = await started(test, 'feed');
    await test.clock.stall(4_999_999_999);
    await test.clock.advance(0);
    expect((await test.client.execution(id)).status).toBe('RUNNING');
    await test.clock.advance(2000);
    expect((await test.client.execution(id)).errorCode).toBe('BAT-0303');
  });
});

describe('a stop', () => {
  it('shows STOPPING until a function that obeys has ended, then STOPPED with who and why', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const id = await started(test, 'feed');
    await test.client.stop(id, { reason });
    expect(await test.client.execution(id)).toMatchObject({ status: 'RUNNING', stopping: true });
    expect(held.newest.context.signal.reason).toMatchObject({ message: `stopped by tester: ${reason}` });
    held.newest.fail(held.newest.context.signal.reason);
    await test.clock.settle();
    expect(await test.client.execution(id)).toMatchObject({
      status: 'STOPPED',
      stopping: false,
      operatorId: 'tester',
      stopReason: reason,
      detached: false,
    });
    const audited = await test.client.auditLogs({ auditType: 'BATCH_STOP' });
    expect(audited.items).toMatchObject([{ executionId: id, operatorId: 'tester', reason }]);
  });

  it('gives up on a function that ignores it after the grace; its late result is refused', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const id = await started(test, 'feed');
    await test.client.stop(id, { reason });
    await test.clock.advance(999);
    expect((await test.client.execution(id)).status).toBe('RUNNING');
    await test.clock.advance(1);
    expect(await test.client.execution(id)).toMatchObject({ status: 'STOPPED', detached: true });
    held.newest.context.progress({ done: 7 });
    held.newest.context.log('too late');
    held.newest.end();
    await test.clock.settle();
    const detail = await test.client.execution(id);
    expect(detail).toMatchObject({ status: 'STOPPED', outputTail: '' });
    expect(detail).not.toHaveProperty('progress');
    expect(test.logged.filter((line) => line.includes('has settled'))).toHaveLength(1);
    await started(test, 'feed');
    expect(held.runs).toHaveLength(2);
  });

  it('asked for twice is refused the second time', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const id = await started(test, 'feed');
    await test.client.stop(id, { reason });
    await expect(test.client.stop(id, { reason })).rejects.toMatchObject({ code: 'BAT-0102' });
  });

  it('that comes with the end of the run is refused, and the run keeps its own end', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const id = await started(test, 'feed');
    held.newest.end();
    const stopped = test.client.stop(id, { reason }).catch((error: unknown) => error);
    await test.clock.settle();
    const { status } = await test.client.execution(id);
    const answer = await stopped;
    if (status === 'SUCCESS') expect(answer).toMatchObject({ code: 'BAT-0102' });
    else expect(answer).toMatchObject({ executionId: id, repeated: false });
    expect(await endsOf(test, id)).toHaveLength(1);
  });

  it('of a slot in the moment of its start finds the run', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [testTarget('feed', held.run)] });
    const stopped: unknown[] = [];
    test.ops.subscribe(({ name, payload }) => {
      if (name !== 'execution.started' || !('executionId' in payload)) return;
      test.client.stop(payload.executionId, { reason }).then(
        (result) => stopped.push(result.executionId),
        (error: unknown) => stopped.push(error),
      );
    });
    await test.clock.advance(1000);
    expect(stopped).toEqual([held.newest.context.executionId]);
    expect(held.newest.context.signal.aborted).toBe(true);
  });

  it('with the same request id gives the first result again', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const id = await started(test, 'feed');
    const first = await test.client.stop(id, { reason, requestId: 'r-1' });
    const second = await test.client.stop(id, { reason, requestId: 'r-1' });
    expect(second).toEqual({ ...first, repeated: true });
    await expect(
      test.client.stop(id, { reason: 'for another reason', requestId: 'r-1' }),
    ).rejects.toMatchObject({
      code: 'BAT-0106',
    });
  });
});

describe('a trigger', () => {
  it('asked for by many at once starts one run', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => test.client.trigger('feed', { reason })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'BAT-0101' });
    }
    expect(held.runs).toHaveLength(1);
  });

  it('in the moment of a slot leads to one run, and the other is refused or skipped', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [testTarget('feed', held.run)] });
    test.clock.setTimer(() => {
      test.client.trigger('feed', { reason }).catch(() => undefined);
    }, 1000);
    await test.clock.advance(1500);
    expect(held.runs).toHaveLength(1);
    const counted = await test.store.countSlots('feed', VIRTUAL_START_MS);
    expect(counted.executions + counted.skips).toBe(1);
  });

  it('with the same request id gives the first run, with another body it is refused', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run)] });
    const request = { reason, requestId: 'r-1', params: { day: '2026-01-02' } };
    const first = await test.client.trigger('feed', request);
    expect(await test.client.trigger('feed', request)).toEqual({ ...first, repeated: true });
    await expect(test.client.trigger('feed', { ...request, params: {} })).rejects.toMatchObject({
      code: 'BAT-0106',
    });
    expect(held.runs).toHaveLength(1);
  });

  it('resumes only an ended run of the same target', async () => {
    const held = new HeldWork();
    await using test = await openTest({
      targets: [onDemand('feed', held.run), onDemand('other', obedientWork)],
    });
    const parentExecutionId = await started(test, 'feed');
    await expect(test.client.trigger('other', { reason, parentExecutionId })).rejects.toMatchObject({
      code: 'INP-0301',
    });
    held.newest.fail(new Error('no prices'));
    await test.clock.settle();
    const { executionId = '' } = await test.client.trigger('feed', { reason, parentExecutionId });
    expect(await test.client.execution(executionId)).toMatchObject({ runType: 'MANUAL', parentExecutionId });
    await expect(test.client.trigger('feed', { reason, parentExecutionId: 'unknown' })).rejects.toMatchObject(
      { code: 'BAT-0101' },
    );
  });
});

describe('draining', () => {
  it('starts nothing new, waits for what goes on, and accounts for the slots that pass', async () => {
    const held = new HeldWork();
    const test = await openTest({
      targets: [testTarget('feed', held.run, { timeoutMs: 60_000 }), testTarget('beat', () => undefined)],
    });
    await test.clock.advance(1500);
    const drained = test.ops.drain();
    await test.clock.advance(5000);
    expect((await test.store.readSkips('beat', 9)).map(({ reason: why, count }) => [why, count])).toEqual([
      ['draining', 5],
    ]);
    await expect(test.client.trigger('beat', { reason })).rejects.toMatchObject({ code: 'BAT-0101' });
    held.newest.end();
    await test.clock.settle();
    await drained;
    expect(await test.ops.ended).toEqual({});
    const { items } = await test.store.queryExecutions({ jobId: 'feed' });
    expect(items.map(({ status }) => status)).toEqual(['SUCCESS']);
  });

  it('stops what still goes on after its patience, and gives up on what ignores that', async () => {
    const held = new HeldWork();
    const test = await openTest({
      targets: [
        onDemand('obeys', obedientWork, { timeoutMs: 900_000 }),
        onDemand('ignores', held.run, { timeoutMs: 900_000 }),
      ],
      config: { drainMs: 10_000 },
    });
    const [obeys, ignores] = [await started(test, 'obeys'), await started(test, 'ignores')];
    const drained = test.ops.drain();
    await test.clock.advance(11_000);
    await drained;
    expect(test.logged.join('\n')).toMatch(
      /waiting for obeys, ignores, 10 s at most[\s\S]*still running after 10 s, ended now: obeys, ignores/,
    );
    const why = 'still running 10000 ms after the engine was asked to end';
    for (const [id, detached] of [
      [obeys, false],
      [ignores, true],
    ] as const) {
      expect(await test.store.findExecution(id)).toMatchObject({
        status: 'STOPPED',
        detached,
        stopRequest: { operatorId: 'system:shutdown', reason: why },
      });
    }
    held.newest.end();
    await test.clock.advance(5000);
  });

  it('is cut short by a second signal; what obeys still has a last word', async () => {
    const held = new HeldWork();
    const test = await openTest({
      targets: [onDemand('obeys', obedientWork), onDemand('ignores', held.run)],
    });
    const [obeys, ignores] = [await started(test, 'obeys'), await started(test, 'ignores')];
    const drained = test.ops.drain();
    await test.clock.advance(1000);
    const aborted = test.ops.abort();
    await test.clock.advance(100);
    await Promise.all([drained, aborted]);
    expect(await test.store.findExecution(obeys)).toMatchObject({ status: 'STOPPED', detached: false });
    expect(await test.store.findExecution(ignores)).toMatchObject({ status: 'STOPPED', detached: true });
  });

  it.each(['before', 'after'])('just %s a slot leaves no run behind', async (moment) => {
    const held = new HeldWork();
    const test = await openTest({ targets: [testTarget('feed', held.run)], start: false });
    const ended: Promise<void>[] = [];
    const abort = () => test.clock.setTimer(() => ended.push(test.ops.abort()), 1000);
    if (moment === 'before') abort();
    await test.ops.start();
    await test.clock.settle();
    if (moment === 'after') abort();
    await test.clock.advance(2000);
    await Promise.all(ended);
    expect(ended).toHaveLength(1);
    expect(await test.store.readActive()).toEqual([]);
    expect(held.runs).toHaveLength(moment === 'after' ? 1 : 0);
  });

  it('that goes wrong ends the engine all the same, with what went wrong', async () => {
    class FailingClock extends VirtualClock {
      override sleep(ms: number, signal: AbortSignal): Promise<void> {
        if (ms === 12_345) throw new Error('no such sleep');
        return super.sleep(ms, signal);
      }
    }
    const held = new HeldWork();
    const clock = new FailingClock();
    const test = await openTest({
      clock,
      targets: [onDemand('feed', held.run)],
      config: { drainMs: 12_345 },
    });
    const id = await started(test, 'feed');
    const drained = expect(test.ops.drain()).rejects.toThrow('no such sleep');
    await clock.advance(1000);
    await drained;
    expect(await test.ops.ended).toEqual({ error: expect.objectContaining({ message: 'no such sleep' }) });
    expect((await test.store.findExecution(id))?.status).toBe('STOPPED');
  });

  it('asked for again and again is one draining', async () => {
    const test = await openTest({ targets: [testTarget('beat', () => undefined)] });
    const names: string[] = [];
    test.ops.subscribe(({ name }) => names.push(name));
    await Promise.all([test.ops.drain(), test.ops.drain(), test.ops.abort(), test.ops.abort()]);
    expect(names.filter((name) => name.startsWith('engine.'))).toEqual(['engine.draining', 'engine.ended']);
  });
});

describe('the end of a run', () => {
  it('is the instant at which the work ended, however long it takes to keep its output', async () => {
    const held = new HeldWork();
    const kept = Promise.withResolvers<void>();
    await using test = await openTest({
      targets: [onDemand('feed', held.run)],
      parts: {
        outputFiles: { save: () => kept.promise.then(() => undefined), read: async () => undefined },
      },
    });
    const id = await started(test, 'feed');
    await test.clock.advance(1000);
    held.newest.context.log('x'.repeat(9000));
    held.newest.end();
    await test.clock.advance(3000);
    kept.resolve();
    await test.clock.settle();
    expect(await test.client.execution(id)).toMatchObject({
      status: 'SUCCESS',
      endedAtMs: VIRTUAL_START_MS + 1000,
      outputTruncated: true,
    });
  });

  it('is followed by no progress: at most one write a second, and none after it', async () => {
    const held = new HeldWork();
    await using test = await openTest({ targets: [onDemand('feed', held.run, { timeoutMs: 60_000 })] });
    const names: string[] = [];
    test.ops.subscribe(({ name }) => names.push(name));
    const id = await started(test, 'feed');
    for (let done = 1; done <= 30; done++) {
      held.newest.context.progress({ done, total: 30 });
      await test.clock.advance(100);
    }
    const written = names.filter((name) => name === 'execution.progressed').length;
    expect(written).toBeLessThanOrEqual(4);
    held.newest.end();
    await test.clock.advance(5000);
    expect(names.lastIndexOf('execution.progressed')).toBeLessThan(names.indexOf('execution.succeeded'));
    expect((await test.client.execution(id)).progress).toMatchObject({ done: 30, total: 30 });
  });
});

async function endsOf(test: TestOps, id: string) {
  const transitions = await test.store.readTransitions(id);
  return transitions.filter(({ to }) => to !== 'READY' && to !== 'RUNNING');
}
