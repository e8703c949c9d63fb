/** Whether the desk may trade: NORMAL and WARNING may, FAIL and LOCKDOWN may not. */
export type SafetyState = 'NORMAL' | 'WARNING' | 'FAIL' | 'LOCKDOWN';

/** The desk's safety with the code that caused it. */
export interface Safety {
  readonly state: SafetyState;
  /** Code of the event that led here, such as `AN001` or `FS050`; absent in NORMAL. */
  readonly code?: string;
}

/** What can happen to safety; `approvedBy` names the operator who takes the responsibility. */
export type SafetyEvent =
  | { readonly kind: 'anomaly'; readonly code: string }
  | { readonly kind: 'fail-safe'; readonly code: string }
  | { readonly kind: 'recover'; readonly approvedBy?: string | undefined };

/** Outcome of an event: the safety from now on, and why a request was refused. */
export interface SafetyStep {
  readonly safety: Safety;
  readonly refusal?: string;
}

/** Where every desk starts. */
export const NORMAL_SAFETY: Safety = { state: 'NORMAL' };

/** The safety after an event; a second fail-safe locks the desk, and only a named operator unlocks it. */
export function stepSafety(safety: Safety, event: SafetyEvent): SafetyStep {
  switch (event.kind) {
    case 'anomaly':
      return { safety: safety.state === 'NORMAL' ? { state: 'WARNING', code: event.code } : safety };
    case 'fail-safe':
      return { safety: afterFailSafe(safety, event.code) };
    case 'recover':
      return recover(safety, event.approvedBy);
    default:
      return event satisfies never;
  }
}

/** True when new orders are allowed. */
export function mayTrade(safety: Safety): boolean {
  return safety.state === 'NORMAL' || safety.state === 'WARNING';
}

function afterFailSafe(safety: Safety, code: string): Safety {
  switch (safety.state) {
    case 'NORMAL':
    case 'WARNING':
      return { state: 'FAIL', code };
    case 'FAIL':
      return { state: 'LOCKDOWN', code };
    case 'LOCKDOWN':
      return safety;
    default:
      return safety.state satisfies never;
  }
}

function recover(safety: Safety, approvedBy: string | undefined): SafetyStep {
  if (safety.state === 'LOCKDOWN' && (approvedBy ?? '').trim() === '') {
    return { safety, refusal: `LOCKDOWN (${safety.code}) needs the approval of a named operator` };
  }
  return { safety: NORMAL_SAFETY };
}
