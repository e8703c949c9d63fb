import { sql } from 'kysely';
import type { AlertChange } from '../../watch/alerts/alert-changes.ts';
import type { ChannelState } from '../../watch/alerts/channel-state-rules.ts';
import type { ChannelRow } from './alert-rows.ts';
import { present } from './row-values.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import { type Step, step } from './store-step.ts';

const CHANNEL_COLUMNS: ReadonlyArray<keyof ChannelRow> = [
  'channel_id',
  'failures',
  'last_sent_at',
  'last_failed_at',
  'last_error',
  'paused_until',
  'refused_until',
  'calm_until',
  'tokens',
  'tokens_at',
];

/** The statements about channels and the end of history. */
export type CareStatements = ReturnType<typeof careStatements>;

type ChannelChange = Extract<AlertChange, { readonly kind: 'outbox.channel' }>;
type ForgetChange = Extract<AlertChange, { readonly kind: 'alert.forget' }>;
type Ids = { readonly ids: string };
type OldPage = { readonly before: number; readonly limit: number };

/** Compiles every statement about channels and the end of history. */
export function careStatements(dialect: SqlDialect) {
  return { ...channelStatements(dialect), ...cutStatements(dialect), ...oldStatements(dialect) };
}

/** The write of how a channel is doing. */
export function channelStep(statements: CareStatements, { channelId, state }: ChannelChange): Step {
  return step(statements.putChannel, toChannelRow(channelId, state));
}

/** The writes that take history away: the cut first, for nothing after it may be touched; then leaves before roots. */
export function forgetSteps(statements: CareStatements, change: ForgetChange): readonly Step[] {
  const rows = { ids: JSON.stringify(change.rowIds) };
  const alerts = { ids: JSON.stringify(change.alertIds) };
  return [
    step(statements.cutHistory, { cut_at: change.beforeMs }),
    step(statements.forgetAttempts, rows),
    step(statements.forgetMembers, rows),
    step(statements.forgetNotices, rows),
    step(statements.forgetAlerts, alerts),
  ];
}

/** How a channel is doing, from its row. */
export function fromChannelRow(row: ChannelRow): {
  readonly channelId: string;
  readonly state: ChannelState;
} {
  const state = {
    failures: row.failures,
    ...present('lastSentAtMs', row.last_sent_at),
    ...present('lastFailedAtMs', row.last_failed_at),
    ...present('lastError', row.last_error),
    pausedUntilMs: row.paused_until,
    refusedUntilMs: row.refused_until,
    calmUntilMs: row.calm_until,
    tokens: row.tokens,
    tokensAtMs: row.tokens_at,
  };
  return { channelId: row.channel_id, state };
}

function toChannelRow(channelId: string, state: ChannelState): ChannelRow {
  return {
    channel_id: channelId,
    failures: state.failures,
    last_sent_at: state.lastSentAtMs ?? null,
    last_failed_at: state.lastFailedAtMs ?? null,
    last_error: state.lastError ?? null,
    paused_until: state.pausedUntilMs,
    refused_until: state.refusedUntilMs,
    calm_until: state.calmUntilMs,
    tokens: state.tokens,
    tokens_at: state.tokensAtMs,
  };
}

function channelStatements({ statement }: SqlDialect) {
  const changing = CHANNEL_COLUMNS.filter((column) => column !== 'channel_id');
  return {
    putChannel: statement((db, p: ChannelRow) =>
      db
        .insertInto('alert_channel')
        .values(pick(p, CHANNEL_COLUMNS))
        .onConflict((on) =>
          on
            .column('channel_id')
            .doUpdateSet((eb) =>
              Object.fromEntries(changing.map((column) => [column, eb.ref(`excluded.${column}`)])),
            ),
        ),
    ),
    channels: statement((db, _: object) => db.selectFrom('alert_channel').select(CHANNEL_COLUMNS)),
  };
}

function cutStatements({ statement, eachText }: SqlDialect) {
  return {
    cutHistory: statement((db, p: { readonly cut_at: number }) =>
      db
        .insertInto('alert_history')
        .values({ history: sql.lit(1), cut_at: p.cut_at })
        .onConflict((on) =>
          on.column('history').doUpdateSet({ cut_at: sql<number>`max(cut_at, excluded.cut_at)` }),
        ),
    ),
    forgetAttempts: statement((db, p: Ids) =>
      db.deleteFrom('alert_attempt').where('outbox_id', 'in', eachText(p.ids)),
    ),
    forgetMembers: statement((db, p: Ids) =>
      db.deleteFrom('alert_outbox_alert').where('outbox_id', 'in', eachText(p.ids)),
    ),
    forgetNotices: statement((db, p: Ids) =>
      db.deleteFrom('alert_outbox').where('outbox_id', 'in', eachText(p.ids)),
    ),
    forgetAlerts: statement((db, p: Ids) =>
      db.deleteFrom('ops_alert').where('alert_id', 'in', eachText(p.ids)),
    ),
  };
}

function oldStatements({ statement }: SqlDialect) {
  return {
    /** Notices that ended, and all of whose alerts did: an open one still needs to know who was told of it. */
    forgettableNotices: statement((db, p: OldPage) =>
      db
        .selectFrom('alert_outbox as notice')
        .select(['notice.outbox_id', 'notice.ended_at'])
        .where('notice.ended_at', '<', p.before)
        .where((is) =>
          is.not(
            is.exists(
              is
                .selectFrom('alert_outbox_alert as member')
                .innerJoin('ops_alert as alert', 'alert.alert_id', 'member.alert_id')
                .select('member.alert_id')
                .whereRef('member.outbox_id', '=', 'notice.outbox_id')
                .where((eb) =>
                  eb.or([eb('alert.resolved_at', 'is', null), eb('alert.resolved_at', '>=', p.before)]),
                ),
            ),
          ),
        )
        .orderBy('notice.ended_at')
        .limit(p.limit),
    ),
    /** Alerts that ended and of which no notice speaks any more. */
    forgettableAlerts: statement((db, p: OldPage) =>
      db
        .selectFrom('ops_alert as alert')
        .select(['alert.alert_id', 'alert.resolved_at'])
        .where('alert.resolved_at', '<', p.before)
        .where((is) =>
          is.not(
            is.exists(
              is
                .selectFrom('alert_outbox_alert as member')
                .select('member.alert_id')
                .whereRef('member.alert_id', '=', 'alert.alert_id'),
            ),
          ),
        )
        .orderBy('alert.resolved_at')
        .limit(p.limit),
    ),
  };
}
