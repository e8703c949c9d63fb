import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckView } from './check-view.ts';

/** What all checks together say. */
export interface HealthSummary {
  /** The worst status; a check that is not critical makes it at most a warning. */
  readonly status: CheckStatus;
  /** False while a critical check fails or nothing is known about it. */
  readonly ready: boolean;
  readonly counts: Readonly<Record<CheckStatus, number>>;
  /** Ids of the critical checks that keep it from being ready. */
  readonly unready: readonly string[];
}

/** Adds up what checks say at one instant. Without any check everything is well as far as anybody knows. */
export function summarizeHealth(
  views: ReadonlyArray<Pick<CheckView, 'id' | 'status' | 'critical'>>,
): HealthSummary {
  const counts: Record<CheckStatus, number> = { pass: 0, warn: 0, fail: 0, unknown: 0 };
  for (const { status } of views) counts[status] += 1;
  const critical = views.filter((view) => view.critical);
  const unready = critical.filter(({ status }) => status === 'fail' || status === 'unknown');
  const failing = critical.some(({ status }) => status === 'fail');
  const status = failing
    ? 'fail'
    : unready.length > 0
      ? 'unknown'
      : counts.pass < views.length
        ? 'warn'
        : 'pass';
  return { status, ready: unready.length === 0, counts, unready: unready.map(({ id }) => id) };
}
