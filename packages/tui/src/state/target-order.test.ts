import { describe, expect, it } from 'vitest';
import { NOW_MS, TARGETS, targetView } from '../../test/recorded-data.ts';
import { nextOrder, orderTargets, REORDER_EVERY_MS } from './target-order.ts';

const at = (ms: number) => ({ nowMs: NOW_MS + ms, localMs: NOW_MS + ms });
const byId = (targets: readonly ReturnType<typeof targetView>[]) =>
  new Map(targets.map((target) => [target.id, target]));

describe('the order of targets', () => {
  it('is by urgency, then errors, then name', () => {
    expect(orderTargets(TARGETS, NOW_MS).slice(0, 6)).toEqual([
      'ledger-sync-kraken',
      'feed-heartbeat-kraken',
      'quality-kraken',
      'dashboard_update',
      'reconcile-kraken',
      'month-close',
    ]);
  });

  it('does not move a row because its target runs now', () => {
    const calm = [targetView('a'), targetView('b'), targetView('c')];
    const running = { executionId: 'x', runType: 'AUTO' as const, startedAtMs: NOW_MS, stopping: false };
    expect(orderTargets([targetView('a'), targetView('b'), targetView('c', { running })], NOW_MS)).toEqual(
      orderTargets(calm, NOW_MS),
    );
    const failing = targetView('z', { consecutiveErrors: 1, lastStatus: 'FAILED', running });
    expect(orderTargets([...calm, failing], NOW_MS)[0]).toBe('z');
  });

  it('changes at most every five seconds, so that the hand can follow', () => {
    const first = nextOrder(
      { ids: [], madeAtMs: 0, due: false },
      byId([targetView('a'), targetView('b')]),
      at(0),
    );
    const failed = byId([targetView('a'), targetView('b', { consecutiveErrors: 1, lastStatus: 'FAILED' })]);
    expect(nextOrder(first, failed, at(REORDER_EVERY_MS - 1)).ids).toEqual(['a', 'b']);
    expect(nextOrder(first, failed, at(REORDER_EVERY_MS)).ids).toEqual(['b', 'a']);
  });

  it('shows a new target at once', () => {
    const first = nextOrder({ ids: [], madeAtMs: 0, due: false }, byId([targetView('b')]), at(0));
    expect(nextOrder(first, byId([targetView('a'), targetView('b')]), at(1)).ids).toEqual(['a', 'b']);
  });
});
