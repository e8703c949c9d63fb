// Rows of the alert tables as they are stored: instants are ms UTC, JSON is text, truth is 0 or 1.

/** A row of `ops_alert`, without what its notices fill in. */
export interface AlertRow {
  alert_id: string;
  alert_type: string;
  alert_level: string;
  execution_id: string | null;
  related_error_code: string | null;
  alert_title: string;
  alert_message: string;
  alert_message_ko: string | null;
  alert_detail: string | null;
  acknowledged_by: string | null;
  acknowledged_at: number | null;
  acknowledged_reason: string | null;
  acknowledged_until: number | null;
  acknowledged_sticky: number | null;
  created_at: number;
  dedup_key: string;
  revision: number;
  state: string;
  peak_level: string;
  is_event: number;
  seen_count: number;
  refired: number;
  last_seen_at: number;
  resolved_at: number | null;
  resolved_message: string | null;
  closed_by: string | null;
  next_action_at: number | null;
  episode: string;
}

/** Columns of `ops_alert` that follow from its notices. */
export interface AlertSentRow {
  channels_sent: string;
  sent_at: number | null;
}

/** A row of `alert_outbox`. */
export interface OutboxStoredRow {
  outbox_id: string;
  seq: number;
  revision: number;
  channel_id: string;
  group_key: string;
  reason: string;
  alert_level: string;
  status: string;
  created_at: number;
  next_at: number;
  after_ids: string;
  alert_count: number;
  first_alert_id: string;
  tells_first: number;
  maybe_repeat: number;
  late: number;
  plain: number;
  attempts: number;
  lease_boot_id: string | null;
  ended_at: number | null;
  last_error: string | null;
  notice: string | null;
  recipients: string | null;
}

/** A row of `alert_outbox_alert`: one alert a notice speaks of. */
export interface OutboxAlertRow {
  outbox_id: string;
  alert_id: string;
}

/** What is written before an attempt is made. */
export interface AttemptStartRow {
  outbox_id: string;
  number: number;
  channel_id: string;
  boot_id: string;
  started_at: number;
}

/** What is written when it has ended. */
export interface AttemptEndRow {
  result: string | null;
  ended_at: number | null;
  duration_ms: number | null;
  attempt_text: string | null;
  ref: string | null;
  rejected_recipients: string | null;
}

/** A row of `alert_silence`. */
export interface SilenceRow {
  silence_id: string;
  matchers: string;
  created_by: string;
  reason: string;
  starts_at: number;
  ends_at: number;
  created_at: number;
  expired_by: string | null;
}

/** A row of `alert_channel`. */
export interface ChannelRow {
  channel_id: string;
  failures: number;
  last_sent_at: number | null;
  last_failed_at: number | null;
  last_error: string | null;
  paused_until: number;
  refused_until: number;
  calm_until: number;
  tokens: number;
  tokens_at: number;
}

/** Tables of the alerts chapter. */
export interface AlertSchema {
  ops_alert: AlertRow & AlertSentRow;
  alert_outbox: OutboxStoredRow;
  alert_outbox_alert: OutboxAlertRow;
  alert_attempt: AttemptStartRow & AttemptEndRow;
  alert_silence: SilenceRow;
  alert_channel: ChannelRow;
  /** Up to where history was cut; one row at most. */
  alert_history: { history: number; cut_at: number };
}
