import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckState } from './check-state.ts';
import type { HealthCause, HealthGap } from './health-changes.ts';

/** What an event about a check says. */
export interface CheckEvent {
  readonly checkId: string;
  readonly status: CheckStatus;
  readonly because: HealthCause;
  readonly message: string;
  readonly flapping: boolean;
  readonly atMs: number;
}

/** What the health chapter says, in the past tense. */
export interface HealthEvents {
  /** The confirmed status of a check, or whether it flaps, is another one. */
  'check.changed': CheckEvent;
  /** A look was written down that changed neither. */
  'check.looked': CheckEvent;
  'check.removed': { readonly checkId: string; readonly atMs: number };
  'health.gap': HealthGap;
}

/** The name of the event that a written state stands for. */
export function checkEventName(because: HealthCause): 'check.looked' | 'check.changed' {
  const quiet = because === 'seen' || because === 'confirming' || because === 'released';
  return quiet ? 'check.looked' : 'check.changed';
}

/** The payload of an event about a check. */
export function checkEvent(state: CheckState, because: HealthCause, atMs: number): CheckEvent {
  const { checkId, status, flapping, last } = state;
  return { checkId, status, because, message: last?.message ?? '', flapping, atMs };
}
