import type { ErrorCategory } from '../../kernel/define-errors.ts';

/** What becomes of slots that passed beyond their grace while nobody looked (rule S7). */
export type MissedPolicy =
  /** They are recorded as missed: a stale action is worse than none. */
  | { readonly kind: 'skip' }
  /** One run for the newest of them, which says how many it stands for. */
  | { readonly kind: 'latest' }
  /** The newest `maxCatchUp` of them are run, oldest first, unless they are older than `windowMs`. */
  | { readonly kind: 'all'; readonly maxCatchUp: number; readonly windowMs: number };

/** What becomes of a slot that is due while the target is busy (rule S8). */
export type OverlapPolicy =
  /** It is recorded as skipped. */
  | { readonly kind: 'skip' }
  /** It waits; a newer one takes its place. */
  | { readonly kind: 'queue-one' }
  /** It waits behind the others; at most `max` wait. */
  | { readonly kind: 'queue'; readonly max: number }
  /** The run that is going on is stopped, then it starts; nothing else waits. */
  | { readonly kind: 'cancel-running' }
  /** It starts beside the others, up to `maxConcurrent` at once. */
  | { readonly kind: 'allow'; readonly maxConcurrent: number };

/** Whether and when a failed run of a slot is tried again (rule S9). Each attempt is an execution of its own. */
export interface RetryPolicy {
  /** Attempts in all, 1 … 10; 1 means that nothing is tried again. */
  readonly maxAttempts: number;
  /** Attempt n+1 starts after a random part of min(backoffMs · factor^(n−1), maxBackoffMs): full jitter. */
  readonly backoffMs: number;
  readonly factor: number;
  readonly maxBackoffMs: number;
  /** Only failures of these categories are tried again. */
  readonly categories: readonly ErrorCategory[];
}

/** On what a target waits before it runs (rule S17). */
export interface Dependency {
  /** Targets that come first. */
  readonly after: readonly string[];
  /** `success`: all of them succeeded; `all-done`: all ended; `any-failed`: all ended, at least one badly. */
  readonly on: 'success' | 'all-done' | 'any-failed';
  /**
   * Zone, as an IANA name, in which the slots of one calendar day belong together; the target then has one slot for each
   * day on which any of them has one: the last of theirs. Absent: slots at the same instant belong together.
   */
  readonly sameDayIn?: string;
}

/** Which runs share a limit, and who goes first when it is reached (rule S18). */
export interface PoolMembership {
  /** Name of the pool; a pool without a limit in the config has none. */
  readonly pool: string;
  /** 0 (last) … 9 (first); one more for every minute of waiting. */
  readonly priority: number;
}

/** Everything about when a target may run besides its schedule. */
export interface TargetPolicies extends PoolMembership {
  readonly missed: MissedPolicy;
  readonly overlap: OverlapPolicy;
  readonly retry: RetryPolicy;
  readonly dependency?: Dependency;
  /** Each start is put off by a random time up to this, ms; 0 for none. The slot stays the same. */
  readonly jitterMs: number;
}

/** What a target does that says nothing: skip, skip, no retry, the pool without a limit, the middle priority. */
export const DEFAULT_POLICIES: TargetPolicies = {
  missed: { kind: 'skip' },
  overlap: { kind: 'skip' },
  retry: {
    maxAttempts: 1,
    backoffMs: 5000,
    factor: 2,
    maxBackoffMs: 300_000,
    categories: ['EXT', 'SYS', 'BAT'],
  },
  pool: 'default',
  priority: 5,
  jitterMs: 0,
};

/** How many runs of one target may go on at once. */
export function maxConcurrentOf(policies: TargetPolicies): number {
  return policies.overlap.kind === 'allow' ? policies.overlap.maxConcurrent : 1;
}
