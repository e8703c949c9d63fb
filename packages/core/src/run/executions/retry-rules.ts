import { categoryOf, findError } from '../../kernel/define-errors.ts';
import type { RetryPolicy } from '../targets/target-policies.ts';

/** The attempt that follows a failed one. */
export interface NextAttempt {
  readonly attempt: number;
  /** Starts no earlier than this after the failed attempt ended, ms. */
  readonly waitMs: number;
}

/**
 * Whether a failed attempt is tried again (rule S9): its category must be one the target retries, and the error itself
 * must not say that trying again cannot help. `random` is 0 … 1 and spreads the waits of many targets (full jitter).
 */
export function nextAttempt(
  policy: RetryPolicy,
  failed: { readonly attempt: number; readonly errorCode: string | undefined },
  random: number,
): NextAttempt | undefined {
  if (failed.attempt >= policy.maxAttempts || failed.errorCode === undefined) return undefined;
  if (!policy.categories.includes(categoryOf(failed.errorCode))) return undefined;
  const retry = findError(failed.errorCode)?.definition.retry ?? 'backoff';
  if (retry !== 'backoff' && retry !== 'immediate') return undefined;
  const ceilingMs = Math.min(policy.backoffMs * policy.factor ** (failed.attempt - 1), policy.maxBackoffMs);
  return { attempt: failed.attempt + 1, waitMs: retry === 'immediate' ? 0 : Math.round(ceilingMs * random) };
}
