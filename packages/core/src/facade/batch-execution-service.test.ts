import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import { BatchExecutionService, type StartExecution } from './batch-execution-service.ts';

const job = { jobId: 'DAILY_RETURN_CALC', jobName: 'daily returns', jobType: 'DAILY' } as const;
const jobId = job.jobId;
const note = 'month end is tonight';
const ID = '3f0f1f5e-7a5c-4d0e-9b52-6f1f0d7f6b11';

/** The service over a store that can be read beside it. */
async function newService() {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const service = new BatchExecutionService({ store, clock });
  await service.registerJob(job);
  return { service, store, clock };
}

function refusal(code: string) {
  return expect.objectContaining({ code });
}

describe('starting an execution', () => {
  it('AUTO is RUNNING with started_at, through READY', async () => {
    const { service, store } = await newService();
    const { id } = await service.startExecution({ jobId });
    expect(await service.getExecution(id)).toMatchObject({
      status: 'RUNNING',
      runType: 'AUTO',
      startedAtMs: VIRTUAL_START_MS,
      fence: 1,
    });
    expect((await store.readTransitions(id)).map(({ from, to }) => [from, to])).toEqual([
      [undefined, 'READY'],
      ['READY', 'RUNNING'],
    ]);
  });

  it.each<[string, StartExecution, string]>([
    ['MANUAL without an operator', { jobId, runType: 'MANUAL', operatorNote: note }, 'INP-0303'],
    [
      'MANUAL by a blank operator',
      { jobId, runType: 'MANUAL', operatorId: ' ', operatorNote: note },
      'INP-0303',
    ],
    ['MANUAL without a reason', { jobId, runType: 'MANUAL', operatorId: 'kim' }, 'INP-0302'],
    ['REPLAY without a reason', { jobId, runType: 'REPLAY', operatorId: 'kim' }, 'INP-0302'],
    [
      'REPLAY with a short reason',
      { jobId, runType: 'REPLAY', operatorId: 'kim', replayReason: 'again' },
      'INP-0302',
    ],
    ['an unknown job', { jobId: 'NO_SUCH_JOB' }, 'INP-0306'],
    ['an inactive job', { jobId: 'DAILY_PRICE_LOAD' }, 'INP-0306'],
    ['an id that is no UUID', { jobId, executionId: 'today' }, 'INP-0301'],
    ['an unknown parent', { jobId, parentExecutionId: ID }, 'INP-0308'],
  ])('%s is refused and leaves nothing', async (_, request, code) => {
    const { service, store } = await newService();
    await expect(service.startExecution(request)).rejects.toEqual(refusal(code));
    expect((await store.queryExecutions({})).total).toBe(0);
    expect(await store.lastAuditSeq()).toBe(0);
  });

  it('MANUAL and REPLAY are audited with who and why', async () => {
    const { service, store } = await newService();
    const first = await service.startExecution({
      jobId,
      runType: 'MANUAL',
      operatorId: 'kim',
      operatorNote: note,
    });
    await service.failExecution(first.id, { errorCode: 'C1-INP-001', message: 'no prices' });
    await service.startExecution({
      jobId,
      runType: 'REPLAY',
      operatorId: 'lee',
      replayReason: '시세를 다시 받았습니다',
      parentExecutionId: first.id,
    });
    const { items } = await store.queryAudit({});
    expect(
      items.map(({ auditType, operatorId, operatorReason }) => [auditType, operatorId, operatorReason]),
    ).toEqual([
      ['BATCH_REPLAY', 'lee', '시세를 다시 받았습니다'],
      ['BATCH_START', 'kim', note],
    ]);
    expect(await store.verifyAuditChain(1)).toBeUndefined();
  });

  it('the same execution id twice is one execution without a second effect', async () => {
    const { service, store } = await newService();
    const first = await service.startExecution({ jobId, executionId: ID });
    await service.completeExecution(ID);
    expect(await service.startExecution({ jobId, executionId: ID })).toMatchObject({
      id: first.id,
      status: 'SUCCESS',
    });
    expect((await store.queryExecutions({})).total).toBe(1);
    await expect(
      service.startExecution({
        jobId,
        executionId: ID,
        runType: 'MANUAL',
        operatorId: 'kim',
        operatorNote: note,
      }),
    ).rejects.toEqual(refusal('BAT-0106'));
  });

  it('the same execution id at the same time is one execution too', async () => {
    const { service, store } = await newService();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => service.startExecution({ jobId, executionId: ID })),
    );
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([ID]));
    expect((await store.queryExecutions({})).total).toBe(1);
  });

  it('a job that is running is not started a second time', async () => {
    const { service } = await newService();
    await service.startExecution({ jobId });
    await expect(service.startExecution({ jobId })).rejects.toEqual(refusal('BAT-0101'));
  });
});

