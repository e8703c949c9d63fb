import { describe, expect, it } from 'vitest';
import { waitingText } from '../client/ops-views.ts';
import type { Execution } from '../run/executions/execution.ts';
import { newTargetState } from '../run/targets/target-rules.ts';
import { testTarget } from '../testing/test-targets.ts';
import { executionView, type RunFacts, targetView } from './view-rules.ts';

const running: Execution = {
  id: 'e1',
  jobId: 'feed',
  runType: 'MANUAL',
  status: 'RUNNING',
  fence: 1,
  late: false,
  attempt: 1,
  lane: 0,
  createdAtMs: 1000,
  startedAtMs: 1000,
  progress: { processedCount: 20, successCount: 18, failedCount: 2, total: 100, unit: 'rows', atMs: 3000 },
  outcomeKnown: true,
  operatorId: 'kim',
  operatorNote: 'month end is tonight',
  rootExecutionId: 'e1',
  output: { tail: 'one', bytes: 3, truncated: false },
  detached: false,
};
const run: RunFacts = { execution: running, stopping: false, progress: running.progress, ratePerSecond: 10 };
const stop = { operatorId: 'lee', atMs: 4000, reason: 'the broker is down' };

describe('the view of an execution', () => {
  it('estimates its end from the smoothed rate and the last report', () => {
    expect(executionView(running, run).progress).toEqual({
      done: 20,
      failed: 2,
      total: 100,
      unit: 'rows',
      ratePerSecond: 10,
      etaMs: 11_000,
    });
  });

  it.each<[string, Partial<RunFacts>]>([
    ['without a rate', { ratePerSecond: undefined }],
    ['while nothing moves', { ratePerSecond: 0 }],
    ['without a total', { progress: { processedCount: 20, successCount: 20, failedCount: 0, atMs: 3000 } }],
  ])('has no estimate %s', (_, facts) => {
    expect(executionView(running, { ...run, ...facts }).progress).not.toHaveProperty('etaMs');
  });

  it('has no progress before anything was reported', () => {
    const silent = { ...running, progress: { processedCount: 0, successCount: 0, failedCount: 0 } };
    expect(executionView(silent)).not.toHaveProperty('progress');
  });

  it('has a mean rate and no estimate once it has ended', () => {
    const ended: Execution = { ...running, status: 'FAILED', endedAtMs: 5000, errorCode: 'BAT-0304' };
    expect(executionView(ended).progress).toMatchObject({ done: 20, ratePerSecond: 5 });
    expect(executionView(ended).progress).not.toHaveProperty('etaMs');
  });

  it('is stopping from the request to the end, and then says who stopped it and why', () => {
    expect(executionView(running, { ...run, stopping: true }).stopping).toBe(true);
    expect(executionView({ ...running, stopRequest: stop }).stopping).toBe(true);
    const stopped: Execution = { ...running, status: 'STOPPED', endedAtMs: 5000, stopRequest: stop };
    expect(executionView(stopped)).toMatchObject({
      stopping: false,
      operatorId: 'lee',
      operatorNote: 'month end is tonight',
      stopReason: 'the broker is down',
    });
  });

  it('survives a clock that was set back during the run', () => {
    expect(executionView({ ...running, status: 'SUCCESS', endedAtMs: 500 }).progress).not.toHaveProperty(
      'ratePerSecond',
    );
  });
});

describe('the view of a target', () => {
  const definition = testTarget('feed', () => undefined, { title: 'Price feed' });
  const facts = {
    definition,
    state: newTargetState('feed', 0),
    running: undefined,
    detached: false,
    nextSlotMs: 2000,
    lastSkip: undefined,
    waiting: 0,
    poolHasLimit: false,
  };

  it('shows what it is, when it runs and what is known of it, and nothing of how slots are counted', () => {
    const view = targetView(facts);
    expect(view).toMatchObject({
      id: 'feed',
      title: 'Price feed',
      kind: 'function',
      schedule: 'every 1 s',
      maxConsecutiveErrors: 3,
      breaker: { kind: 'closed' },
      nextSlotMs: 2000,
    });
    for (const inner of ['cursorMs', 'clockEra', 'targetId', 'running', 'lastSkip', 'pause', 'waiting']) {
      expect(view).not.toHaveProperty(inner);
    }
  });

  it('shows what waits, and for which pool where that has a limit', () => {
    const free = targetView({ ...facts, waiting: 2 });
    expect([free.waiting, waitingText(free)]).toEqual([{ count: 2 }, '2 runs wait']);
    const pooled = targetView({ ...facts, waiting: 1, poolHasLimit: true });
    expect(waitingText(pooled)).toBe('1 run waits for pool default');
    expect(waitingText(targetView(facts))).toBe('');
  });

  it('shows the run that goes on and the last slots that were skipped', () => {
    const skip = {
      targetId: 'feed',
      reason: 'overlap',
      fromMs: 1,
      toMs: 9,
      count: 4,
      capped: false,
    } as const;
    expect(targetView({ ...facts, running: run, lastSkip: skip })).toMatchObject({
      running: {
        executionId: 'e1',
        operatorId: 'kim',
        startedAtMs: 1000,
        stopping: false,
        progress: { done: 20 },
      },
      lastSkip: { reason: 'overlap', toMs: 9, count: 4 },
    });
  });
});
