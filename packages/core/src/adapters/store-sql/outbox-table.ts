import { sql } from 'kysely';
import type { AlertChange } from '../../watch/alerts/alert-changes.ts';
import type { OutboxRow } from '../../watch/alerts/outbox.ts';
import { toOutboxRow } from './alert-row.ts';
import type { AttemptEndRow, AttemptStartRow, OutboxAlertRow, OutboxStoredRow } from './alert-rows.ts';
import { toJsonText } from './row-values.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import { type Step, step } from './store-step.ts';

/** Every column of `alert_outbox`. */
export const OUTBOX_COLUMNS: ReadonlyArray<keyof OutboxStoredRow> = [
  'outbox_id',
  'seq',
  'revision',
  'channel_id',
  'group_key',
  'reason',
  'alert_level',
  'status',
  'created_at',
  'next_at',
  'after_ids',
  'alert_count',
  'first_alert_id',
  'tells_first',
  'maybe_repeat',
  'late',
  'plain',
  'attempts',
  'lease_boot_id',
  'ended_at',
  'last_error',
  'notice',
  'recipients',
];

/** Columns that change while a notice is on its way. */
const MOVING: ReadonlyArray<keyof OutboxStoredRow> = [
  'revision',
  'alert_level',
  'status',
  'next_at',
  'after_ids',
  'alert_count',
  'tells_first',
  'maybe_repeat',
  'late',
  'plain',
  'attempts',
  'lease_boot_id',
  'ended_at',
  'last_error',
  'notice',
  'recipients',
];

const ATTEMPT_START: ReadonlyArray<keyof AttemptStartRow> = [
  'outbox_id',
  'number',
  'channel_id',
  'boot_id',
  'started_at',
];
const ATTEMPT_END: ReadonlyArray<keyof AttemptEndRow> = [
  'result',
  'ended_at',
  'duration_ms',
  'attempt_text',
  'ref',
  'rejected_recipients',
];

type OutboxChange = Exclude<
  Extract<AlertChange, { readonly kind: `outbox.${string}` }>,
  { readonly kind: 'outbox.channel' }
>;
type Expected = OutboxStoredRow & { readonly expect_status: string; readonly expect_revision: number };
type ToldBy = { readonly outbox_id: string; readonly channel_id: string; readonly at: number };

/** The statements of the outbox. */
export type OutboxStatements = ReturnType<typeof outboxWrites> & ReturnType<typeof outboxReads>;

/** Compiles every fixed statement about notices and attempts. */
export function outboxStatements(dialect: SqlDialect): OutboxStatements {
  return { ...outboxWrites(dialect), ...outboxReads(dialect) };
}

/** The writes of one change of a notice. */
export function outboxSteps(statements: OutboxStatements, change: OutboxChange): readonly Step[] {
  switch (change.kind) {
    case 'outbox.insert': {
      const joins = change.alertIds.map((alertId) => joinOf(statements, change.row.id, alertId));
      return [step(statements.insertNotice, toOutboxRow(change.row)), ...joins];
    }
    case 'outbox.update':
      return updateSteps(statements, change);
    case 'outbox.join':
      return [joinOf(statements, change.rowId, change.alertId)];
    case 'outbox.attempt': {
      const { rowId: outbox_id, number, channelId, bootId, startedAtMs } = change.attempt;
      const row = { outbox_id, number, channel_id: channelId, boot_id: bootId, started_at: startedAtMs };
      return [step(statements.insertAttempt, row)];
    }
    case 'outbox.attempt-end': {
      const { rowId, number, end } = change;
      const row = {
        outbox_id: rowId,
        number,
        result: end.result,
        ended_at: end.endedAtMs,
        duration_ms: Math.max(0, Math.round(end.durationMs)),
        attempt_text: end.text ?? null,
        ref: end.ref ?? null,
        rejected_recipients: toJsonText(end.rejectedRecipients),
      };
      return [step(statements.endAttempt, row, 'conflict')];
    }
    default:
      return change satisfies never;
  }
}

