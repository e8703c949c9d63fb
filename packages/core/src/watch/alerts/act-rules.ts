import { opsException } from '../../kernel/ops-exception.ts';
import type { Alert, AlertMatcher, Silence } from './alert.ts';
import './alert-errors.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type AlertRules, takeBackCalls } from './announce-rules.ts';
import {
  ACK_CRITICAL_MS,
  ACK_MAX_MS,
  ACK_OTHER_MS,
  acknowledgeAlert,
  closeAlert,
  UNACK_WAIT_MS,
  withoutAck,
} from './episode-rules.ts';
import { endAlert } from './signal-rules.ts';
import { isActive, silenceProblem } from './silence-rules.ts';
import { applySilence } from './suppression-rules.ts';

/** Who acts, and why. */
export interface ActBy {
  readonly operatorId: string;
  readonly reason: string;
}

/** How an alert is taken. */
export interface AcknowledgeOptions {
  /** Default 4 h for critical alerts, 24 h for others; at most 30 days. */
  readonly expiresInMs?: number | undefined;
  /** Holds even when the level rises. */
  readonly sticky?: boolean | undefined;
}

/**
 * Takes an alert: reminders and escalation stop, also those that wait for their channel; its end is told all the same.
 * @throws INP-0920 unknown, BAT-0601 already taken, INP-0922 for a time out of range.
 */
export function decideAcknowledge(
  draft: AlertDraft,
  alert: Alert,
  act: AcknowledgeOptions & { readonly by: ActBy },
): Alert {
  const known = alert.acknowledgement;
  if (known !== undefined) {
    const at = new Date(known.atMs).toISOString();
    throw opsException('BAT-0601', `alert ${alert.id}: acknowledged by ${known.operatorId} at ${at}`, {
      data: { alertId: alert.id, acknowledgedBy: known.operatorId },
    });
  }
  const usualMs = alert.level === 'CRITICAL' ? ACK_CRITICAL_MS : ACK_OTHER_MS;
  const { expiresInMs = usualMs, sticky = false, by } = act;
  if (!Number.isSafeInteger(expiresInMs) || expiresInMs < 1 || expiresInMs > ACK_MAX_MS) {
    throw opsException('INP-0922', `expiresInMs: ${expiresInMs}; allowed: 1 … ${ACK_MAX_MS}`);
  }
  const acknowledgement = { ...by, atMs: draft.nowMs, expiresAtMs: draft.nowMs + expiresInMs, sticky };
  return draft.putAlert(acknowledgeAlert(takeBackCalls(draft, alert), acknowledgement), 'acknowledged');
}

/** Gives an alert back; it is told again after a moment. @throws BAT-0602 when nobody has it. */
export function decideUnacknowledge(draft: AlertDraft, alert: Alert): Alert {
  if (alert.acknowledgement === undefined) {
    throw opsException('BAT-0602', `alert ${alert.id}: nobody has acknowledged it`);
  }
  const awake = withoutAck(alert);
  const timers = awake.state === 'firing' ? { tellAgainAtMs: draft.nowMs + UNACK_WAIT_MS } : {};
  return draft.putAlert({ ...awake, timers }, 'unacknowledged');
}

/** Declares an alert finished. @throws BAT-0603 when it is over. */
export function decideClose(
  draft: AlertDraft,
  alert: Alert,
  close: { readonly by: ActBy; readonly rules: AlertRules },
): Alert {
  if (alert.state === 'resolved') throw opsException('BAT-0603', `alert ${alert.id}: it is already over`);
  return endAlert(draft, closeAlert(alert, close.by, draft.nowMs), close.rules);
}

/** What a new silence is made of. */
export interface SilenceRequest {
  readonly matchers: readonly AlertMatcher[];
  /** Default: now. */
  readonly startsAtMs?: number | undefined;
  /** Either this or `forMs`. */
  readonly endsAtMs?: number | undefined;
  /** How long from the beginning on, ms. */
  readonly forMs?: number | undefined;
}

/** Makes a silence. @throws INP-0921 for matchers or times that make no sense. */
export function decideSilence(
  draft: AlertDraft,
  request: SilenceRequest,
  made: { readonly by: ActBy; readonly id: string },
): Silence {
  const startsAtMs = request.startsAtMs ?? draft.nowMs;
  const { matchers, forMs = Number.NaN, endsAtMs = startsAtMs + forMs } = request;
  const problem = silenceProblem({ matchers, startsAtMs, endsAtMs });
  if (problem !== undefined) throw opsException('INP-0921', problem);
  if (endsAtMs <= draft.nowMs) throw opsException('INP-0921', 'endsAt: in the past');
  const silence: Silence = {
    id: made.id,
    matchers,
    createdBy: made.by.operatorId,
    reason: made.by.reason,
    startsAtMs,
    endsAtMs,
    createdAtMs: draft.nowMs,
  };
  draft.addSilence(silence);
  applySilence(draft, silence);
  return silence;
}

/** Ends a silence before its time. @throws INP-0923 when it is unknown or has ended. */
export function decideExpireSilence(draft: AlertDraft, silenceId: string, by: ActBy): Silence {
  const silence = [...draft.silences()].find((known) => known.id === silenceId);
  if (silence === undefined || (!isActive(silence, draft.nowMs) && silence.endsAtMs <= draft.nowMs)) {
    throw opsException('INP-0923', `silence: ${silenceId}; allowed: one that has not ended`);
  }
  draft.expireSilence(silenceId, by.operatorId);
  return silence;
}
