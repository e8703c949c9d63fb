import {
  type Acknowledgement,
  ALERT_MESSAGE_MAX_CHARACTERS,
  ALERT_TITLE_MAX_CHARACTERS,
  type Alert,
  DEDUP_KEY_MAX_CHARACTERS,
  graver,
  type RaiseSignal,
  type ResolveSignal,
  rankOf,
} from './alert.ts';

/** A key that came back so often within ten minutes of its resolution is flapping. */
export const FLAP_REFIRES = 3;
/** A flapping key has settled when it has not changed its mind for so long. */
export const FLAP_QUIET_MS = 600_000;
/** How long an acknowledgement lasts when nobody says otherwise. */
export const ACK_CRITICAL_MS = 4 * 3_600_000;
/** The same below CRITICAL. */
export const ACK_OTHER_MS = 24 * 3_600_000;
/** An acknowledgement lasts at most so long. */
export const ACK_MAX_MS = 30 * 86_400_000;
/** After an acknowledgement was taken back, the alert is told again so much later: a slip can be put right. */
export const UNACK_WAIT_MS = 10_000;
/** An alert that was closed by hand comes back with this signal: its cause is still there. */
export const RAISES_AFTER_CLOSE = 2;

/** The first episode of a signal, before anybody was told of it. */
export function openAlert(signal: RaiseSignal, id: string): Alert {
  const { alertType, level, atMs, executionId, errorCode, detail, messageKo, avoidChannel } = signal;
  const event = signal.event === true;
  return {
    id,
    revision: 0,
    dedupKey: keyOnRecord(signal.dedupKey),
    alertType,
    level,
    peakLevel: level,
    title: cut(signal.title.replaceAll(/\s+/gu, ' ').trim(), ALERT_TITLE_MAX_CHARACTERS),
    message: cut(signal.message, ALERT_MESSAGE_MAX_CHARACTERS),
    ...(messageKo === undefined ? {} : { messageKo: cut(messageKo, ALERT_MESSAGE_MAX_CHARACTERS) }),
    labels: signal.labels ?? {},
    ...(detail === undefined ? {} : { detail }),
    ...(executionId === undefined ? {} : { executionId }),
    ...(errorCode === undefined ? {} : { errorCode }),
    state: event ? 'resolved' : 'firing',
    event,
    startedAtMs: atMs,
    lastSeenAtMs: atMs,
    ...(event ? { resolvedAtMs: atMs } : {}),
    count: 1,
    refired: 0,
    timers: {},
    notified: {},
    parents: signal.parents ?? [],
    ...(avoidChannel === undefined ? {} : { avoidChannel }),
  };
}

/** The key as it stands on record. */
export function keyOnRecord(dedupKey: string): string {
  return cut(dedupKey, DEDUP_KEY_MAX_CHARACTERS);
}

/** The same alert was signalled again: counted, with the newest texts. */
export function repeatAlert(alert: Alert, signal: RaiseSignal): Alert {
  const fresh = openAlert(signal, alert.id);
  const { messageKo: _ko, detail: _detail, executionId: _id, errorCode: _code, ...kept } = alert;
  return {
    ...kept,
    level: fresh.level,
    peakLevel: graver(alert.peakLevel, fresh.level),
    title: fresh.title,
    message: fresh.message,
    ...(fresh.messageKo === undefined ? {} : { messageKo: fresh.messageKo }),
    ...(fresh.detail === undefined ? {} : { detail: fresh.detail }),
    ...(fresh.executionId === undefined ? {} : { executionId: fresh.executionId }),
    ...(fresh.errorCode === undefined ? {} : { errorCode: fresh.errorCode }),
    labels: fresh.labels,
    parents: fresh.parents,
    lastSeenAtMs: Math.max(alert.lastSeenAtMs, signal.atMs),
    count: alert.count + 1,
  };
}

/** True when a signal makes the alert graver than it is. */
export function isGraver(alert: Alert, signal: RaiseSignal): boolean {
  return rankOf(signal.level) > rankOf(alert.level);
}

