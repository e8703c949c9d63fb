import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { Committer } from '../../kernel/change.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { Alert, AlertRecord, AlertState, AlertType, Silence } from './alert.ts';
import type { AlertChange } from './alert-changes.ts';
import type { ChannelState } from './channel-state-rules.ts';
import type { OutboxAttempt, OutboxRow, OutboxStatus } from './outbox.ts';

/** Which alerts are asked for, newest first. */
export interface AlertQuery {
  readonly alertType?: AlertType | undefined;
  readonly level?: AlertLevel | undefined;
  readonly state?: AlertState | undefined;
  /** True: every state but resolved. */
  readonly open?: boolean | undefined;
  readonly acknowledged?: boolean | undefined;
  readonly dedupKey?: string | undefined;
  readonly executionId?: string | undefined;
  /** Started at or after / before, ms UTC. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** 1 … 1000; default 100. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** Which rows of the outbox are asked for, newest first. */
export interface OutboxQuery {
  readonly channelId?: string | undefined;
  readonly status?: OutboxStatus | undefined;
  /** Rows this alert is in. */
  readonly alertId?: string | undefined;
  /** 1 … 1000; default 100. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** How many alerts of each level nobody has acknowledged. */
export type UnacknowledgedCounts = Readonly<Record<AlertLevel, number>>;

/** Everything the alerts service keeps in memory, as it stands in the store. */
export interface StoredAlerts {
  /** Open ones, those resolved since `sinceMs`, and those a live row speaks of. */
  readonly alerts: readonly Alert[];
  /** Live rows, and every row made since `sinceMs`. */
  readonly rows: readonly OutboxRow[];
  /** Which alerts are in the live rows. */
  readonly members: ReadonlyArray<{ readonly rowId: string; readonly alertId: string }>;
  /** How each channel was doing at its last attempt. */
  readonly channels: ReadonlyArray<{ readonly channelId: string; readonly state: ChannelState }>;
  /** Rows that never arrived and that an open alert names as its newest. */
  readonly deadRowIds: readonly string[];
  readonly silences: readonly Silence[];
  readonly lastSeq: number;
}

/** History that may be taken away: what it names ended before the instant that was asked for. */
export interface ForgettableHistory {
  readonly rowIds: readonly string[];
  readonly alertIds: readonly string[];
  /** When the oldest of them ended; absent when there is nothing. */
  readonly oldestMs?: number;
}

/** What the alerts chapter remembers. */
export interface AlertStore extends Committer<AlertChange | AuditChange> {
  readAlerts(sinceMs: number): Promise<StoredAlerts>;
  findAlert(id: string): Promise<AlertRecord | undefined>;
  queryAlerts(query: AlertQuery): Promise<{ readonly items: readonly AlertRecord[]; readonly total: number }>;
  countUnacknowledged(): Promise<UnacknowledgedCounts>;
  queryOutbox(query: OutboxQuery): Promise<{ readonly items: readonly OutboxRow[]; readonly total: number }>;
  /** Attempts of a row, in order. */
  readAttempts(rowId: string): Promise<readonly OutboxAttempt[]>;
  /** Notices (with their attempts) and alerts that ended before an instant, the oldest first, at most `limit` of each. */
  readForgettable(beforeMs: number, limit: number): Promise<ForgettableHistory>;
  /** Silences, newest first, at most `limit`. */
  readSilences(limit: number): Promise<readonly Silence[]>;
}
