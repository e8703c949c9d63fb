import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsStore } from '../engine/ops-store.ts';
import { describeAlertStore } from './describe-store-alerts.ts';
import { describeAuditStore } from './describe-store-audit.ts';
import { describeHealth } from './describe-store-health.ts';
import { describeSlots, describeSummaries } from './describe-store-slots.ts';
import { describeTargets } from './describe-store-targets.ts';
import {
  claimed,
  commitAll,
  commitLife,
  ended,
  insertOf,
  SAMPLE_START_MS,
  sampleExecution,
  sampleJob,
  updateOf,
} from './store-samples.ts';

/** Gives the store of the running test. */
export type StoreUnderTest = () => OpsStore;

/**
 * Everything the engine relies on in a store, as tests. `create` gives an empty store; it is closed after each test.
 */
export function describeStore(name: string, create: () => Promise<OpsStore>): void {
  describe(name, () => {
    let store: OpsStore;
    beforeEach(async () => {
      store = await create();
      await commitAll(
        store,
        { kind: 'job.upsert', job: sampleJob('prices'), atMs: SAMPLE_START_MS },
        { kind: 'job.upsert', job: sampleJob('score'), atMs: SAMPLE_START_MS },
      );
    });
    afterEach(() => store.close());

    describe('executions', () => {
      describeRecord(() => store);
      describeConflicts(() => store);
      describeQueries(() => store);
    });
    describe('slots', () => {
      describeSlots(() => store);
      describeSummaries(() => store);
    });
    describe('targets', () => describeTargets(() => store));
    describe('health', () => describeHealth(() => store));
    describe('alerts', () => describeAlertStore(() => store));
    describe('audit', () => describeAuditStore(() => store));
  });
}

function describeRecord(store: StoreUnderTest): void {
  it('gives back an execution exactly as it was committed', async () => {
    const parent = await commitLife(store(), sampleExecution('p'), { status: 'FAILED', tookMs: 5 });
    const ready = sampleExecution('full', {
      runType: 'MANUAL',
      scheduledAtMs: SAMPLE_START_MS - 2000,
      late: true,
      attempt: 2,
      operatorId: 'kim',
      operatorNote: 'first try after the fix',
      parentExecutionId: parent.id,
      rootExecutionId: parent.id,
      replayReason: 'prices were wrong',
      idempotencyKey: 'key-1',
      requestFingerprint: 'abc',
      params: { date: '2026-01-05', symbols: ['A', 'B'], deep: { n: 1.5, on: true, none: null } },
    });
    const running: typeof ready = {
      ...claimed(ready),
      owner: { host: 'desk-1', bootId: 'boot', pid: 42, startTick: 4711 },
      processGroup: { pgid: 43, startTick: 4712 },
      progress: {
        processedCount: 7,
        successCount: 6,
        failedCount: 1,
        total: 9,
        unit: 'rows',
        message: '진행',
        atMs: 1,
      },
      stopRequest: { operatorId: 'lee', atMs: SAMPLE_START_MS + 3, reason: 'too slow for the close' },
    };
    const failed: typeof ready = {
      ...ended(running, 'FAILED', SAMPLE_START_MS + 9),
      errorMessage: 'exit code 3',
      errorDetail: { exitCode: 3, list: [1, 'two', null] },
      outcomeKnown: false,
      output: { tail: 'last words\n', bytes: 123_456, file: 'output/full.log', truncated: true },
      detached: true,
    };
    for (const changes of [[insertOf(ready)], [updateOf(ready, running)], [updateOf(running, failed)]]) {
      await commitAll(store(), ...changes);
      const written = changes[0];
      if (written !== undefined && 'execution' in written) {
        expect(await store().findExecution('full')).toStrictEqual(written.execution);
      }
    }
  });

  it('leaves out what an execution does not have', async () => {
    await commitAll(store(), insertOf(sampleExecution('bare')));
    expect(await store().findExecution('bare')).toStrictEqual(sampleExecution('bare'));
    expect(await store().findExecution('unknown')).toBeUndefined();
  });

  it('records every state an execution enters, in order and with its author', async () => {
    const ready = sampleExecution('e');
    const running = claimed(ready);
    await commitAll(store(), insertOf(ready), updateOf(ready, running));
    const progressed = { ...running, progress: { ...running.progress, processedCount: 3 } };
    await commitAll(store(), updateOf(running, progressed));
    await commitAll(store(), updateOf(progressed, ended(progressed, 'SUCCESS', SAMPLE_START_MS + 5)));
    const common = { executionId: 'e', by: 'scheduler' };
    expect(await store().readTransitions('e')).toStrictEqual([
      { ...common, to: 'READY', fence: 0, atMs: SAMPLE_START_MS },
      { ...common, from: 'READY', to: 'RUNNING', fence: 1, atMs: SAMPLE_START_MS },
      { ...common, from: 'RUNNING', to: 'SUCCESS', fence: 1, atMs: SAMPLE_START_MS + 5 },
    ]);
  });

  it('keeps the log of an execution in the order it was written', async () => {
    await commitAll(store(), insertOf(sampleExecution('e')));
    const line = { executionId: 'e', category: 'BAT', atMs: SAMPLE_START_MS } as const;
    const first = { ...line, level: 'WARN', message: 'slow' } as const;
    const second = {
      ...line,
      level: 'ERROR',
      code: 'BAT-0304',
      message: 'threw',
      detail: { name: 'E' },
    } as const;
    await commitAll(
      store(),
      { kind: 'execution.log', entry: first },
      { kind: 'execution.log', entry: second },
    );
    expect(await store().readLog('e')).toStrictEqual([first, second]);
    expect(await store().readLog('other')).toStrictEqual([]);
  });
}

