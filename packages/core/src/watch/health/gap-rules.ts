import type { BadSince, CheckState } from './check-state.ts';
import type { HealthGap } from './health-changes.ts';

/** The service looks at the clocks this often, ms. */
export const TICK_MS = 1000;
/** A deviation of more ticks than this is a gap. */
const GAP_TICKS = 3;

/** One reading of both clocks. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monoMs: number;
}

/** The gap between two readings that were to be one tick apart; absent when time passed as it should. */
export function gapBetween(before: ClockReading, after: ClockReading): HealthGap | undefined {
  const limitMs = GAP_TICKS * TICK_MS;
  const monoMs = after.monoMs - before.monoMs;
  const aheadMs = after.wallMs - before.wallMs - monoMs;
  const fromMs = before.wallMs;
  const toMs = after.wallMs;
  if (aheadMs < -limitMs) return { reason: 'clock-set', fromMs, toMs };
  // The monotonic clock stands still while the machine sleeps; a wall clock set ahead looks the same.
  if (aheadMs > limitMs) return { reason: 'suspended', fromMs, toMs };
  return monoMs - TICK_MS > limitMs ? { reason: 'stalled', fromMs, toMs } : undefined;
}

/**
 * A state after a gap: its last look counts as fresh once more, and how long it has been bad or better is counted
 * without the time that the machine slept, or on the clock as it is set now.
 */
export function afterGap(state: CheckState, gap: HealthGap, nowMs: number): CheckState {
  const lostMs = gap.reason === 'stalled' ? 0 : gap.toMs - gap.fromMs;
  const moved = (atMs: number) => Math.min(atMs + lostMs, nowMs);
  const { warnMs, unknownMs, failMs } = state.badSince;
  const badSince: BadSince = {
    ...(warnMs === undefined ? {} : { warnMs: moved(warnMs) }),
    ...(unknownMs === undefined ? {} : { unknownMs: moved(unknownMs) }),
    ...(failMs === undefined ? {} : { failMs: moved(failMs) }),
  };
  const better = state.betterSinceMs;
  return {
    ...state,
    badSince,
    ...(better === undefined ? {} : { betterSinceMs: moved(better) }),
    freshFromMs: nowMs,
  };
}
