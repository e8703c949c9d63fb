import { expect, it } from 'vitest';
import type { TargetState } from '../run/targets/target.ts';
import type { StoreUnderTest } from './describe-store.ts';
import { commitAll, SAMPLE_START_MS, sampleJob, sampleState } from './store-samples.ts';

/** What is remembered about targets and jobs. */
export function describeTargets(store: StoreUnderTest): void {
  const pause = { operatorId: 'kim', atMs: SAMPLE_START_MS, reason: 'exchange holiday today' };
  const memory: Partial<TargetState> = {
    consecutiveErrors: 3,
    backoffUntilMs: SAMPLE_START_MS + 5000,
    pause,
    nextSlotMs: SAMPLE_START_MS + 60_000,
    clockEra: 2,
    outcomes: '..xs',
    lastExecutionId: 'e',
    lastStatus: 'FAILED',
    lastEndedAtMs: SAMPLE_START_MS,
    lastDurationMs: 1234,
    lastSuccessAtMs: SAMPLE_START_MS - 9,
    lastErrorCode: 'BAT-0304',
    lastErrorMessage: '연결 실패',
  };

  it.each<[string, Partial<TargetState>]>([
    ['never ran', {}],
    ['has a whole history', memory],
    ['rests until a probe', { breaker: { kind: 'open', sinceMs: 1, cooldownMs: 2, probeAtMs: 3 } }],
    ['waits for an operator', { breaker: { kind: 'open', sinceMs: 1, cooldownMs: 2 } }],
    ['is being probed', { breaker: { kind: 'half-open', sinceMs: 1, cooldownMs: 2, executionId: 'e' } }],
  ])('gives back the state of a target that %s', async (_, more) => {
    const first = sampleState('prices', more);
    await commitAll(store(), { kind: 'target.insert', state: first });
    expect(await store().readTargetStates()).toStrictEqual([first]);
    const cleared = sampleState('prices', { revision: 1 });
    await commitAll(store(), { kind: 'target.update', expectRevision: 0, state: cleared, because: 'reset' });
    const again = sampleState('prices', { ...more, revision: 2 });
    await commitAll(store(), { kind: 'target.update', expectRevision: 1, state: again, because: 'slot' });
    expect(await store().readTargetStates()).toStrictEqual([again]);
  });

  it('answers a second first state and a stale revision with a conflict', async () => {
    const insert = { kind: 'target.insert', state: sampleState() } as const;
    await commitAll(store(), insert);
    expect(await store().commit([insert])).toBe('conflict');
    const next = { ...sampleState(), revision: 1, cursorMs: 7 };
    const update = { kind: 'target.update', expectRevision: 0, state: next, because: 'slot' } as const;
    expect(await store().commit([update])).toBe('committed');
    expect(await store().commit([update])).toBe('conflict');
    expect(await store().readTargetStates()).toStrictEqual([next]);
  });

  it('keeps one row per job and knows which are active', async () => {
    const renamed = { ...sampleJob('prices'), jobName: 'Prices', jobDescription: 'all of them' };
    await commitAll(store(), { kind: 'job.upsert', job: renamed, atMs: SAMPLE_START_MS + 1 });
    await commitAll(store(), {
      kind: 'job.deactivate-others',
      activeJobIds: ['prices'],
      atMs: SAMPLE_START_MS,
    });
    const jobs = await store().readJobs();
    expect(jobs.find((job) => job.jobId === 'prices')).toStrictEqual(renamed);
    expect(jobs.filter((job) => job.isActive)).toStrictEqual([renamed]);
    expect(jobs.find((job) => job.jobId === 'score')).toStrictEqual(sampleJob('score', false));
    await commitAll(store(), { kind: 'job.deactivate-others', activeJobIds: [], atMs: SAMPLE_START_MS });
    expect((await store().readJobs()).filter((job) => job.isActive)).toStrictEqual([]);
  });

  it('holds the six jobs of the specification, inactive', async () => {
    const seeded = (await store().readJobs()).filter((job) => !['prices', 'score'].includes(job.jobId));
    expect(seeded.map((job) => [job.jobId, job.jobType, job.isActive])).toStrictEqual([
      ['DAILY_EXPLANATION', 'DAILY', false],
      ['DAILY_PRICE_LOAD', 'DAILY', false],
      ['DAILY_RETURN_CALC', 'DAILY', false],
      ['DAILY_SIMULATION', 'DAILY', false],
      ['MONTHLY_REPORT', 'MONTHLY', false],
      ['ON_DEMAND_REPLAY', 'ON_DEMAND', false],
    ]);
  });
}
