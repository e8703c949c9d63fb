import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckSpan, CheckState } from './check-state.ts';

/** What holds from an instant on. */
export interface SpanPoint {
  readonly checkId: string;
  readonly status: CheckStatus;
  readonly maintenance: boolean;
  /** ms UTC. */
  readonly atMs: number;
}

/**
 * The stretches a look changes: the one that was growing reaches to the look, or to where it became stale; a new one
 * begins when something differs or when nobody looked in between. Time without a stretch is time nobody knows about.
 */
export function extendSpan(before: CheckState, point: SpanPoint): readonly CheckSpan[] {
  const { status, maintenance, checkId, atMs } = point;
  const { span } = before;
  if (span === undefined) return [{ checkId, status, maintenance, fromMs: atMs, toMs: atMs }];
  const grown = grow(span, atMs, before.staleAfterMs);
  const unbroken = grown.toMs >= atMs;
  if (unbroken && span.status === status && span.maintenance === maintenance) return [grown];
  // After the wall clock was set back, a new stretch begins where the old one ended: time is counted once.
  const fromMs = Math.max(atMs, grown.toMs);
  return [grown, { checkId, status, maintenance, fromMs, toMs: fromMs }];
}

/** The stretch as it reaches at `nowMs`: until now, but not longer than its last look may be believed. */
export function grow(span: CheckSpan, nowMs: number, staleAfter: number): CheckSpan {
  const toMs = Math.max(span.toMs, Math.min(nowMs, span.toMs + staleAfter));
  return { ...span, toMs };
}
