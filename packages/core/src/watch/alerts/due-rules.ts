import type { Alert } from './alert.ts';
import type { AlertDraft } from './alert-draft.ts';
import type { AlertRules } from './announce-rules.ts';
import { nextActionMs, settlesAtMs, withoutAck } from './episode-rules.ts';
import { dueAt, restartEscalation, takeStep } from './escalation-rules.ts';
import { remindEveryMs } from './route-rules.ts';
import { settle, tellUnlessSuppressed } from './signal-rules.ts';
import { suppressionOf, tell } from './suppression-rules.ts';

/** What is done so much later than it was due is marked as late: the engine was not running. */
export const LATE_AFTER_MS = 60_000;

/** What decisions need, and which channels there are: a step to nobody is passed over. */
export interface DueRules extends AlertRules {
  readonly canReach: (channelId: string) => boolean;
}

/** Does what is due for one alert. Everything that was missed happens once. */
export function followDue(draft: AlertDraft, alert: Alert, rules: DueRules): void {
  const dueMs = nextActionMs(alert);
  if (dueMs === undefined || dueMs > draft.nowMs) return;
  const late = draft.nowMs - dueMs > LATE_AFTER_MS;
  if (isDue(alert.acknowledgement?.expiresAtMs, draft.nowMs)) {
    return tellAgain(draft, alert, { rules, late, because: 'acknowledgement-expired' });
  }
  if (alert.state === 'pending') return endHold(draft, alert, { rules, late });
  if (isDue(settlesAtMs(alert), draft.nowMs)) return settle(draft, alert, rules);
  if (isDue(alert.timers.tellAgainAtMs, draft.nowMs)) {
    return tellAgain(draft, alert, { rules, late, because: 'unacknowledged' });
  }
  if (isDue(alert.escalation?.nextAtMs, draft.nowMs)) return escalate(draft, alert, { rules, late });
  remind(draft, alert, { rules, late });
}

interface Due {
  readonly rules: DueRules;
  readonly late: boolean;
}

function endHold(draft: AlertDraft, alert: Alert, { rules, late }: Due): void {
  const suppression = suppressionOf(draft, alert, rules);
  if (suppression === undefined) tell(draft, alert, { rules, late });
  else draft.putAlert({ ...alert, state: 'firing', timers: {}, suppression }, 'suppressed');
}

function tellAgain(
  draft: AlertDraft,
  alert: Alert,
  { rules, late, because }: Due & { readonly because: 'acknowledgement-expired' | 'unacknowledged' },
): void {
  const { escalation, ...awake } = withoutAck(alert);
  const again = escalation === undefined ? {} : { escalation: restartEscalation(escalation, draft.nowMs) };
  const timers = { remindAtMs: draft.nowMs + remindEveryMs(awake, rules.settings) };
  const put = draft.putAlert({ ...awake, ...again, timers }, because);
  if (put.suppression === undefined) {
    tellUnlessSuppressed(draft, put, { rules, late, reason: 'reminder' });
  }
}

function escalate(draft: AlertDraft, alert: Alert, { rules, late }: Due): void {
  let { escalation } = alert;
  // Each step is passed over at most once for every round.
  while (escalation !== undefined && isDue(escalation.nextAtMs, draft.nowMs)) {
    const { step, state } = takeStep(alert, escalation, draft.nowMs);
    escalation = state;
    if (step === undefined) continue;
    const channels = step.to.filter((channelId) => rules.canReach(channelId));
    if (channels.length === 0) {
      escalation = dueAt(state, draft.nowMs);
      continue;
    }
    const put = draft.putAlert({ ...alert, escalation }, 'escalated');
    tellUnlessSuppressed(draft, put, { rules, late, reason: 'escalation', channels });
    return;
  }
  if (escalation !== undefined) draft.putAlert({ ...alert, escalation }, 'escalated');
}

function remind(draft: AlertDraft, alert: Alert, { rules, late }: Due): void {
  const remindAtMs = draft.nowMs + remindEveryMs(alert, rules.settings);
  const put = draft.putAlert({ ...alert, timers: { ...alert.timers, remindAtMs } }, 'told');
  tellUnlessSuppressed(draft, put, { rules, late, reason: 'reminder' });
}

function isDue(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && atMs <= nowMs;
}
