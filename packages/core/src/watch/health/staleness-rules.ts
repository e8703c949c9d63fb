import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckState } from './check-state.ts';

/** What a reader is told about a check at one instant. */
export interface StatusNow {
  readonly status: CheckStatus;
  /** `never-looked`, `unconfirmed`: no status yet. `stale`: nobody looked for too long. */
  readonly why?: 'never-looked' | 'unconfirmed' | 'stale';
  /** Age of the last look, ms; absent before the first one. */
  readonly ageMs?: number;
}

/** How old a finding may be before it says nothing any more, ms. */
export function staleAfterMs(policy: { readonly intervalMs: number; readonly timeoutMs: number }): number {
  return 2 * policy.intervalMs + policy.timeoutMs;
}

/**
 * The status of a check as it is to be shown at `nowMs` (wall time). Worked out when it is read, so that an engine
 * that has died or stands still can never show green; a finding from the future is as worthless as an old one.
 */
export function statusAt(state: CheckState | undefined, nowMs: number): StatusNow {
  if (state?.last === undefined) return { status: 'unknown', why: 'never-looked' };
  const ageMs = nowMs - state.last.atMs;
  const countedMs = nowMs - (state.freshFromMs ?? state.last.atMs);
  if (Math.abs(countedMs) > state.staleAfterMs) return { status: 'unknown', why: 'stale', ageMs };
  if (!state.settled) return { status: 'unknown', why: 'unconfirmed', ageMs };
  return { status: state.status, ageMs };
}
