import type { TargetView, TargetWord } from '@qts-ops/core/client';
import { restingWord } from './target-words.ts';

/** Rows move at most so often by themselves, so that the eye and the hand can follow. */
export const REORDER_EVERY_MS = 5_000;

const RANK: Readonly<Record<TargetWord, number>> = {
  FAIL: 0,
  SUSP: 1,
  WARN: 2,
  STALE: 3,
  PAUSED: 4,
  RUN: 5,
  IDLE: 5,
  OK: 5,
};

/** Ids of the targets: most urgent first, then more errors, then name. A run in progress does not move its row. */
export function orderTargets(targets: Iterable<TargetView>, nowMs: number): readonly string[] {
  const keyed = [...targets].map((target) => ({ target, rank: RANK[restingWord(target, nowMs)] }));
  keyed.sort(
    (a, b) =>
      a.rank - b.rank ||
      b.target.consecutiveErrors - a.target.consecutiveErrors ||
      (a.target.id < b.target.id ? -1 : 1),
  );
  return keyed.map(({ target }) => target.id);
}

/** An order with the time it was made. */
export interface TargetOrder {
  readonly ids: readonly string[];
  readonly madeAtMs: number;
  /** True when something has been drawn since, so that another order may be due when this one is no longer young. */
  readonly due: boolean;
}

/**
 * The order to show now: the old one while it is young and names the same targets, else a new one. `nowMs` is the
 * engine's time of the frame, `localMs` this machine's.
 */
export function nextOrder(
  order: TargetOrder,
  targets: ReadonlyMap<string, TargetView>,
  at: { readonly nowMs: number; readonly localMs: number },
): TargetOrder {
  const young = at.localMs - order.madeAtMs < REORDER_EVERY_MS && at.localMs >= order.madeAtMs;
  const same = order.ids.length === targets.size && order.ids.every((id) => targets.has(id));
  if (young && same) return order.due ? order : { ...order, due: true };
  const ids = orderTargets(targets.values(), at.nowMs);
  const unmoved = same && ids.every((id, index) => id === order.ids[index]);
  return { ids: unmoved ? order.ids : ids, madeAtMs: at.localMs, due: false };
}
