import { expect, it } from 'vitest';
import type { OpsChange } from '../engine/ops-store.ts';
import type { SlotSkip } from '../run/executions/execution.ts';
import type { StoreUnderTest } from './describe-store.ts';
import { commitAll, commitLife, insertOf, SAMPLE_START_MS, sampleExecution } from './store-samples.ts';

/** Skipped slots are stored in runs and counted one by one. */
export function describeSlots(store: StoreUnderTest): void {
  it('extends the row of slots that were skipped in a row for one reason', async () => {
    await commitAll(store(), skipOf({ from: 1, to: 1 }), skipOf({ from: 2, to: 4, count: 3 }));
    await commitAll(store(), skipOf({ from: 5, to: 5, capped: true }));
    expect(await store().readSkips('prices', 10)).toStrictEqual([
      sampleSkip({ from: 1, to: 5, count: 5, capped: true }),
    ]);
  });

  it('begins a new row for another reason, and again when the first returns', async () => {
    await commitAll(
      store(),
      skipOf({ from: 1, to: 1 }),
      skipOf({ from: 2, to: 2, reason: 'paused' }),
      skipOf({ from: 3, to: 3 }),
    );
    expect((await store().readSkips('prices', 10)).map((skip) => skip.reason)).toStrictEqual([
      'overlap',
      'paused',
      'overlap',
    ]);
    expect(await store().readSkips('prices', 1)).toStrictEqual([sampleSkip({ from: 3, to: 3 })]);
  });

  it('begins a new row after an execution of the same target', async () => {
    await commitAll(store(), skipOf({ from: 1, to: 1 }), skipOf({ from: 1, to: 1, targetId: 'score' }));
    await commitAll(store(), insertOf(sampleExecution('e', { scheduledAtMs: at(2) })));
    await commitAll(store(), skipOf({ from: 3, to: 3 }), skipOf({ from: 3, to: 3, targetId: 'score' }));
    expect(await store().readSkips('prices', 10)).toHaveLength(2);
    expect(await store().readSkips('score', 10)).toHaveLength(1);
  });

  it('begins a new row when the clock went back', async () => {
    await commitAll(store(), skipOf({ from: 5, to: 6, count: 2 }), skipOf({ from: 4, to: 4 }));
    expect(await store().readSkips('prices', 10)).toHaveLength(2);
  });

  it('counts executions and skips since an instant, also inside a row', async () => {
    await commitAll(
      store(),
      skipOf({ from: 1, to: 10, count: 10 }),
      skipOf({ from: 12, to: 12, reason: 'missed' }),
    );
    await commitAll(store(), insertOf(sampleExecution('e', { scheduledAtMs: at(11) })));
    await commitAll(store(), insertOf(sampleExecution('manual', { runType: 'MANUAL' })));
    expect(await store().countSlots('prices', at(0))).toStrictEqual({ executions: 1, skips: 11 });
    expect(await store().countSlots('prices', at(4))).toStrictEqual({ executions: 1, skips: 8 });
    expect(await store().countSlots('prices', at(12))).toStrictEqual({ executions: 0, skips: 1 });
    expect(await store().countSlots('score', at(0))).toStrictEqual({ executions: 0, skips: 0 });
  });

  it('counts a slot once, however often it was tried or replayed', async () => {
    const slot = { scheduledAtMs: at(1) };
    await commitLife(store(), sampleExecution('first', slot), { status: 'FAILED', tookMs: 1 });
    const again = { ...slot, parentExecutionId: 'first', rootExecutionId: 'first' };
    await commitLife(store(), sampleExecution('second', { ...again, attempt: 2 }), {
      status: 'SUCCESS',
      tookMs: 1,
    });
    await commitLife(store(), sampleExecution('replay', { ...again, runType: 'REPLAY' }), {
      status: 'SUCCESS',
      tookMs: 1,
    });
    expect(await store().countSlots('prices', at(0))).toStrictEqual({ executions: 1, skips: 0 });
  });
}

/** Counts, spread and the plan for old history. */
export function describeSummaries(store: StoreUnderTest): void {
  it('counts how runs ended and how long they took', async () => {
    for (let number = 1; number <= 20; number += 1) {
      const status = number === 20 ? 'STOPPED' : number === 19 ? 'FAILED' : 'SUCCESS';
      const execution = sampleExecution(`e${number}`, { createdAtMs: at(number) });
      await commitLife(store(), execution, { status, tookMs: number * 10 });
    }
    await commitAll(store(), insertOf(sampleExecution('waiting', { createdAtMs: at(30) })));
    const all = { runs: 20, succeeded: 18, failed: 1, stopped: 1, p50Ms: 100, p95Ms: 190 };
    expect(await store().readStatistics('prices', at(0))).toStrictEqual(all);
    const last = { runs: 2, succeeded: 0, failed: 1, stopped: 1, p50Ms: 190, p95Ms: 200 };
    expect(await store().readStatistics('prices', at(19))).toStrictEqual(last);
    const none = { runs: 0, succeeded: 0, failed: 0, stopped: 0 };
    expect(await store().readStatistics('prices', at(21))).toStrictEqual(none);
  });

  it('plans the removal of ended history and removes nothing', async () => {
    const old = await commitLife(store(), sampleExecution('old'), { status: 'FAILED', tookMs: 1 });
    const entry = { executionId: old.id, level: 'INFO', category: 'BAT', message: 'm', atMs: at(0) } as const;
    await commitAll(store(), { kind: 'execution.log', entry }, { kind: 'execution.log', entry });
    await commitAll(store(), insertOf(sampleExecution('active')));
    await commitLife(store(), sampleExecution('new', { createdAtMs: at(9) }), {
      status: 'SUCCESS',
      tookMs: 1,
    });
    const plan = { olderThanMs: at(5), executions: 1, logEntries: 2, outputFiles: 0 };
    expect(await store().planHistory(at(5))).toStrictEqual(plan);
    expect((await store().queryExecutions({})).total).toBe(3);
  });
}

interface SkipSpan extends Partial<Pick<SlotSkip, 'targetId' | 'reason' | 'count' | 'capped'>> {
  /** Seconds after the start of the samples. */
  readonly from: number;
  readonly to: number;
}

function sampleSkip({ from, to, ...more }: SkipSpan): SlotSkip {
  return {
    targetId: 'prices',
    reason: 'overlap',
    fromMs: at(from),
    toMs: at(to),
    count: 1,
    capped: false,
    ...more,
  };
}

function skipOf(span: SkipSpan): OpsChange {
  const skip = sampleSkip(span);
  return { kind: 'slot.skip', skip, atMs: skip.toMs };
}

function at(seconds: number): number {
  return SAMPLE_START_MS + seconds * 1000;
}