function describeConflicts(store: StoreUnderTest): void {
  it('answers a taken execution id with a conflict and keeps the first', async () => {
    await commitAll(store(), insertOf(sampleExecution('e', { operatorNote: 'first' })));
    expect(await store().commit([insertOf(sampleExecution('e', { operatorNote: 'second' }))])).toBe(
      'conflict',
    );
    expect((await store().findExecution('e'))?.operatorNote).toBe('first');
  });

  it('answers a used idempotency key of the same job with a conflict', async () => {
    await commitAll(store(), insertOf(sampleExecution('e', { idempotencyKey: 'k' })));
    expect(await store().commit([insertOf(sampleExecution('f', { idempotencyKey: 'k' }))])).toBe('conflict');
    const other = insertOf(sampleExecution('g', { idempotencyKey: 'k', jobId: 'score' }));
    expect(await store().commit([other])).toBe('committed');
    expect((await store().findByIdempotencyKey('prices', 'k'))?.id).toBe('e');
    expect((await store().findByIdempotencyKey('score', 'k'))?.id).toBe('g');
    expect(await store().findByIdempotencyKey('prices', 'other')).toBeUndefined();
  });

  it('lets one execution of a job run while others wait', async () => {
    const [first, second] = [sampleExecution('e'), sampleExecution('f')];
    const running = claimed(first);
    await commitAll(store(), insertOf(first), insertOf(second), updateOf(first, running));
    expect(await store().commit([updateOf(second, claimed(second))])).toBe('conflict');
    await commitAll(store(), updateOf(running, ended(running, 'SUCCESS', SAMPLE_START_MS + 1)));
    expect(await store().commit([updateOf(second, claimed(second))])).toBe('committed');
  });

  it('answers an unexpected state or fence with a conflict', async () => {
    const ready = sampleExecution('e');
    const running = claimed(ready);
    await commitAll(store(), insertOf(ready), updateOf(ready, running));
    expect(await store().commit([updateOf(ready, running)])).toBe('conflict');
    const stale = { ...running, fence: 0 };
    expect(await store().commit([updateOf(stale, ended(running, 'SUCCESS', SAMPLE_START_MS + 1))])).toBe(
      'conflict',
    );
    const unknown = sampleExecution('nobody');
    expect(await store().commit([updateOf(unknown, claimed(unknown))])).toBe('conflict');
    expect(await store().findExecution('e')).toStrictEqual(running);
  });

  it('writes nothing of a commit that ends in a conflict', async () => {
    const ready = sampleExecution('e');
    const entry = { executionId: 'e', level: 'INFO', category: 'BAT', message: 'm', atMs: 1 } as const;
    const stale = updateOf(sampleExecution('nobody'), claimed(sampleExecution('nobody')));
    const changes = [insertOf(ready), { kind: 'execution.log', entry } as const, stale];
    expect(await store().commit(changes)).toBe('conflict');
    expect(await store().findExecution('e')).toBeUndefined();
    expect(await store().readTransitions('e')).toStrictEqual([]);
    expect(await store().readLog('e')).toStrictEqual([]);
    expect(await store().commit([insertOf(ready)])).toBe('committed');
  });

  it('refuses to change an execution that has ended', async () => {
    for (const status of ['SUCCESS', 'FAILED', 'STOPPED'] as const) {
      const last = await commitLife(store(), sampleExecution(status), { status, tookMs: 1 });
      const touched = { ...last, operatorNote: 'afterwards' };
      await expect(store().commit([updateOf(last, touched)])).rejects.toMatchObject({ code: 'SYS-0106' });
      expect(await store().findExecution(status)).toStrictEqual(last);
    }
  });

  it('takes an empty commit as done', async () => {
    expect(await store().commit([])).toBe('committed');
  });
}