/** It came back: the same episode goes on. */
export function refireAlert(alert: Alert, signal: RaiseSignal): Alert {
  const repeated = repeatAlert(alert, signal);
  const { resolvedAtMs: _at, closed: _closed, resolvedMessage: _text, ...rest } = repeated;
  const open: Alert = { ...withoutAck(rest), state: 'firing', refired: alert.refired + 1, timers: {} };
  return open.refired < FLAP_REFIRES ? open : holdFlapping(open, 'firing', { atMs: signal.atMs });
}

/** It is over. */
export function resolveAlert(alert: Alert, signal: Pick<ResolveSignal, 'atMs' | 'message'>): Alert {
  const { flap: _flap, suppression: _suppression, escalation, ...rest } = alert;
  const { message } = signal;
  return {
    ...rest,
    ...(message === undefined ? {} : { resolvedMessage: cut(message, ALERT_MESSAGE_MAX_CHARACTERS) }),
    ...(escalation === undefined ? {} : { escalation: stopped(escalation) }),
    state: 'resolved',
    resolvedAtMs: Math.max(signal.atMs, alert.startedAtMs),
    timers: {},
  };
}

/** Somebody has taken it: no reminders and no escalation until it expires. */
export function acknowledgeAlert(alert: Alert, acknowledgement: Acknowledgement): Alert {
  const { escalation, ...rest } = alert;
  return {
    ...rest,
    ...(escalation === undefined ? {} : { escalation: stopped(escalation) }),
    state: alert.state === 'resolved' ? 'resolved' : 'acknowledged',
    acknowledgement,
    timers: {},
  };
}

/** Nobody has it any more. */
export function withoutAck(alert: Alert): Alert {
  const { acknowledgement: _, ...rest } = alert;
  return { ...rest, state: alert.state === 'acknowledged' ? 'firing' : alert.state };
}

/** An operator says that it is over. */
export function closeAlert(
  alert: Alert,
  by: { readonly operatorId: string; readonly reason: string },
  atMs: number,
): Alert {
  return { ...resolveAlert(alert, { atMs }), closed: { ...by, atMs, raisesSince: 0 } };
}

/** Opening and resolving are held; `wanted` is what was said last. */
export function holdFlapping(
  alert: Alert,
  wanted: 'firing' | 'resolved',
  source: { readonly atMs: number; readonly external?: boolean },
): Alert {
  const { flap } = alert;
  const sinceMs = flap?.sinceMs ?? source.atMs;
  const changed = flap === undefined || flap.wanted !== wanted;
  const changedAtMs = changed ? source.atMs : flap.changedAtMs;
  const external = source.external ?? flap?.external ?? false;
  return { ...alert, flap: { sinceMs, changedAtMs, wanted, external } };
}

/** The hold is over; the alert is what it was before. */
export function withoutFlap(alert: Alert): Alert {
  const { flap: _, ...rest } = alert;
  return rest;
}

/** When a flapping alert has settled if nothing changes; absent when its source will say so. */
export function settlesAtMs(alert: Alert): number | undefined {
  return alert.flap?.external === false ? alert.flap.changedAtMs + FLAP_QUIET_MS : undefined;
}

/** Nothing keeps it from being told any more. */
export function withoutSuppression(alert: Alert): Alert {
  const { suppression: _, ...rest } = alert;
  return rest;
}

/** When the alert does something by itself next; absent when it waits for somebody else. */
export function nextActionMs(alert: Alert): number | undefined {
  if (alert.state === 'resolved') return undefined;
  const { timers, acknowledgement, escalation, suppression, state } = alert;
  const due: Array<number | undefined> = [acknowledgement?.expiresAtMs, settlesAtMs(alert)];
  if (state === 'pending') due.push(timers.holdUntilMs);
  if (state === 'firing' && suppression === undefined) {
    due.push(timers.remindAtMs, timers.tellAgainAtMs, escalation?.nextAtMs);
  }
  const known = due.filter((atMs) => atMs !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function stopped<E extends { readonly nextAtMs?: number }>(escalation: E): Omit<E, 'nextAtMs'> {
  const { nextAtMs: _, ...rest } = escalation;
  return rest;
}

function cut(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  const kept = whole.slice(0, most - 1);
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}…`;
}