describe('the life of an execution', () => {
  const VERBS: Readonly<Record<string, (service: BatchExecutionService, id: string) => Promise<unknown>>> = {
    progress: (service, id) => service.updateProgress(id, { processedCount: 1 }),
    complete: (service, id) => service.completeExecution(id),
    fail: (service, id) => service.failExecution(id, { errorCode: 'BAT-0304', message: 'no' }),
    stop: (service, id) => service.stopExecution(id, { operatorId: 'kim', reason: note }),
  };

  it.each(['complete', 'fail', 'stop'])('after %s nothing more is taken: BAT-0102', async (end) => {
    const { service } = await newService();
    const { id } = await service.startExecution({ jobId });
    await VERBS[end]?.(service, id);
    for (const verb of Object.values(VERBS)) {
      await expect(verb(service, id)).rejects.toEqual(refusal('BAT-0102'));
    }
  });

  it.each(Object.entries(VERBS))('%s of an unknown execution is refused: INP-0308', async (_, verb) => {
    const { service } = await newService();
    await expect(verb(service, ID)).rejects.toEqual(refusal('INP-0308'));
  });

  it('progress is absolute, never regresses and adds up', async () => {
    const { service } = await newService();
    const { id } = await service.startExecution({ jobId });
    await service.updateProgress(id, { processedCount: 10, failedCount: 2 });
    for (const counts of [
      { processedCount: -5 },
      { processedCount: 9 },
      { processedCount: 12, successCount: 50 },
    ]) {
      await expect(service.updateProgress(id, counts)).rejects.toEqual(refusal('INP-0301'));
    }
    await service.completeExecution(id, { processedCount: 20, failedCount: 3 });
    expect((await service.getExecution(id)).progress).toMatchObject({
      processedCount: 20,
      successCount: 17,
      failedCount: 3,
    });
  });

  it('fail stores code, message, detail, ended_at and one ERROR log row', async () => {
    const { service, store, clock } = await newService();
    const { id } = await service.startExecution({ jobId });
    await clock.advance(5000);
    await service.failExecution(id, { errorCode: 'C1-DQ-001', message: 'rows twice', detail: { rows: 3 } });
    expect(await service.getExecution(id)).toMatchObject({
      status: 'FAILED',
      errorCode: 'C1-DQ-001',
      errorMessage: 'rows twice',
      errorDetail: { rows: 3 },
      endedAtMs: VIRTUAL_START_MS + 5000,
    });
    expect(await store.readLog(id)).toMatchObject([
      { level: 'ERROR', category: 'DQ', code: 'C1-DQ-001', message: 'rows twice', detail: { rows: 3 } },
    ]);
  });

  it.each(['BAT-9999', 'C1-XXX-001', 'oops', 'C1-BAT-001; drop'])(
    'the undeclared code %s is refused',
    async (code) => {
      const { service } = await newService();
      const { id } = await service.startExecution({ jobId });
      await expect(service.failExecution(id, { errorCode: code, message: 'no' })).rejects.toEqual(
        refusal('INP-0301'),
      );
      expect((await service.getExecution(id)).status).toBe('RUNNING');
    },
  );

  it('stop needs an operator and a reason, stores STOPPED, one WARN log row and the audit row BATCH_STOP', async () => {
    const { service, store } = await newService();
    const { id } = await service.startExecution({ jobId });
    await expect(service.stopExecution(id, { operatorId: '', reason: note })).rejects.toEqual(
      refusal('INP-0303'),
    );
    await expect(service.stopExecution(id, { operatorId: 'kim', reason: 'stop' })).rejects.toEqual(
      refusal('INP-0302'),
    );
    await service.stopExecution(id, { operatorId: 'kim', reason: note });
    expect(await service.getExecution(id)).toMatchObject({
      status: 'STOPPED',
      stopRequest: { operatorId: 'kim' },
    });
    expect(await store.readLog(id)).toMatchObject([{ level: 'WARN', category: 'BAT', code: 'C1-BAT-002' }]);
    const { items } = await store.queryAudit({ auditType: 'BATCH_STOP' });
    expect(items).toMatchObject([{ operatorId: 'kim', operatorReason: note, before: { status: 'RUNNING' } }]);
  });

  it('two who end it at the same time: one does, the other is refused', async () => {
    const { service, store } = await newService();
    const { id } = await service.startExecution({ jobId });
    const answers = await Promise.allSettled([
      service.completeExecution(id),
      service.failExecution(id, { errorCode: 'BAT-0304', message: 'no' }),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await store.readTransitions(id)).map(({ to }) => to)).toHaveLength(3);
  });
});

describe('without a given store', () => {
  it('the service keeps its own in memory and closes it', async () => {
    const service = new BatchExecutionService();
    await service.registerJob(job);
    const { id } = await service.startExecution({ jobId });
    expect((await service.completeExecution(id)).status).toBe('SUCCESS');
    await service[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  it('closing leaves a given store open', async () => {
    const { service, store } = await newService();
    await service[Symbol.asyncDispose]();
    expect(await store.readJobs()).toContainEqual(expect.objectContaining({ jobId }));
  });
});