function describeQueries(store: StoreUnderTest): void {
  beforeEach(async () => {
    for (let number = 0; number < 6; number += 1) {
      const jobId = number % 2 === 0 ? 'prices' : 'score';
      const runType = number === 4 ? 'MANUAL' : 'AUTO';
      const ready = sampleExecution(`e${number}`, {
        jobId,
        runType,
        createdAtMs: SAMPLE_START_MS + number * 1000,
      });
      if (number === 5) await commitAll(store(), insertOf(ready), updateOf(ready, claimed(ready)));
      else if (number === 4) await commitAll(store(), insertOf(ready));
      else await commitLife(store(), ready, { status: number === 1 ? 'FAILED' : 'SUCCESS', tookMs: 10 });
    }
  });

  it.each([
    ['everything', {}, ['e5', 'e4', 'e3', 'e2', 'e1', 'e0']],
    ['one job', { jobId: 'prices' }, ['e4', 'e2', 'e0']],
    ['one state', { status: 'SUCCESS' }, ['e3', 'e2', 'e0']],
    ['a rare state of a job', { status: 'FAILED', jobId: 'score' }, ['e1']],
    ['a rare state of another job', { status: 'FAILED', jobId: 'prices' }, []],
    ['one run type', { runType: 'MANUAL' }, ['e4']],
    ['a span of time', { fromMs: SAMPLE_START_MS + 1000, toMs: SAMPLE_START_MS + 3000 }, ['e2', 'e1']],
    ['active ones', { status: 'RUNNING', runType: 'AUTO', jobId: 'score' }, ['e5']],
  ] as const)('finds %s, newest first', async (_, query, ids) => {
    const { items, total } = await store().queryExecutions(query);
    expect(items.map((execution) => execution.id)).toStrictEqual(ids);
    expect(total).toBe(ids.length);
  });

  it('pages through a list and still counts all of it', async () => {
    const { items, total } = await store().queryExecutions({ limit: 2, offset: 3 });
    expect(items.map((execution) => execution.id)).toStrictEqual(['e2', 'e1']);
    expect(total).toBe(6);
  });

  it('reads the active executions, oldest first', async () => {
    const active = await store().readActive();
    expect(active.map((execution) => [execution.id, execution.status])).toStrictEqual([
      ['e4', 'READY'],
      ['e5', 'RUNNING'],
    ]);
  });
}
