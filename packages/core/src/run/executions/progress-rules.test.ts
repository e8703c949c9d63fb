import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import './execution-errors.ts';
import { advanceCounts, advanceProgress, NO_PROGRESS } from './progress-rules.ts';

describe('a report of a run', () => {
  it('counts what succeeded as the rest of what was processed', () => {
    const first = advanceProgress(NO_PROGRESS, { done: 10, total: 40, unit: 'rows' }, 5);
    expect(first).toEqual({
      processedCount: 10,
      successCount: 10,
      failedCount: 0,
      total: 40,
      unit: 'rows',
      atMs: 5,
    });
    // The failures of those ten are often known only afterwards.
    expect(advanceProgress(first, { done: 10, failed: 4 }, 6)).toMatchObject({
      successCount: 6,
      failedCount: 4,
    });
  });

  it('never regresses, and keeps what the next report leaves out', () => {
    const before = advanceProgress(NO_PROGRESS, { done: 10, failed: 2, total: 20, message: 'loading' }, 1);
    expect(advanceProgress(before, { done: 3, failed: 0 }, 2)).toEqual({ ...before, atMs: 2 });
  });

  it('raises a total that turns out too small', () => {
    expect(advanceProgress(NO_PROGRESS, { done: 12, total: 10 }, 1).total).toBe(12);
  });

  it('passes over what is no count or no text', () => {
    const odd = { done: Number.NaN, failed: -1, total: 1.5, unit: 7, message: null } as unknown as {
      done: number;
    };
    expect(advanceProgress(NO_PROGRESS, odd, 1)).toEqual({ ...NO_PROGRESS, atMs: 1 });
  });

  it('is cut to what a screen can show', () => {
    const progress = advanceProgress(
      NO_PROGRESS,
      { done: 1, unit: 'u'.repeat(99), message: 'm'.repeat(999) },
      1,
    );
    expect([progress.unit?.length, progress.message?.length]).toEqual([20, 200]);
  });

  it('always leaves counts that add up and never fall', () => {
    const count = fc.option(fc.integer({ min: -5, max: 50 }), { nil: undefined });
    const report = fc.record({ done: fc.integer({ min: -5, max: 50 }), failed: count, total: count });
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        let progress = NO_PROGRESS;
        for (const each of reports) {
          const next = advanceProgress(progress, each, 1);
          expect(next.successCount + next.failedCount).toBe(next.processedCount);
          expect(next.processedCount).toBeGreaterThanOrEqual(progress.processedCount);
          expect(next.failedCount).toBeGreaterThanOrEqual(progress.failedCount);
          expect(next.total ?? next.processedCount).toBeGreaterThanOrEqual(next.processedCount);
          progress = next;
        }
      }),
    );
  });
});

describe('counts of a caller who keeps them himself', () => {
  const before = { processedCount: 10, successCount: 8, failedCount: 2 };

  it.each<[object, object]>([
    [{ processedCount: 12 }, { processedCount: 12, successCount: 10, failedCount: 2 }],
    [
      { processedCount: 12, failedCount: 4 },
      { processedCount: 12, successCount: 8, failedCount: 4 },
    ],
    [
      { processedCount: 12, successCount: 9 },
      { processedCount: 12, successCount: 9, failedCount: 2 },
    ],
    [{ processedCount: 10 }, before],
  ])('%j gives %j', (counts, after) => {
    expect(advanceCounts(before, counts as { processedCount: number }, 7)).toEqual({ ...after, atMs: 7 });
  });

  it.each([
    ['a negative count', { processedCount: -5 }],
    ['a fraction', { processedCount: 10.5 }],
    ['no number', { processedCount: Number.NaN }],
    ['fewer than before', { processedCount: 9 }],
    ['fewer failures than before', { processedCount: 12, failedCount: 1 }],
    ['more successes than were processed', { processedCount: 11, successCount: 50 }],
    ['more in sum than was processed', { processedCount: 12, successCount: 9, failedCount: 4 }],
  ])('%s is refused', (_, counts) => {
    expect(() => advanceCounts(before, counts, 1)).toThrow(expect.objectContaining({ code: 'INP-0301' }));
  });
});
