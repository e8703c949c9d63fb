import type {
  AlertDetail,
  AlertView,
  AttemptView,
  ChannelView,
  DeliveryView,
  HealthCheckView,
  SilenceView,
} from '../../client/watch-views.ts';
import { findError } from '../../kernel/define-errors.ts';
import type { CheckStatus } from '../../ports/health-check.ts';
import { type Alert, type AlertMatcher, rankOf, type Silence } from '../../watch/alerts/alert.ts';
import type { ChannelReport } from '../../watch/alerts/delivery.ts';
import type { OutboxAttempt, OutboxRow } from '../../watch/alerts/outbox.ts';
import { isActive } from '../../watch/alerts/silence-rules.ts';
import type { Availability } from '../../watch/health/availability-rules.ts';
import type { CheckView } from '../../watch/health/check-view.ts';

/** An alert as every door shows it. */
export function alertView(alert: Alert, noticesMovedAtMs?: number): AlertView {
  const { acknowledgement: taken, suppression, escalation } = alert;
  return {
    id: alert.id,
    dedupKey: alert.dedupKey,
    alertType: alert.alertType,
    level: alert.level,
    state: alert.state,
    title: alert.title,
    message: alert.resolvedMessage ?? alert.message,
    labels: alert.labels,
    ...(alert.executionId === undefined ? {} : { executionId: alert.executionId }),
    ...(alert.errorCode === undefined ? {} : { errorCode: alert.errorCode }),
    event: alert.event,
    startedAtMs: alert.startedAtMs,
    lastSeenAtMs: alert.lastSeenAtMs,
    ...(alert.resolvedAtMs === undefined ? {} : { resolvedAtMs: alert.resolvedAtMs }),
    count: alert.count,
    ...(taken === undefined
      ? {}
      : {
          acknowledgedBy: taken.operatorId,
          acknowledgedAtMs: taken.atMs,
          acknowledgedReason: taken.reason,
          acknowledgedUntilMs: taken.expiresAtMs,
        }),
    ...(suppression === undefined ? {} : { suppressedBy: `${suppression.by} ${suppression.name}` }),
    ...(suppression?.by === 'silence' ? { silencedBy: suppression.name } : {}),
    flapping: alert.flap !== undefined,
    ...(escalation?.nextAtMs === undefined ? {} : { escalatesAtMs: escalation.nextAtMs }),
    ...(noticesMovedAtMs === undefined ? {} : { noticesMovedAtMs }),
  };
}

/** An alert with everything known about it. */
export function alertDetail(
  alert: Alert,
  rows: readonly OutboxRow[],
  attempts: ReadonlyMap<string, readonly OutboxAttempt[]>,
): AlertDetail {
  const error = alert.errorCode === undefined ? undefined : findError(alert.errorCode)?.definition;
  return {
    ...alertView(alert),
    ...(error === undefined ? {} : { userMessage: error.user.en }),
    ...(error?.remedy === undefined ? {} : { remedy: error.remedy.en }),
    deliveries: rows.map((row) => deliveryView(row, attempts.get(row.id))),
  };
}

/** Whoever looks first needs the gravest, then the newest. */
export function byGravity(a: Alert, b: Alert): number {
  return rankOf(b.level) - rankOf(a.level) || b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1);
}

function deliveryView(row: OutboxRow, attempts?: readonly OutboxAttempt[]): DeliveryView {
  const waits = row.status === 'pending' || row.status === 'retry';
  return {
    rowId: row.id,
    channelId: row.channelId,
    reason: row.reason,
    status: row.status,
    createdAtMs: row.createdAtMs,
    attempts: row.attempts,
    ...(waits ? { nextAttemptAtMs: row.nextAtMs } : {}),
    ...(row.status === 'sent' && row.endedAtMs !== undefined ? { sentAtMs: row.endedAtMs } : {}),
    ...(row.lastError === undefined ? {} : { problem: row.lastError }),
    ...(attempts === undefined ? {} : { history: attempts.map(attemptView) }),
  };
}

function attemptView({ number, startedAtMs, end }: OutboxAttempt): AttemptView {
  if (end === undefined) return { number, atMs: startedAtMs };
  const { result, durationMs, text, rejectedRecipients } = end;
  return {
    number,
    atMs: startedAtMs,
    result,
    durationMs,
    ...(text === undefined ? {} : { text }),
    ...(rejectedRecipients === undefined ? {} : { rejectedRecipients }),
  };
}

/** A silence as every door shows it. */
export function silenceView(silence: Silence, nowMs: number): SilenceView {
  const { id, createdBy, reason, startsAtMs, endsAtMs, expiredBy } = silence;
  return {
    id,
    matchers: silence.matchers.map(matcherText),
    createdBy,
    reason,
    startsAtMs,
    endsAtMs,
    ...(expiredBy === undefined ? {} : { endedBy: expiredBy }),
    active: expiredBy === undefined && isActive(silence, nowMs),
  };
}

/** `job=prices`, `level!=INFO`. */
function matcherText({ label, value, not }: AlertMatcher): string {
  return `${label}${not === true ? '!=' : '='}${value}`;
}

/** How a channel is doing. */
export function channelView(report: ChannelReport): ChannelView {
  const { channelId, kind, failures, waiting, lastSentAtMs, pausedUntilMs, isolated } = report;
  const lastError = isolated ? 'waits: our own connection is down' : report.lastError;
  return {
    id: channelId,
    kind,
    state: isolated || pausedUntilMs !== undefined ? 'paused' : failures > 0 ? 'failing' : 'ok',
    pending: waiting,
    ...(lastSentAtMs === undefined ? {} : { lastSentAtMs }),
    ...(lastError === undefined ? {} : { problem: lastError }),
    ...(pausedUntilMs === undefined ? {} : { pausedUntilMs }),
  };
}

/** A check as every door shows it. */
export function healthCheckView(view: CheckView, day?: Availability): HealthCheckView {
  const { last, why, sinceMs, alert, held, staleAtMs, lastKnownAtMs } = view;
  return {
    id: view.id,
    kind: view.kind,
    critical: view.critical,
    status: view.status,
    ...(why === undefined ? {} : { why }),
    ...(last === undefined
      ? {}
      : { message: last.message, lookedAtMs: last.atMs, durationMs: last.durationMs }),
    ...(last?.value === undefined ? {} : { value: last.value }),
    ...(last?.unit === undefined ? {} : { unit: last.unit }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(lastKnownAtMs === undefined ? {} : { lastKnownAtMs }),
    intervalMs: view.intervalMs,
    flapping: view.flapping,
    ...(alert === undefined ? {} : { alertLevel: alert }),
    ...(held === undefined ? {} : { held }),
    ...(staleAtMs === undefined ? {} : { staleAtMs }),
    dependsOn: view.dependsOn,
    ...(day === undefined ? {} : { day: sharesOf(day) }),
  };
}

function sharesOf(day: Availability): Readonly<Partial<Record<CheckStatus, number>>> {
  const { passMs, warnMs, failMs, unknownMs } = day;
  const wholeMs = passMs + warnMs + failMs + unknownMs;
  if (wholeMs === 0) return {};
  const percent = (ms: number) => Math.round((ms / wholeMs) * 10_000) / 100;
  return { pass: percent(passMs), warn: percent(warnMs), fail: percent(failMs), unknown: percent(unknownMs) };
}
