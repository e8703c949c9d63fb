import { describe, expect, it } from 'vitest';
import '../../engine/engine-errors.ts';
import type { ErrorCode } from '../../kernel/define-errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { testTarget } from '../../testing/test-targets.ts';
import { DEFAULT_POLICIES, type RetryPolicy } from '../targets/target-policies.ts';
import { claimExecution, createExecution, failExecution, slotExecutionId } from './execution-rules.ts';
import { retryOf } from './retry-rules.ts';

const NOW_MS = 1_000_000;
const SLOT_MS = 990_000;

function target(retry: Partial<RetryPolicy> = {}) {
  const policies = { retry: { ...DEFAULT_POLICIES.retry, maxAttempts: 4, ...retry } };
  return testTarget('feed', () => undefined, { policies });
}

interface Failure {
  readonly attempt?: number;
  readonly code?: ErrorCode;
  readonly runType?: 'AUTO' | 'MANUAL';
  readonly clockEra?: number;
  readonly data?: JsonObject;
}

function failed({ attempt = 1, code = 'BAT-0304', runType = 'AUTO', clockEra = 0, data }: Failure = {}) {
  const slot = { targetId: 'feed', slotMs: SLOT_MS, clockEra, attempt, replayGeneration: 0 };
  const created = createExecution(
    { id: slotExecutionId(slot), jobId: 'feed', runType, atMs: SLOT_MS, scheduledAtMs: SLOT_MS, attempt },
    'scheduler',
  ).execution;
  const running = claimExecution(created, undefined, SLOT_MS).execution;
  const detail = data === undefined ? {} : { detail: { name: 'OpsException', data } };
  return failExecution(running, { code, message: 'm', ...detail }, { atMs: NOW_MS, by: 'scheduler' })
    .execution;
}

const at = { nowMs: NOW_MS, clockEra: 0 };

describe('another attempt', () => {
  it('is an execution of its own: the same slot, the next number, the failed one as its parent', () => {
    const first = failed();
    const retry = retryOf(first, target(), at);
    expect(retry?.run.execution).toMatchObject({
      status: 'READY',
      attempt: 2,
      scheduledAtMs: SLOT_MS,
      parentExecutionId: first.id,
      rootExecutionId: first.id,
    });
    const second = failed({ attempt: 2 });
    expect(retry?.run.execution.id).toBe(second.id);
    expect(retryOf(second, target(), at)?.run.execution).toMatchObject({ attempt: 3 });
  });

  it.each<[string, Failure, Partial<RetryPolicy>, boolean]>([
    ['a failure of the work', {}, {}, true],
    ['the last attempt', { attempt: 4 }, {}, false],
    ['a target that tries once', {}, { maxAttempts: 1 }, false],
    ['a category that is not retried', {}, { categories: ['EXT'] }, false],
    ['a category that is', { code: 'EXT-0101' }, { categories: ['EXT'] }, true],
    ['wrong input', { code: 'INP-0301' }, { categories: ['INP', 'BAT'] }, false],
    ["an operator's run", { runType: 'MANUAL' }, {}, false],
    ['a code of the work itself', { code: 'BAT-7777' }, {}, true],
  ])('after %s', (_, failure, policy, expected) => {
    expect(retryOf(failed(failure), target(policy), at) !== undefined).toBe(expected);
  });

  it('waits a part of a growing time, the same part whenever it is decided', () => {
    const policy = { backoffMs: 10_000, factor: 3, maxBackoffMs: 60_000 };
    const waits = [1, 2, 3].map((attempt) => {
      const waitMs = () => (retryOf(failed({ attempt }), target(policy), at)?.run.notBeforeMs ?? 0) - NOW_MS;
      expect(waitMs()).toBe(waitMs());
      return waitMs();
    });
    for (const [index, ceilingMs] of [10_000, 30_000, 60_000].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(0);
      expect(waits[index]).toBeLessThanOrEqual(ceilingMs);
    }
    expect(new Set(waits).size).toBe(3);
  });

  it('leaves a service alone for as long as it asks, and gives the slot up when that is too long', () => {
    const policy = { backoffMs: 10_000, maxBackoffMs: 60_000 };
    const waitMs = (data: JsonObject) =>
      (retryOf(failed({ code: 'EXT-0102', data }), target(policy), at)?.run.notBeforeMs ?? Number.NaN) -
      NOW_MS;
    const own = waitMs({ status: 429 });
    expect(waitMs({ retryAfterMs: 30_000 })).toBe(30_000 + own);
    expect(waitMs({ retryAfterMs: 60_000 })).toBe(60_000 + own);
    expect(waitMs({ retryAfterMs: 60_001 })).toBeNaN();
    for (const odd of [-5, 'soon', null, { ms: 9 }]) expect(waitMs({ retryAfterMs: odd })).toBe(own);
  });

  it('keeps the clock era of its slot, so that the same slot of a later era keeps its own id', () => {
    const retry = retryOf(failed({ clockEra: 2 }), target(), { nowMs: NOW_MS, clockEra: 5 });
    expect(retry?.run.execution.id).toBe(failed({ attempt: 2, clockEra: 2 }).id);
  });
});
