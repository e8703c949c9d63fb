import { sql } from 'kysely';
import type { AlertChange } from '../../watch/alerts/alert-changes.ts';
import { type CareStatements, careStatements, channelStep, forgetSteps } from './alert-care-table.ts';
import { toAlertRow, toSilenceRow } from './alert-row.ts';
import type { AlertRow, SilenceRow } from './alert-rows.ts';
import { type OutboxStatements, outboxStatements, outboxSteps } from './outbox-table.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import { type Step, step } from './store-step.ts';

/** Every column of `ops_alert` that a decision writes. */
export const ALERT_COLUMNS: ReadonlyArray<keyof AlertRow> = [
  'alert_id',
  'alert_type',
  'alert_level',
  'execution_id',
  'related_error_code',
  'alert_title',
  'alert_message',
  'alert_message_ko',
  'alert_detail',
  'acknowledged_by',
  'acknowledged_at',
  'acknowledged_reason',
  'acknowledged_until',
  'acknowledged_sticky',
  'created_at',
  'dedup_key',
  'revision',
  'state',
  'peak_level',
  'is_event',
  'seen_count',
  'refired',
  'last_seen_at',
  'resolved_at',
  'resolved_message',
  'closed_by',
  'next_action_at',
  'episode',
];

/** Columns that never change after the first write. */
const FIXED: ReadonlyArray<keyof AlertRow> = [
  'alert_id',
  'alert_type',
  'dedup_key',
  'is_event',
  'created_at',
];

const SILENCE_COLUMNS: ReadonlyArray<keyof SilenceRow> = [
  'silence_id',
  'matchers',
  'created_by',
  'reason',
  'starts_at',
  'ends_at',
  'created_at',
  'expired_by',
];

/** The statements of the alert tables. */
export type AlertStatements = ReturnType<typeof alertWrites> &
  ReturnType<typeof alertReads> &
  OutboxStatements &
  CareStatements;

/** Compiles every fixed statement about alerts, notices and silences. */
export function alertStatements(dialect: SqlDialect): AlertStatements {
  return {
    ...alertWrites(dialect),
    ...alertReads(dialect),
    ...outboxStatements(dialect),
    ...careStatements(dialect),
  };
}

/** The writes of one change of an alert, a notice or a silence. */
export function alertSteps(statements: AlertStatements, change: AlertChange): readonly Step[] {
  switch (change.kind) {
    case 'alert.insert':
      return [step(statements.insertAlert, toAlertRow(change.alert))];
    case 'alert.update': {
      const row = { ...toAlertRow(change.alert), expect_revision: change.expectRevision };
      return [step(statements.updateAlert, row, 'conflict')];
    }
    case 'silence.insert':
      return [step(statements.insertSilence, toSilenceRow(change.silence))];
    case 'silence.expire': {
      const { silenceId: silence_id, atMs: at, operatorId: expired_by } = change;
      return [step(statements.expireSilence, { silence_id, at, expired_by }, 'conflict')];
    }
    case 'outbox.channel':
      return [channelStep(statements, change)];
    case 'alert.forget':
      return forgetSteps(statements, change);
    default:
      return outboxSteps(statements, change);
  }
}

function alertWrites({ statement }: SqlDialect) {
  return {
    insertAlert: statement((db, p: AlertRow) =>
      db.insertInto('ops_alert').values({ ...pick(p, ALERT_COLUMNS), channels_sent: '[]' }),
    ),
    updateAlert: statement((db, p: AlertRow & { readonly expect_revision: number }) =>
      db
        .updateTable('ops_alert')
        .set(
          pick(
            p,
            ALERT_COLUMNS.filter((column) => !FIXED.includes(column)),
          ),
        )
        .where('alert_id', '=', p.alert_id)
        .where('revision', '=', p.expect_revision),
    ),
    insertSilence: statement((db, p: SilenceRow) =>
      db.insertInto('alert_silence').values(pick(p, SILENCE_COLUMNS)),
    ),
    expireSilence: statement(
      (db, p: { readonly silence_id: string; readonly at: number; readonly expired_by: string }) =>
        db
          .updateTable('alert_silence')
          .set({ ends_at: sql<number>`max(starts_at, ${p.at})`, expired_by: p.expired_by })
          .where('silence_id', '=', p.silence_id)
          .where('ends_at', '>', p.at),
    ),
  };
}

function alertReads(dialect: SqlDialect) {
  const { statement, eachText } = dialect;
  return {
    openAlerts: statement((db, _: object) =>
      db.selectFrom('ops_alert').select(ALERT_COLUMNS).where('state', '<>', sql.lit('resolved')),
    ),
    resolvedSince: statement((db, p: { readonly since: number }) =>
      db.selectFrom('ops_alert').select(ALERT_COLUMNS).where('resolved_at', '>=', p.since),
    ),
    alertsByIds: statement((db, p: { readonly ids: string }) =>
      db.selectFrom('ops_alert').select(ALERT_COLUMNS).where('alert_id', 'in', eachText(p.ids)),
    ),
    findAlert: statement((db, p: { readonly alert_id: string }) =>
      db
        .selectFrom('ops_alert')
        .select([...ALERT_COLUMNS, 'channels_sent', 'sent_at'])
        .where('alert_id', '=', p.alert_id),
    ),
    unacknowledged: statement((db, _: object) =>
      db
        .selectFrom('ops_alert')
        .select((eb) => ['alert_level', eb.fn.countAll<number>().as('count')])
        .where('acknowledged_at', 'is', null)
        .groupBy('alert_level'),
    ),
    silencesSince: statement((db, p: { readonly since: number }) =>
      db.selectFrom('alert_silence').select(SILENCE_COLUMNS).where('ends_at', '>', p.since),
    ),
    newestSilences: statement((db, p: { readonly limit: number }) =>
      db
        .selectFrom('alert_silence')
        .select(SILENCE_COLUMNS)
        .orderBy('created_at', 'desc')
        .orderBy('silence_id', 'desc')
        .limit(p.limit),
    ),
  };
}
