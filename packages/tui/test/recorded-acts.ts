import type { ActRequest, AlertView, AuditView } from '@qts-ops/core/client';
import type { Act } from '../src/state/act.ts';

/** A request as it reached the engine. */
export interface SeenRequest extends ActRequest {
  readonly act: Act;
  readonly subject: string;
  readonly forMs?: number | undefined;
}

/** The alert after an act on it. */
export function afterAct(
  alert: AlertView,
  { act, reason, forMs = 0 }: SeenRequest,
  nowMs: number,
): AlertView {
  const {
    acknowledgedBy: _,
    acknowledgedAtMs: __,
    acknowledgedReason: ___,
    acknowledgedUntilMs: ____,
    ...free
  } = alert;
  if (act === 'silence') return { ...alert, suppressedBy: 'silence alice' };
  if (act === 'unacknowledge') return { ...free, state: 'firing' };
  return {
    ...alert,
    state: 'acknowledged',
    acknowledgedBy: 'alice',
    acknowledgedAtMs: nowMs,
    acknowledgedReason: reason,
    acknowledgedUntilMs: nowMs + forMs,
  };
}

/** The audit row of an act. */
export function auditOf(seen: SeenRequest, seq: number, atMs: number): AuditView {
  const types: Readonly<Record<Act, string>> = {
    run: 'BATCH_START',
    stop: 'BATCH_STOP',
    pause: 'TARGET_PAUSE',
    resume: 'TARGET_RESUME',
    reset: 'TARGET_RESET',
    acknowledge: 'ALERT_ACKNOWLEDGE',
    unacknowledge: 'ALERT_UNACKNOWLEDGE',
    silence: 'ALERT_SILENCE',
    unsilence: 'ALERT_SILENCE_END',
  };
  return {
    seq,
    atMs,
    auditType: types[seen.act],
    targetId: seen.subject,
    operatorId: 'alice',
    reason: seen.reason,
    outcome: 'OK',
  };
}
