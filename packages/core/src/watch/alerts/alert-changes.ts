import type { Change } from '../../kernel/change.ts';
import type { Alert, Silence } from './alert.ts';
import type { ChannelState } from './channel-state-rules.ts';
import type { AttemptEnd, OutboxAttempt, OutboxRow, OutboxStatus } from './outbox.ts';

/** Why an alert changed; becomes the event, is not stored. */
export const ALERT_CAUSES = [
  'opened',
  'repeated',
  'level-raised',
  'level-lowered',
  'refired',
  'resolved',
  'acknowledged',
  'unacknowledged',
  'acknowledgement-expired',
  'closed',
  'suppressed',
  'released',
  'flapping',
  'settled',
  'told',
  'escalated',
] as const;
/** One of the causes. */
export type AlertCause = (typeof ALERT_CAUSES)[number];

/** What a decision about alerts may write. */
export type AlertChange =
  /** A new episode; a conflict when the key has an open one. */
  | { readonly kind: 'alert.insert'; readonly alert: Alert }
  /** Replaces the episode whose revision is `expectRevision`; `alert.revision` is one higher. */
  | {
      readonly kind: 'alert.update';
      readonly expectRevision: number;
      readonly alert: Alert;
      readonly because: AlertCause;
      readonly atMs: number;
    }
  /** A new row and the alerts in it. */
  | { readonly kind: 'outbox.insert'; readonly row: OutboxRow; readonly alertIds: readonly string[] }
  /** Replaces the row whose status and revision still are `expect`. */
  | {
      readonly kind: 'outbox.update';
      readonly expect: { readonly status: OutboxStatus; readonly revision: number };
      readonly row: OutboxRow;
      readonly atMs: number;
    }
  /** Puts one more alert into a row. */
  | { readonly kind: 'outbox.join'; readonly rowId: string; readonly alertId: string }
  | { readonly kind: 'outbox.attempt'; readonly attempt: OutboxAttempt }
  | {
      readonly kind: 'outbox.attempt-end';
      readonly rowId: string;
      readonly number: number;
      readonly end: AttemptEnd;
    }
  /** How a channel is doing after an attempt began or ended. */
  | { readonly kind: 'outbox.channel'; readonly channelId: string; readonly state: ChannelState }
  /**
   * Takes away history that ended before `beforeMs`. Episodes that are open or ended later, and notices that are on
   * their way or speak of one of those, are refused by the store.
   */
  | {
      readonly kind: 'alert.forget';
      readonly beforeMs: number;
      readonly rowIds: readonly string[];
      readonly alertIds: readonly string[];
    }
  | { readonly kind: 'silence.insert'; readonly silence: Silence }
  /** Ends a silence before its time. */
  | {
      readonly kind: 'silence.expire';
      readonly silenceId: string;
      readonly atMs: number;
      readonly operatorId: string;
    };

/** True for the changes of this chapter. */
export function isAlertChange(change: Change): change is AlertChange {
  return /^(?:alert|outbox|silence)\./.test(change.kind);
}
