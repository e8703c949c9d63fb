import type { Alert } from './alert.ts';
import type { AlertCause } from './alert-changes.ts';
import type { OutboxRow } from './outbox.ts';

/** What screens hear of an alert. */
export interface AlertEvent {
  readonly alertId: string;
  readonly dedupKey: string;
  readonly alertType: string;
  readonly level: string;
  readonly state: string;
  readonly title: string;
  readonly count: number;
  readonly because: AlertCause;
  readonly atMs: number;
}

/** What screens hear of a notice. */
export interface NoticeEvent {
  readonly rowId: string;
  readonly channelId: string;
  readonly status: string;
  readonly attempts: number;
  readonly alertId: string;
  readonly atMs: number;
}

/** Events of alerts and of notices that arrived, failed or were given up. */
export interface AlertEvents {
  'alert.opened': AlertEvent;
  'alert.changed': AlertEvent;
  'alert.resolved': AlertEvent;
  'alert.acknowledged': AlertEvent;
  'notice.moved': NoticeEvent;
  'silence.made': { readonly silenceId: string; readonly operatorId: string };
  'silence.expired': { readonly silenceId: string; readonly operatorId: string };
}

/** The name under which a change of an alert is told. */
export function alertEventName(
  because: AlertCause,
): 'alert.opened' | 'alert.changed' | 'alert.resolved' | 'alert.acknowledged' {
  if (because === 'opened') return 'alert.opened';
  if (because === 'resolved' || because === 'closed') return 'alert.resolved';
  return because === 'acknowledged' ? 'alert.acknowledged' : 'alert.changed';
}

/** What is told of an alert. */
export function alertEvent(alert: Alert, because: AlertCause, atMs: number): AlertEvent {
  const { id: alertId, dedupKey, alertType, level, state, title, count } = alert;
  return { alertId, dedupKey, alertType, level, state, title, count, because, atMs };
}

/** What is told of a notice; absent while it only gathers. */
export function noticeEvent(row: OutboxRow, atMs: number): NoticeEvent | undefined {
  const { id: rowId, channelId, status, attempts, firstAlertId: alertId } = row;
  if (status === 'pending') return undefined;
  return { rowId, channelId, status, attempts, alertId, atMs };
}
