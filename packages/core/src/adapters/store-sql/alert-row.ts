import type { AlertNotice, SettledRecipients } from '../../ports/alert-channel.ts';
import type { Acknowledgement, Alert, AlertRecord, Silence } from '../../watch/alerts/alert.ts';
import { nextActionMs } from '../../watch/alerts/episode-rules.ts';
import type { OutboxAttempt, OutboxRow } from '../../watch/alerts/outbox.ts';
import type {
  AlertRow,
  AlertSentRow,
  AttemptEndRow,
  AttemptStartRow,
  OutboxStoredRow,
  SilenceRow,
} from './alert-rows.ts';
import { present, toJsonText } from './row-values.ts';

/** What of an alert stands in one JSON column: nobody asks for it in a query. */
type Episode = Pick<
  Alert,
  | 'labels'
  | 'closed'
  | 'suppression'
  | 'flap'
  | 'escalation'
  | 'timers'
  | 'notified'
  | 'parents'
  | 'avoidChannel'
>;

/** The row of an alert. */
export function toAlertRow(alert: Alert): AlertRow {
  const { labels, closed, suppression, flap, escalation, timers, notified, parents, avoidChannel } = alert;
  const episode = { labels, closed, suppression, flap, escalation, timers, notified, parents, avoidChannel };
  const { acknowledgement } = alert;
  return {
    alert_id: alert.id,
    alert_type: alert.alertType,
    alert_level: alert.level,
    execution_id: alert.executionId ?? null,
    related_error_code: alert.errorCode ?? null,
    alert_title: alert.title,
    alert_message: alert.message,
    alert_message_ko: alert.messageKo ?? null,
    alert_detail: toJsonText(alert.detail),
    acknowledged_by: acknowledgement?.operatorId ?? null,
    acknowledged_at: acknowledgement?.atMs ?? null,
    acknowledged_reason: acknowledgement?.reason ?? null,
    acknowledged_until: acknowledgement?.expiresAtMs ?? null,
    acknowledged_sticky: acknowledgement === undefined ? null : Number(acknowledgement.sticky),
    created_at: alert.startedAtMs,
    dedup_key: alert.dedupKey,
    revision: alert.revision,
    state: alert.state,
    peak_level: alert.peakLevel,
    is_event: Number(alert.event),
    seen_count: alert.count,
    refired: alert.refired,
    last_seen_at: alert.lastSeenAtMs,
    resolved_at: alert.resolvedAtMs ?? null,
    resolved_message: alert.resolvedMessage ?? null,
    closed_by: alert.closed?.operatorId ?? null,
    next_action_at: nextActionMs(alert) ?? null,
    episode: JSON.stringify(episode),
  };
}

/** The alert a row holds. */
export function fromAlertRow(row: AlertRow): Alert {
  // Only `toAlertRow` writes this column.
  const episode = JSON.parse(row.episode) as Episode;
  return {
    id: row.alert_id,
    revision: row.revision,
    dedupKey: row.dedup_key,
    // Only words of the unions are ever written.
    alertType: row.alert_type as Alert['alertType'],
    level: row.alert_level as Alert['level'],
    peakLevel: row.peak_level as Alert['level'],
    title: row.alert_title,
    message: row.alert_message,
    ...present('messageKo', row.alert_message_ko),
    ...present('resolvedMessage', row.resolved_message),
    ...present('detail', parsed<NonNullable<Alert['detail']>>(row.alert_detail)),
    ...present('executionId', row.execution_id),
    ...present('errorCode', row.related_error_code),
    state: row.state as Alert['state'],
    event: row.is_event === 1,
    startedAtMs: row.created_at,
    lastSeenAtMs: row.last_seen_at,
    ...present('resolvedAtMs', row.resolved_at),
    count: row.seen_count,
    refired: row.refired,
    ...present('acknowledgement', fromAcknowledgement(row)),
    ...episode,
  };
}

/** The alert a row holds, with the channels that were told. */
export function fromAlertRecordRow(row: AlertRow & AlertSentRow): AlertRecord {
  return {
    ...fromAlertRow(row),
    channelsSent: parsed<readonly string[]>(row.channels_sent) ?? [],
    ...present('sentAtMs', row.sent_at),
  };
}

