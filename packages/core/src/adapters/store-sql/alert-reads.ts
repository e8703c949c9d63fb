import type { AlertRecord, Silence } from '../../watch/alerts/alert.ts';
import type {
  AlertQuery,
  AlertStore,
  ForgettableHistory,
  OutboxQuery,
  StoredAlerts,
  UnacknowledgedCounts,
} from '../../watch/alerts/alert-store.ts';
import type { OutboxAttempt, OutboxRow } from '../../watch/alerts/outbox.ts';
import { fromChannelRow } from './alert-care-table.ts';
import { alertQueries, alertQueryParts, outboxQueries, outboxQueryParts } from './alert-queries.ts';
import {
  fromAlertRecordRow,
  fromAlertRow,
  fromAttemptRow,
  fromOutboxRow,
  fromSilenceRow,
} from './alert-row.ts';
import { alertStatements } from './alert-table.ts';
import { HealthReads } from './health-reads.ts';
import { boundedLimit } from './query-shape.ts';
import { sqliteDialect } from './sql-statement.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** What the store tells about alerts and their notices. */
export abstract class AlertReads extends HealthReads implements Omit<AlertStore, 'commit'> {
  protected readonly alerts = alertStatements(sqliteDialect);
  readonly #alertQueries = alertQueries(sqliteDialect);
  readonly #outboxQueries = outboxQueries(sqliteDialect);

  async readAlerts(sinceMs: number): Promise<StoredAlerts> {
    return this.read((database) => this.#stored(database, sinceMs));
  }

  async findAlert(id: string): Promise<AlertRecord | undefined> {
    const row = this.read((database) => database.first(this.alerts.findAlert, { alert_id: id }));
    return row === undefined ? undefined : fromAlertRecordRow(row);
  }

  async queryAlerts(query: AlertQuery): Promise<{ items: readonly AlertRecord[]; total: number }> {
    const { filters, values } = alertQueryParts(query);
    const { items, count } = this.#alertQueries(filters);
    return this.read((database) => ({
      items: database.all(items, values).map(fromAlertRecordRow),
      total: database.first(count, values)?.count ?? 0,
    }));
  }

  async countUnacknowledged(): Promise<UnacknowledgedCounts> {
    const rows = this.read((database) => database.all(this.alerts.unacknowledged, {}));
    const of = (level: string) => rows.find((row) => row.alert_level === level)?.count ?? 0;
    return { INFO: of('INFO'), WARN: of('WARN'), ERROR: of('ERROR'), CRITICAL: of('CRITICAL') };
  }

  async queryOutbox(query: OutboxQuery): Promise<{ items: readonly OutboxRow[]; total: number }> {
    const { filters, values } = outboxQueryParts(query);
    const { items, count } = this.#outboxQueries(filters);
    return this.read((database) => ({
      items: database.all(items, values).map(fromOutboxRow),
      total: database.first(count, values)?.count ?? 0,
    }));
  }

  async readAttempts(rowId: string): Promise<readonly OutboxAttempt[]> {
    const values = { outbox_id: rowId };
    return this.read((database) => database.all(this.alerts.attempts, values)).map(fromAttemptRow);
  }

  async readForgettable(beforeMs: number, limit: number): Promise<ForgettableHistory> {
    const values = { before: beforeMs, limit: boundedLimit(limit) };
    return this.read((database) => {
      const rows = database.all(this.alerts.forgettableNotices, values);
      const alerts = database.all(this.alerts.forgettableAlerts, values);
      const ended = [rows[0]?.ended_at, alerts[0]?.resolved_at].filter((atMs) => typeof atMs === 'number');
      return {
        rowIds: rows.map((row) => row.outbox_id),
        alertIds: alerts.map((row) => row.alert_id),
        ...(ended.length === 0 ? {} : { oldestMs: Math.min(...ended) }),
      };
    });
  }

  async readSilences(limit: number): Promise<readonly Silence[]> {
    const values = { limit: boundedLimit(limit) };
    return this.read((database) => database.all(this.alerts.newestSilences, values)).map(fromSilenceRow);
  }

  #stored(database: SqliteDatabase, since: number): StoredAlerts {
    const { openAlerts, resolvedSince, alertsByIds, liveNotices, noticesSince } = this.alerts;
    const { liveMembers, deadAmong, silencesSince, lastSeq, channels } = this.alerts;
    const members = database.all(liveMembers, {});
    const ids = JSON.stringify([...new Set(members.map((member) => member.alert_id))]);
    const rows = [
      ...database.all(openAlerts, {}),
      ...database.all(resolvedSince, { since }),
      ...database.all(alertsByIds, { ids }),
    ];
    const alerts = [...new Map(rows.map((row) => [row.alert_id, row])).values()].map(fromAlertRow);
    const notices = [...database.all(liveNotices, {}), ...database.all(noticesSince, { since })];
    const named = JSON.stringify(alerts.flatMap(({ notified }) => Object.values(notified)));
    return {
      alerts,
      rows: [...new Map(notices.map((row) => [row.outbox_id, row])).values()].map(fromOutboxRow),
      members: members.map((member) => ({ rowId: member.outbox_id, alertId: member.alert_id })),
      channels: database.all(channels, {}).map(fromChannelRow),
      deadRowIds: database.all(deadAmong, { ids: named }).map((row) => row.outbox_id),
      silences: database.all(silencesSince, { since }).map(fromSilenceRow),
      lastSeq: database.first(lastSeq, {})?.seq ?? 0,
    };
  }
}
