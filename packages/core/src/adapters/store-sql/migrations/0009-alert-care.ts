import type { Migration } from './migration.ts';

/** What stands before the instant up to which history was cut. Without a cut nothing does. */
const CUT = 'coalesce((select cut_at from alert_history), 0)';

/** How channels are doing, who of several recipients has a notice, and an end to the history of alerts. */
export const alertCare: Migration = {
  version: 9,
  name: 'alert-care',
  statements: [
    `create table alert_channel (
      channel_id text not null primary key,
      failures integer not null check (failures >= 0),
      last_sent_at integer,
      last_failed_at integer,
      last_error text check (length(last_error) <= 256),
      paused_until integer not null,
      refused_until integer not null,
      calm_until integer not null,
      tokens real not null check (tokens >= 0),
      tokens_at integer not null
    ) strict, without rowid`,

    'alter table alert_outbox add column recipients text check (json_valid(recipients))',
    'create index alert_outbox_ended on alert_outbox (ended_at) where ended_at is not null',
    'create index alert_outbox_first on alert_outbox (first_alert_id)',

    // Up to where history may be taken away; only the cut itself moves it, and only forward.
    `create table alert_history (
      history integer not null primary key check (history = 1),
      cut_at integer not null
    ) strict`,
    `create trigger alert_history_update before update on alert_history when new.cut_at < old.cut_at begin
      select raise(abort, 'the cut of the history never goes back');
    end`,
    `create trigger alert_history_delete before delete on alert_history begin
      select raise(abort, 'the cut of the history is never forgotten');
    end`,

    'drop trigger ops_alert_delete',
    `create trigger ops_alert_delete before delete on ops_alert
      when old.resolved_at is null or old.resolved_at >= ${CUT} begin
      select raise(abort, 'alerts are never deleted before the history is cut');
    end`,
    'drop trigger alert_outbox_delete',
    `create trigger alert_outbox_delete before delete on alert_outbox
      when old.ended_at is null or old.ended_at >= ${CUT} begin
      select raise(abort, 'notices are never deleted before the history is cut');
    end`,
    'drop trigger alert_outbox_alert_delete',
    `create trigger alert_outbox_alert_delete before delete on alert_outbox_alert
      when exists (select 1 from ops_alert
          where alert_id = old.alert_id and (resolved_at is null or resolved_at >= ${CUT}))
        or exists (select 1 from alert_outbox
          where outbox_id = old.outbox_id and (ended_at is null or ended_at >= ${CUT})) begin
      select raise(abort, 'what a notice speaks of is never deleted before the history is cut');
    end`,
    'drop trigger alert_attempt_delete',
    `create trigger alert_attempt_delete before delete on alert_attempt
      when exists (select 1 from alert_outbox
        where outbox_id = old.outbox_id and (ended_at is null or ended_at >= ${CUT})) begin
      select raise(abort, 'attempts are never deleted before the history is cut');
    end`,
  ],
};
