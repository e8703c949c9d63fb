import type { AlertLevel, AlertNotice, NoticeReason, SettledRecipients } from '../../ports/alert-channel.ts';

/** Where a notice is on its way. `superseded`: a newer one says everything this one would have said. */
export const OUTBOX_STATUSES = ['pending', 'sending', 'retry', 'sent', 'dead', 'superseded'] as const;
/** One of the states of a row. */
export type OutboxStatus = (typeof OUTBOX_STATUSES)[number];

/** One notice to one channel. Nothing is ever sent that is not such a row first. */
export interface OutboxRow {
  /** UUIDv7, and the id of the notice: the same in every attempt. */
  readonly id: string;
  /** Order of creation in the whole outbox. */
  readonly seq: number;
  readonly revision: number;
  readonly channelId: string;
  /** What is told together: the key of one alert, of a group, or of a digest. */
  readonly groupKey: string;
  readonly reason: NoticeReason;
  /** The highest of the alerts in it. */
  readonly level: AlertLevel;
  readonly status: OutboxStatus;
  readonly createdAtMs: number;
  /** Not sent before this instant. */
  readonly nextAtMs: number;
  /** Rows of the same alerts that must be finished first, so that nobody hears «resolved» before «firing». */
  readonly afterIds: readonly string[];
  /** How many alerts are in it; the first is the one that made it. */
  readonly alertCount: number;
  readonly firstAlertId: string;
  /** True when the channel hears of all of these alerts for the first time by this row. */
  readonly tellsFirst: boolean;
  /** True when an earlier attempt may have arrived. */
  readonly maybeRepeat: boolean;
  /** True when it should have been told more than a minute earlier: the engine was not running. */
  readonly late: boolean;
  /** True after a channel refused the formatted text: the next attempt carries plain text only. */
  readonly plain: boolean;
  readonly attempts: number;
  /** The start of the engine that is sending it. */
  readonly leaseBootId?: string;
  readonly endedAtMs?: number;
  readonly lastError?: string;
  /** As it was worded at the first attempt; every further attempt says the same. */
  readonly notice?: AlertNotice;
  /** Recipients for whom it is settled while others still wait. */
  readonly settled?: SettledRecipients;
}

/** What became of an attempt. `lost`: the engine died while it was under way. */
export const ATTEMPT_RESULTS = ['sent', 'retry', 'rejected', 'lost'] as const;
/** One of the results. */
export type AttemptResult = (typeof ATTEMPT_RESULTS)[number];

/** One attempt to send a row; written before it is made, completed once, kept for the history. */
export interface OutboxAttempt {
  readonly rowId: string;
  /** 1 for the first. */
  readonly number: number;
  readonly channelId: string;
  readonly bootId: string;
  readonly startedAtMs: number;
  readonly end?: AttemptEnd;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly result: AttemptResult;
  readonly endedAtMs: number;
  readonly durationMs: number;
  /** Redacted, at most 256 characters. */
  readonly text?: string;
  /** The id the other side gave, if any. */
  readonly ref?: string;
  readonly rejectedRecipients?: readonly string[];
}

/** True while a row still has to be sent. */
export function isLive(row: Pick<OutboxRow, 'status'>): boolean {
  return row.status === 'pending' || row.status === 'sending' || row.status === 'retry';
}

/**
 * True for a row that was given up when nobody can know of its alerts: it was the first of them, nobody has it, and no
 * attempt may have arrived. A reminder that was given up takes nothing from those who heard of the beginning.
 */
export function isUnheard(
  row: Pick<OutboxRow, 'status' | 'settled' | 'tellsFirst' | 'maybeRepeat'>,
): boolean {
  const { status, settled, tellsFirst, maybeRepeat } = row;
  return status === 'dead' && tellsFirst && !maybeRepeat && (settled?.accepted.length ?? 0) === 0;
}

/** True while more may be put into the row: nothing of it was ever handed to the channel. */
export function isUntouched(row: Pick<OutboxRow, 'status' | 'attempts'>): boolean {
  return row.status === 'pending' && row.attempts === 0;
}
