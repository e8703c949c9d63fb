import type { Alert, AlertSignal, FlapSignal, RaiseSignal, ResolveSignal } from './alert.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type AlertRules, announce } from './announce-rules.ts';
import {
  FLAP_REFIRES,
  holdFlapping,
  isGraver,
  keyOnRecord,
  openAlert,
  RAISES_AFTER_CLOSE,
  refireAlert,
  repeatAlert,
  resolveAlert,
  withoutAck,
  withoutFlap,
} from './episode-rules.ts';
import { restartEscalation } from './escalation-rules.ts';
import { armed, openOrHold, releaseExplained, reviewAlert, suppressionOf } from './suppression-rules.ts';

/** Decides what follows from one signal. */
export function followSignal(draft: AlertDraft, said: AlertSignal, rules: AlertRules): void {
  // The same cut as on record: a longer key would never find the alert that is open under it.
  const signal = { ...said, dedupKey: keyOnRecord(said.dedupKey) };
  switch (signal.kind) {
    case 'raise':
      return raise(draft, signal, rules);
    case 'resolve':
      return resolve(draft, signal, rules);
    case 'flap':
      return flap(draft, signal, rules);
    default:
      return signal satisfies never;
  }
}

/** Ends an open alert: whoever was told of its beginning is told of its end. */
export function endAlert(draft: AlertDraft, resolved: Alert, rules: AlertRules): Alert {
  const put = draft.putAlert(resolved, 'resolved');
  const told = announce(draft, put, { reason: 'resolved', rules });
  releaseExplained(draft, resolved.dedupKey);
  return told;
}

function raise(draft: AlertDraft, signal: RaiseSignal, rules: AlertRules): void {
  const open = signal.event === true ? undefined : draft.findOpen(signal.dedupKey);
  if (open !== undefined) return repeat(draft, { open, signal }, rules);
  const recent = signal.event === true ? undefined : draft.findRecent(signal.dedupKey, draft.nowMs);
  if (recent !== undefined) return comeBack(draft, { recent, signal }, rules);
  const alert = draft.putAlert(openAlert(signal, rules.newId()), 'opened');
  openOrHold(draft, alert, rules);
}

function repeat(
  draft: AlertDraft,
  { open, signal }: { readonly open: Alert; readonly signal: RaiseSignal },
  rules: AlertRules,
): void {
  const repeated = repeatAlert(open, signal);
  const next = open.flap === undefined ? repeated : holdFlapping(repeated, 'firing', signal);
  const sticky = open.state === 'acknowledged' && open.acknowledgement?.sticky === true;
  const untold = open.suppression !== undefined;
  if (!isGraver(open, signal)) {
    const put = draft.putAlert(next, next.level === open.level ? 'repeated' : 'level-lowered');
    if (untold) reviewAlert(draft, put, rules);
    return;
  }
  if (open.state === 'pending' || sticky) {
    const put = draft.putAlert(next, 'level-raised');
    if (untold) reviewAlert(draft, put, rules);
    return;
  }
  const { escalation, ...awake } = withoutAck(next);
  const again = escalation === undefined ? {} : { escalation: restartEscalation(escalation, draft.nowMs) };
  if (untold) {
    // What kept it untold may be about the level it had.
    reviewAlert(draft, draft.putAlert({ ...awake, ...again }, 'level-raised'), rules);
    return;
  }
  const raised = draft.putAlert(armed(draft, { ...awake, ...again }, rules), 'level-raised');
  tellUnlessSuppressed(draft, raised, { rules, reason: 'severity-up' });
}

function comeBack(
  draft: AlertDraft,
  { recent, signal }: { readonly recent: Alert; readonly signal: RaiseSignal },
  rules: AlertRules,
): void {
  const { closed } = recent;
  if (closed !== undefined && closed.raisesSince + 1 < RAISES_AFTER_CLOSE) {
    const raisesSince = closed.raisesSince + 1;
    draft.putAlert({ ...recent, closed: { ...closed, raisesSince } }, 'repeated');
    return;
  }
  const { escalation: _, ...refired } = refireAlert(recent, signal);
  const back = draft.putAlert(refired, 'refired');
  if (back.refired >= FLAP_REFIRES) {
    const held = draft.putAlert(armed(draft, back, rules), 'flapping');
    tellUnlessSuppressed(draft, held, { rules, reason: 'flapping' });
  } else openOrHold(draft, back, rules);
}

function resolve(draft: AlertDraft, signal: ResolveSignal, rules: AlertRules): void {
  const open = draft.findOpen(signal.dedupKey);
  if (open === undefined) return;
  if (open.flap !== undefined) {
    const { message } = signal;
    const held = holdFlapping(open, 'resolved', signal);
    const texts = message === undefined ? {} : { resolvedMessage: message.slice(0, 1000) };
    draft.putAlert({ ...held, ...texts }, 'repeated');
    return;
  }
  endAlert(draft, resolveAlert(open, signal), rules);
}

function flap(draft: AlertDraft, signal: FlapSignal, rules: AlertRules): void {
  const open = draft.findOpen(signal.dedupKey);
  if (open === undefined || (open.flap !== undefined) === signal.flapping) return;
  if (!signal.flapping) return settle(draft, open, rules);
  const held = holdFlapping(open, 'firing', { atMs: signal.atMs, external: true });
  const put = draft.putAlert(held, 'flapping');
  if (put.state !== 'pending') tellUnlessSuppressed(draft, put, { rules, reason: 'flapping' });
}

/** The hold is over: the alert ends, or goes on as it was. */
export function settle(draft: AlertDraft, alert: Alert, rules: AlertRules): void {
  const wanted = alert.flap?.wanted;
  const settled = withoutFlap(alert);
  if (wanted === 'resolved') {
    const atMs = alert.flap?.changedAtMs ?? draft.nowMs;
    endAlert(draft, resolveAlert(settled, { atMs }), rules);
    return;
  }
  const put = draft.putAlert(settled, 'settled');
  if (put.state === 'firing') tellUnlessSuppressed(draft, put, { rules, reason: 'reminder' });
}

/** Tells channels of an open alert, unless somebody asked for silence meanwhile: then it is told when that ends. */
export function tellUnlessSuppressed(
  draft: AlertDraft,
  alert: Alert,
  told: Parameters<typeof announce>[2],
): Alert {
  const suppression = suppressionOf(draft, alert, told.rules);
  if (suppression === undefined) return announce(draft, alert, told);
  return draft.putAlert({ ...alert, suppression }, 'suppressed');
}
