import type { Change } from '../../kernel/change.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { CheckGap, CheckStatus } from '../../ports/health-check.ts';
import type { CheckSpan, CheckState } from './check-state.ts';
import type { PingChange } from './ping.ts';

/** Why the state of a check was written. */
export const HEALTH_CAUSES = [
  /** Looks agreed on a first status, and it is good. */
  'first-pass',
  /** A look confirmed what was known. */
  'seen',
  /** A bad look that is not yet confirmed, or a good one that does not yet resolve. */
  'confirming',
  'hard-warn',
  'hard-unknown',
  'hard-fail',
  'recovered',
  'flapping-started',
  'flapping-ended',
  /** An alert that was held back (start, parent, isolation) is raised now because nothing holds it any more. */
  'released',
  /** The check is no longer in the config. */
  'removed',
] as const;
/** One of the causes. */
export type HealthCause = (typeof HEALTH_CAUSES)[number];

/**
 * What a check says to the alerts: open or go on with the episode of this key, or resolve it. Holding back
 * (flapping, a failing parent, isolation, the grace of the start) is already decided: a signal is to be followed.
 * Every bad look raises, so that an alert that was closed too early comes back.
 */
export interface HealthSignal {
  readonly action: 'raise' | 'resolve';
  /** `check:<id>`. */
  readonly dedupKey: string;
  readonly checkId: string;
  /** Kind of the check, such as `http` or `callable`. */
  readonly kindOfCheck: string;
  readonly level: AlertLevel;
  readonly status: CheckStatus;
  readonly because: HealthCause;
  /** True for a raise of an alert that is open already: one more look found the same. */
  readonly isRepeat: boolean;
  /** The entry of the error catalogue that says what to do: EXT-0601 it fails or warns, EXT-0602 we could not look. */
  readonly errorCode: 'EXT-0601' | 'EXT-0602';
  /** What the last look said, at most 300 characters. */
  readonly message: string;
  readonly value?: number;
  readonly unit?: string;
  /** Since when the confirmed status holds, ms UTC. */
  readonly sinceMs: number;
  readonly atMs: number;
  readonly flapping: boolean;
  /** Labels of the check's policy; routes match on them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One line of the history of a check: a confirmed status changed, or flapping began or ended. */
export interface CheckTransition {
  readonly checkId: string;
  readonly from: CheckStatus;
  readonly to: CheckStatus;
  readonly because: HealthCause;
  readonly message: string;
  readonly atMs: number;
}

/** Time of one UTC day by status, ms; what old stretches are added up to. */
export interface CheckDay {
  readonly checkId: string;
  /** Start of the day, ms UTC. */
  readonly dayMs: number;
  readonly passMs: number;
  readonly warnMs: number;
  readonly failMs: number;
  readonly unknownMs: number;
  readonly maintenanceMs: number;
}

/** A gap as it is written down. */
export type HealthGap = CheckGap;

/** What a decision about checks may write. */
export type HealthChange =
  /** The first state of a check; a conflict when there is one. */
  | { readonly kind: 'health.insert'; readonly state: CheckState }
  /** Replaces the state where the revision still is `expectRevision`. `signal` is what alerts follow. */
  | {
      readonly kind: 'health.update';
      readonly expectRevision: number;
      readonly state: CheckState;
      readonly because: HealthCause;
      readonly atMs: number;
      readonly signal?: HealthSignal;
    }
  /** Forgets the state of a check that is no longer in the config; its history stays. */
  | {
      readonly kind: 'health.remove';
      readonly checkId: string;
      readonly because: 'removed';
      readonly atMs: number;
      readonly signal?: HealthSignal;
    }
  | { readonly kind: 'health.transition'; readonly transition: CheckTransition }
  /** Adds a stretch, or lengthens the one that begins at the same instant. */
  | { readonly kind: 'health.span'; readonly span: CheckSpan }
  /** Replaces stretches that end at or before `throughMs` by sums of days, and keeps the newest transitions only. */
  | {
      readonly kind: 'health.compact';
      readonly checkId: string;
      readonly throughMs: number;
      readonly days: readonly CheckDay[];
      readonly keepTransitions: number;
    }
  | { readonly kind: 'health.gap'; readonly gap: HealthGap }
  /** Writes the instant, and nothing else: shows that the store can be written. */
  | { readonly kind: 'health.canary'; readonly atMs: number }
  | PingChange;

/** The signals of changes about to be committed, in order; a reaction turns them into alerts in the same commit. */
export function healthSignalsOf(changes: readonly Change[]): readonly HealthSignal[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'health.update' && change.kind !== 'health.remove') return [];
    // The kinds of changes are unique across all chapters.
    const { signal } = change as Extract<HealthChange, { kind: 'health.update' | 'health.remove' }>;
    return signal === undefined ? [] : [signal];
  });
}
