import type { TargetKind, TargetWork } from '../../ports/target.ts';
import type { Schedule } from '../scheduler/schedule.ts';
import type { TargetPolicies } from './target-policies.ts';

/** The specification's name for the trading pipeline. */
export const TARGET_PIPELINE = 'pipeline';
/** The specification's name for the check of the broker's connection. */
export const TARGET_BROKER_HEARTBEAT = 'broker_heartbeat';
/** The specification's name for the refresh of the dashboard. */
export const TARGET_DASHBOARD_UPDATE = 'dashboard_update';
/** The specification's name for backup and clean-up. */
export const TARGET_BACKUP_MAINTENANCE = 'backup_maintenance';

/** How failures of a target are answered (rules S10 to S12 of the scheduler). */
export interface ErrorPolicy {
  /** After failure n the target is not started before its end + min(errorBackoffMs · factor^(n−1), maxBackoffMs). */
  readonly errorBackoffMs: number;
  readonly backoffFactor: number;
  readonly maxBackoffMs: number;
  /** So many failed slots in a row suspend the target (its breaker opens). 1 … 1000. */
  readonly maxConsecutiveErrors: number;
  /** How long a suspended target rests before one probe; doubled after each failed probe, up to `maxCooldownMs`. */
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;
  /** `manual`: stays suspended until an operator resets it. */
  readonly recovery: 'auto' | 'manual';
}

/** What is looked after: a piece of work, when it runs and how its failures are answered. Comes from the config. */
export interface TargetDefinition {
  /** 1 to 50 characters: letters, digits, `_`, `-`, `.`; also its `job_id`. */
  readonly id: string;
  readonly title?: string;
  readonly work: TargetWork;
  /** Absent: runs only when an operator asks for it. */
  readonly schedule?: Schedule;
  /** A run that takes longer is ended and FAILED BAT-0303. */
  readonly timeoutMs: number;
  /** Between asking a run to end and ending it by force. */
  readonly stopGraceMs: number;
  /** A slot up to this late is still run (marked late); a later one is recorded as missed. */
  readonly graceMs: number;
  readonly errors: ErrorPolicy;
  readonly policies: TargetPolicies;
  /** True for a returned value that means failure; default: an object whose `status` is 'error' or 'failed'. */
  readonly failWhen: (value: unknown) => boolean;
}

/** The kind of work a target does. */
export function kindOf(definition: TargetDefinition): TargetKind {
  return definition.work.kind;
}

/** Circuit breaker of a target. `probeAtMs` absent: only an operator's reset closes it. */
export type Breaker =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open';
      readonly sinceMs: number;
      readonly cooldownMs: number;
      readonly probeAtMs?: number;
    }
  | {
      readonly kind: 'half-open';
      readonly sinceMs: number;
      readonly cooldownMs: number;
      readonly executionId: string;
    };

/** Set while an operator has paused the target. */
export interface Pause {
  readonly operatorId: string;
  readonly atMs: number;
  readonly reason: string;
}

/** What must be remembered about a target; one row, versioned by `revision`. */
export interface TargetState {
  readonly targetId: string;
  /** Grows with every change; a request may name the revision it was made for. */
  readonly revision: number;
  readonly consecutiveErrors: number;
  readonly breaker: Breaker;
  readonly backoffUntilMs?: number;
  readonly pause?: Pause;
  /** Every slot up to and including this instant has been accounted for. */
  readonly cursorMs: number;
  /** `delay` schedules only: the next slot, fixed when the previous run ended. */
  readonly nextSlotMs?: number;
  /** Grows when the wall clock was set back, so that ids of repeated instants differ. */
  readonly clockEra: number;
  /** Outcomes of the last runs, oldest first: `.` SUCCESS, `x` FAILED, `s` STOPPED; at most 24. */
  readonly outcomes: string;
  readonly lastExecutionId?: string;
  readonly lastStatus?: 'SUCCESS' | 'FAILED' | 'STOPPED';
  readonly lastEndedAtMs?: number;
  readonly lastDurationMs?: number;
  readonly lastSuccessAtMs?: number;
  readonly lastErrorCode?: string;
  readonly lastErrorMessage?: string;
}

/** So many outcomes of a target are kept for its strip. */
export const OUTCOMES_MAX = 24;
