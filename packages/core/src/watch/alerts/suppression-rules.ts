import { type Alert, isOpen, type Silence, type Suppression } from './alert.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type AlertRules, announce } from './announce-rules.ts';
import { withoutSuppression } from './episode-rules.ts';
import { beginEscalation, resumeEscalation } from './escalation-rules.ts';
import { couldBeExplained, explanationOf, INHIBIT_RELEASE_MS, INHIBIT_WAIT_MS } from './inhibition-rules.ts';
import { windowOf } from './maintenance-window-rules.ts';
import { remindEveryMs } from './route-rules.ts';
import { silenceOf } from './silence-rules.ts';

const MINUTE_MS = 60_000;

/** What keeps an alert untold now; absent when nothing does. */
export function suppressionOf(draft: AlertDraft, alert: Alert, rules: AlertRules): Suppression | undefined {
  const { settings } = rules;
  const cause = explanationOf(alert, draft, settings.inhibitions);
  if (cause !== undefined) return { ...cause, sinceMs: draft.nowMs };
  const silence = silenceOf(alert, draft.silences(), draft.nowMs);
  if (silence !== undefined) return { by: 'silence', name: silence.id, sinceMs: draft.nowMs };
  const window = windowOf(alert, settings.windows, draft.nowMs);
  return window === undefined ? undefined : { by: 'maintenance', name: window.id, sinceMs: draft.nowMs };
}

/** What becomes of an alert that has just opened: told, held for a moment, or kept untold. */
export function openOrHold(draft: AlertDraft, alert: Alert, rules: AlertRules): Alert {
  const suppression = suppressionOf(draft, alert, rules);
  if (suppression !== undefined) return draft.putAlert({ ...alert, suppression }, 'suppressed');
  if (!alert.event && couldBeExplained(alert, rules.settings.inhibitions)) {
    const timers = { holdUntilMs: draft.nowMs + INHIBIT_WAIT_MS };
    return draft.putAlert({ ...alert, state: 'pending', timers }, 'suppressed');
  }
  return tell(draft, alert, { rules });
}

/** Tells of an alert for the first time, or again when nothing keeps it untold any more. */
export function tell(
  draft: AlertDraft,
  alert: Alert,
  { rules, late = false }: { readonly rules: AlertRules; readonly late?: boolean },
): Alert {
  const told = armed(draft, withResumed(withoutSuppression(alert), draft.nowMs), rules);
  const firing: Alert = { ...told, state: told.state === 'pending' ? 'firing' : told.state };
  const reason = Object.keys(alert.notified).length > 0 && alert.refired === 0 ? 'reminder' : 'first';
  return announce(draft, draft.putAlert(firing, 'released'), { reason, late, rules });
}

/** The alert with its reminder and its escalation set; what is over has none. */
export function armed(draft: AlertDraft, alert: Alert, rules: AlertRules): Alert {
  if (alert.event) return alert;
  const escalation = alert.escalation ?? beginEscalation(alert, rules.settings, draft.nowMs);
  const remindAtMs = draft.nowMs + remindEveryMs(alert, rules.settings);
  return { ...alert, timers: { remindAtMs }, ...(escalation === undefined ? {} : { escalation }) };
}

/** Looks again at every alert that is kept untold. */
export function reviewSuppressed(draft: AlertDraft, rules: AlertRules): void {
  for (const alert of [...draft.suppressedAlerts()]) reviewAlert(draft, alert, rules);
}

/** Looks again at an alert that is kept untold: its level or labels may have changed, or its cause be over. */
export function reviewAlert(draft: AlertDraft, alert: Alert, rules: AlertRules): void {
  const now = suppressionOf(draft, alert, rules);
  if (now === undefined) releaseOrTell(draft, alert, rules);
  else if (now.by !== alert.suppression?.by || now.name !== alert.suppression.name) {
    draft.putAlert({ ...alert, suppression: now }, 'suppressed');
  }
}

/** Open alerts show the silence that fits them at once. What is on its way to a channel already still arrives. */
export function applySilence(draft: AlertDraft, silence: Silence): void {
  for (const alert of [...draft.openAlerts()]) {
    if (alert.state === 'pending' || alert.suppression !== undefined) continue;
    if (silenceOf(alert, [silence], draft.nowMs) === undefined) continue;
    const suppression = { by: 'silence', name: silence.id, sinceMs: draft.nowMs } as const;
    draft.putAlert({ ...alert, suppression }, 'suppressed');
  }
}

/** Silences that were made for later and have begun since. */
export function applyBegunSilences(draft: AlertDraft): void {
  for (const silence of [...draft.silences()]) {
    if (silence.startsAtMs > silence.createdAtMs) applySilence(draft, silence);
  }
}

/** The cause of others is over: they get a moment to end as well before anybody hears of them. */
export function releaseExplained(draft: AlertDraft, dedupKey: string): void {
  for (const alert of [...draft.suppressedAlerts()]) {
    if (alert.suppression?.name === dedupKey && isExplained(alert)) hold(draft, alert);
  }
}

/** When a suppressed alert must be looked at again; absent when the end of its cause says so. */
export function reviewAtMs(alert: Alert, endOf: (silenceId: string) => number | undefined, nowMs: number) {
  const { suppression } = alert;
  if (suppression === undefined || !isOpen(alert)) return undefined;
  if (suppression.by === 'silence') return endOf(suppression.name) ?? nowMs;
  if (suppression.by === 'maintenance') return (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  return undefined;
}

/** Nobody could take it while nobody was told: the step that came due meanwhile gets its time again. */
function withResumed(alert: Alert, nowMs: number): Alert {
  const { escalation } = alert;
  return escalation === undefined ? alert : { ...alert, escalation: resumeEscalation(escalation, nowMs) };
}

function releaseOrTell(draft: AlertDraft, alert: Alert, rules: AlertRules): void {
  if (isExplained(alert)) hold(draft, alert);
  else if (alert.state === 'acknowledged') draft.putAlert(withoutSuppression(alert), 'released');
  else tell(draft, alert, { rules });
}

function hold(draft: AlertDraft, alert: Alert): void {
  const timers = { holdUntilMs: draft.nowMs + INHIBIT_RELEASE_MS };
  const state = alert.state === 'firing' ? 'pending' : alert.state;
  draft.putAlert({ ...withoutSuppression(alert), state, timers }, 'released');
}

function isExplained(alert: Alert): boolean {
  return alert.suppression?.by === 'parent' || alert.suppression?.by === 'inhibition';
}
