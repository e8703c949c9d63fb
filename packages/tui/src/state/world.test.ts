import type { FeedMessage } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { ACTS, executionView, NOW_MS, snapshotOf, targetView } from '../../test/recorded-data.ts';
import { ACTS_KEPT, applyMessages, EMPTY_WORLD, EXECUTIONS_KEPT, withActs } from './world.ts';

const snapshot: FeedMessage = { kind: 'snapshot', snapshot: snapshotOf() };

describe('the world a screen knows', () => {
  it('is replaced by a snapshot, targets that are gone included', () => {
    const world = applyMessages(EMPTY_WORLD, [snapshot]);
    const next = applyMessages(world, [{ kind: 'snapshot', snapshot: snapshotOf([targetView('only')]) }]);
    expect([...next.targets.keys()]).toEqual(['only']);
  });

  it('forgets deltas that came before a snapshot of the same batch', () => {
    const delta: FeedMessage = {
      kind: 'delta',
      delta: { kind: 'target', target: targetView('ghost'), seq: 2, atMs: NOW_MS },
    };
    expect(applyMessages(EMPTY_WORLD, [delta, snapshot]).targets.has('ghost')).toBe(false);
  });

  it('takes over changed targets and executions and does not touch the world before', () => {
    const world = applyMessages(EMPTY_WORLD, [snapshot]);
    const target = targetView('orderbook-upbit', { revision: 101 });
    const next = applyMessages(world, [
      { kind: 'delta', delta: { kind: 'target', target, seq: 2, atMs: NOW_MS } },
    ]);
    expect(next.targets.get('orderbook-upbit')).toBe(target);
    expect(world.targets.get('orderbook-upbit')?.revision).toBe(100);
    expect(next.executions).toBe(world.executions);
  });

  it('keeps executions newest first and bounded', () => {
    const messages = Array.from(
      { length: EXECUTIONS_KEPT + 20 },
      (_, index): FeedMessage => ({
        kind: 'delta',
        delta: { kind: 'execution', execution: executionView(1_000 + index), seq: index, atMs: NOW_MS },
      }),
    );
    const { executions } = applyMessages(EMPTY_WORLD, messages);
    expect(executions).toHaveLength(EXECUTIONS_KEPT);
    expect(executions[0]?.createdAtMs).toBeGreaterThan(executions[1]?.createdAtMs ?? 0);
  });

  it('shows each act once, newest first and bounded', () => {
    const many = Array.from(
      { length: 80 },
      (_, index) => ({ ...ACTS[0], seq: index + 1 }) as (typeof ACTS)[number],
    );
    const world = withActs(withActs(EMPTY_WORLD, many), many);
    expect(world.acts).toHaveLength(ACTS_KEPT);
    expect(world.acts[0]?.seq).toBe(80);
  });
});