function updateSteps(
  statements: OutboxStatements,
  {
    row,
    expect,
    atMs,
  }: {
    readonly row: OutboxRow;
    readonly expect: Pick<OutboxRow, 'status' | 'revision'>;
    readonly atMs: number;
  },
): readonly Step[] {
  const values = {
    ...toOutboxRow(row),
    expect_status: expect.status,
    expect_revision: expect.revision,
  };
  const update = step(statements.updateNotice, values, 'conflict');
  if (row.status !== 'sent') return [update];
  const told = { outbox_id: row.id, channel_id: row.channelId, at: row.endedAtMs ?? atMs };
  return [update, step(statements.markTold, told)];
}

function joinOf(statements: OutboxStatements, outbox_id: string, alert_id: string): Step {
  return step(statements.join, { outbox_id, alert_id });
}

function outboxWrites({ statement }: SqlDialect) {
  return {
    insertNotice: statement((db, p: OutboxStoredRow) =>
      db.insertInto('alert_outbox').values(pick(p, OUTBOX_COLUMNS)),
    ),
    updateNotice: statement((db, p: Expected) =>
      db
        .updateTable('alert_outbox')
        .set(pick(p, MOVING))
        .where('outbox_id', '=', p.outbox_id)
        .where('status', '=', p.expect_status)
        .where('revision', '=', p.expect_revision),
    ),
    join: statement((db, p: OutboxAlertRow) =>
      db
        .insertInto('alert_outbox_alert')
        .values({ outbox_id: p.outbox_id, alert_id: p.alert_id })
        .onConflict((on) => on.columns(['outbox_id', 'alert_id']).doNothing()),
    ),
    /** Every alert of a notice that arrived knows the channel and when it first was told anywhere. */
    markTold: statement((db, p: ToldBy) =>
      db
        .updateTable('ops_alert')
        .set({
          sent_at: sql<number>`coalesce(sent_at, ${p.at})`,
          channels_sent: sql<string>`case
            when exists (select 1 from json_each(channels_sent) where value = ${p.channel_id}) then channels_sent
            else json_insert(channels_sent, '$[#]', ${p.channel_id}) end`,
        })
        .where('alert_id', 'in', (eb) =>
          eb.selectFrom('alert_outbox_alert').select('alert_id').where('outbox_id', '=', p.outbox_id),
        ),
    ),
    insertAttempt: statement((db, p: AttemptStartRow) =>
      db.insertInto('alert_attempt').values(pick(p, ATTEMPT_START)),
    ),
    endAttempt: statement((db, p: AttemptEndRow & { readonly outbox_id: string; readonly number: number }) =>
      db
        .updateTable('alert_attempt')
        .set(pick(p, ATTEMPT_END))
        .where('outbox_id', '=', p.outbox_id)
        .where('number', '=', p.number)
        .where('result', 'is', null),
    ),
  };
}

function outboxReads({ statement, eachText }: SqlDialect) {
  return {
    liveNotices: statement((db, _: object) =>
      db.selectFrom('alert_outbox').select(OUTBOX_COLUMNS).where('ended_at', 'is', null),
    ),
    noticesSince: statement((db, p: { readonly since: number }) =>
      db.selectFrom('alert_outbox').select(OUTBOX_COLUMNS).where('created_at', '>=', p.since),
    ),
    liveMembers: statement((db, _: object) =>
      db
        .selectFrom('alert_outbox_alert as member')
        .innerJoin('alert_outbox as notice', 'notice.outbox_id', 'member.outbox_id')
        .select(['member.outbox_id', 'member.alert_id'])
        .where('notice.ended_at', 'is', null),
    ),
    deadAmong: statement((db, p: { readonly ids: string }) =>
      db
        .selectFrom('alert_outbox')
        .select('outbox_id')
        .where('outbox_id', 'in', eachText(p.ids))
        .where('status', '=', sql.lit('dead'))
        .where('tells_first', '=', sql.lit(1))
        .where('maybe_repeat', '=', sql.lit(0))
        .where(sql<boolean>`coalesce(json_array_length(recipients, '$.accepted'), 0) = 0`),
    ),
    lastSeq: statement((db, _: object) =>
      db.selectFrom('alert_outbox').select('seq').orderBy('seq', 'desc').limit(1),
    ),
    attempts: statement((db, p: { readonly outbox_id: string }) =>
      db
        .selectFrom('alert_attempt')
        .select([...ATTEMPT_START, ...ATTEMPT_END])
        .where('outbox_id', '=', p.outbox_id)
        .orderBy('number'),
    ),
  };
}