/** The row of a notice. */
export function toOutboxRow(row: OutboxRow): OutboxStoredRow {
  return {
    outbox_id: row.id,
    seq: row.seq,
    revision: row.revision,
    channel_id: row.channelId,
    group_key: row.groupKey,
    reason: row.reason,
    alert_level: row.level,
    status: row.status,
    created_at: row.createdAtMs,
    next_at: row.nextAtMs,
    after_ids: JSON.stringify(row.afterIds),
    alert_count: row.alertCount,
    first_alert_id: row.firstAlertId,
    tells_first: Number(row.tellsFirst),
    maybe_repeat: Number(row.maybeRepeat),
    late: Number(row.late),
    plain: Number(row.plain),
    attempts: row.attempts,
    lease_boot_id: row.leaseBootId ?? null,
    ended_at: row.endedAtMs ?? null,
    last_error: row.lastError ?? null,
    notice: row.notice === undefined ? null : JSON.stringify(row.notice),
    recipients: row.settled === undefined ? null : JSON.stringify(row.settled),
  };
}

/** The notice a row holds. */
export function fromOutboxRow(row: OutboxStoredRow): OutboxRow {
  return {
    id: row.outbox_id,
    seq: row.seq,
    revision: row.revision,
    channelId: row.channel_id,
    groupKey: row.group_key,
    // Only words of the unions are ever written.
    reason: row.reason as OutboxRow['reason'],
    level: row.alert_level as OutboxRow['level'],
    status: row.status as OutboxRow['status'],
    createdAtMs: row.created_at,
    nextAtMs: row.next_at,
    afterIds: parsed<readonly string[]>(row.after_ids) ?? [],
    alertCount: row.alert_count,
    firstAlertId: row.first_alert_id,
    tellsFirst: row.tells_first === 1,
    maybeRepeat: row.maybe_repeat === 1,
    late: row.late === 1,
    plain: row.plain === 1,
    attempts: row.attempts,
    ...present('leaseBootId', row.lease_boot_id),
    ...present('endedAtMs', row.ended_at),
    ...present('lastError', row.last_error),
    ...present('notice', parsed<AlertNotice>(row.notice)),
    ...present('settled', parsed<SettledRecipients>(row.recipients)),
  };
}

/** The attempt a row holds. */
export function fromAttemptRow(row: AttemptStartRow & AttemptEndRow): OutboxAttempt {
  const { result, ended_at: endedAtMs, duration_ms: durationMs } = row;
  const attempt = {
    rowId: row.outbox_id,
    number: row.number,
    channelId: row.channel_id,
    bootId: row.boot_id,
    startedAtMs: row.started_at,
  };
  if (result === null || endedAtMs === null || durationMs === null) return attempt;
  const end = {
    // The table's checks admit no other words.
    result: result as NonNullable<OutboxAttempt['end']>['result'],
    endedAtMs,
    durationMs,
    ...present('text', row.attempt_text),
    ...present('ref', row.ref),
    ...present('rejectedRecipients', parsed<readonly string[]>(row.rejected_recipients)),
  };
  return { ...attempt, end };
}

/** The row of a silence. */
export function toSilenceRow(silence: Silence): SilenceRow {
  return {
    silence_id: silence.id,
    matchers: JSON.stringify(silence.matchers),
    created_by: silence.createdBy,
    reason: silence.reason,
    starts_at: silence.startsAtMs,
    ends_at: silence.endsAtMs,
    created_at: silence.createdAtMs,
    expired_by: silence.expiredBy ?? null,
  };
}

/** The silence a row holds. */
export function fromSilenceRow(row: SilenceRow): Silence {
  return {
    id: row.silence_id,
    matchers: parsed<Silence['matchers']>(row.matchers) ?? [],
    createdBy: row.created_by,
    reason: row.reason,
    startsAtMs: row.starts_at,
    endsAtMs: row.ends_at,
    createdAtMs: row.created_at,
    ...present('expiredBy', row.expired_by),
  };
}

function fromAcknowledgement(row: AlertRow): Acknowledgement | undefined {
  const { acknowledged_by: operatorId, acknowledged_reason: reason } = row;
  const { acknowledged_at: atMs, acknowledged_until: expiresAtMs } = row;
  if (operatorId === null || reason === null || atMs === null || expiresAtMs === null) return undefined;
  return { operatorId, reason, atMs, expiresAtMs, sticky: row.acknowledged_sticky === 1 };
}

/** A JSON column that only this module writes. */
function parsed<T>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T);
}
