import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

const LEVELS = ['INFO', 'WARN', 'ERROR', 'CRITICAL'];
const STATES = ['pending', 'firing', 'acknowledged', 'resolved'];
const LIVE = ['pending', 'sending', 'retry'];
const ENDED = ['sent', 'dead', 'superseded'];

const ALERTS: readonly string[] = [
  // No reference to the execution: an alert must be writable whatever became of what it speaks of.
  `create table ops_alert (
      alert_id text not null primary key,
      alert_type text not null,
      alert_level text not null check ${isOneOf('alert_level', LEVELS)},
      execution_id text,
      related_error_code text,
      alert_title text not null check (length(alert_title) <= 200),
      alert_message text not null,
      alert_message_ko text,
      alert_detail text check (json_valid(alert_detail)),
      channels_sent text not null default '[]' check (json_valid(channels_sent)),
      sent_at integer,
      acknowledged_by text,
      acknowledged_at integer,
      acknowledged_reason text,
      acknowledged_until integer,
      acknowledged_sticky integer check (acknowledged_sticky in (0, 1)),
      created_at integer not null,
      dedup_key text not null check (length(dedup_key) between 1 and 255),
      revision integer not null check (revision >= 0),
      state text not null check ${isOneOf('state', STATES)},
      peak_level text not null check ${isOneOf('peak_level', LEVELS)},
      is_event integer not null check (is_event in (0, 1)),
      seen_count integer not null check (seen_count >= 1),
      refired integer not null check (refired >= 0),
      last_seen_at integer not null,
      resolved_at integer,
      resolved_message text,
      closed_by text,
      next_action_at integer,
      episode text not null check (json_valid(episode)),
      constraint resolved_at_iff_resolved check ((state = 'resolved') = (resolved_at is not null)),
      constraint acknowledgement_is_whole check (
        (acknowledged_by is null) = (acknowledged_at is null)
        and (acknowledged_by is null) = (acknowledged_reason is null)
        and (acknowledged_by is null) = (acknowledged_until is null)),
      constraint acknowledged_by_somebody check (state <> 'acknowledged' or acknowledged_by is not null)
    ) strict`,
  `create unique index ops_alert_one_open on ops_alert (dedup_key) where state <> 'resolved'`,
  `create index ops_alert_created on ops_alert (created_at)`,
  `create index ops_alert_type on ops_alert (alert_type, created_at)`,
  `create index ops_alert_level on ops_alert (alert_level, created_at)`,
  `create index ops_alert_open on ops_alert (created_at) where state <> 'resolved'`,
  `create index ops_alert_untaken on ops_alert (created_at) where acknowledged_at is null`,
  `create index ops_alert_unacknowledged on ops_alert (alert_level) where acknowledged_at is null`,
  `create index ops_alert_key on ops_alert (dedup_key, created_at)`,
  `create index ops_alert_execution on ops_alert (execution_id) where execution_id is not null`,
  `create index ops_alert_resolved on ops_alert (resolved_at) where resolved_at is not null`,

  // The "conflict:" refusals repeat unique indexes: REPLACE would delete the older row instead of failing.
  `create trigger ops_alert_insert before insert on ops_alert begin
      select case
        when exists (select 1 from ops_alert where alert_id = new.alert_id)
          then raise(abort, 'conflict: this alert_id exists')
        when new.state <> 'resolved'
          and exists (select 1 from ops_alert where dedup_key = new.dedup_key and state <> 'resolved')
          then raise(abort, 'conflict: the key has an open alert')
      end;
    end`,
  `create trigger ops_alert_update before update of revision on ops_alert begin
      select case
        when new.revision <= old.revision then raise(abort, 'conflict: the revision of an alert only grows')
        when old.is_event = 1 and new.state <> 'resolved'
          then raise(abort, 'an event is over when it is recorded')
        when new.seen_count < old.seen_count then raise(abort, 'an alert never forgets that it was seen')
      end;
    end`,
  `create trigger ops_alert_identity before update of alert_id, dedup_key, alert_type, is_event, created_at
      on ops_alert begin
      select raise(abort, 'what identifies an alert never changes');
    end`,
  `create trigger ops_alert_delete before delete on ops_alert begin
      select raise(abort, 'alerts are never deleted');
    end`,
];

const OUTBOX: readonly string[] = [
  `create table alert_outbox (
      outbox_id text not null primary key,
      seq integer not null,
      revision integer not null check (revision >= 0),
      channel_id text not null,
      group_key text not null,
      reason text not null,
      alert_level text not null check ${isOneOf('alert_level', LEVELS)},
      status text not null check ${isOneOf('status', [...LIVE, ...ENDED])},
      created_at integer not null,
      next_at integer not null,
      after_ids text not null check (json_valid(after_ids)),
      alert_count integer not null check (alert_count >= 1),
      first_alert_id text not null references ops_alert (alert_id) deferrable initially deferred,
      tells_first integer not null check (tells_first in (0, 1)),
      maybe_repeat integer not null check (maybe_repeat in (0, 1)),
      late integer not null check (late in (0, 1)),
      plain integer not null check (plain in (0, 1)),
      attempts integer not null check (attempts >= 0),
      lease_boot_id text,
      ended_at integer,
      last_error text,
      notice text check (json_valid(notice)),
      constraint leased_iff_sending check ((status = 'sending') = (lease_boot_id is not null)),
      constraint ended_at_iff_ended check (${isOneOf('status', ENDED)} = (ended_at is not null)),
      constraint worded_before_sent check (attempts = 0 or notice is not null)
    ) strict`,
  `create unique index alert_outbox_seq on alert_outbox (seq)`,
  `create index alert_outbox_live on alert_outbox (channel_id, seq) where ended_at is null`,
  `create index alert_outbox_created on alert_outbox (created_at)`,
  `create index alert_outbox_channel on alert_outbox (channel_id, seq)`,
  `create index alert_outbox_status on alert_outbox (status, seq)`,

  `create trigger alert_outbox_insert before insert on alert_outbox begin
      select case
        when new.status <> 'pending' or new.attempts <> 0 then raise(abort, 'a notice is born pending')
        when exists (select 1 from alert_outbox where outbox_id = new.outbox_id or seq = new.seq)
          then raise(abort, 'conflict: this place in the outbox is taken')
      end;
    end`,
  `create trigger alert_outbox_update before update on alert_outbox begin
      select case
        when ${isOneOf('old.status', ENDED)} then raise(abort, 'an ended notice never changes')
        when new.revision <= old.revision then raise(abort, 'conflict: the revision of a notice only grows')
        when new.status = 'sent' and old.status <> 'sending'
          then raise(abort, 'a notice is sent only by an attempt')
        when new.status = 'retry' and old.status not in ('sending', 'retry')
          then raise(abort, 'a notice waits for another attempt only after one')
        when old.status = 'sending' and new.status = 'superseded'
          then raise(abort, 'a notice under way is not taken back')
        when new.attempts < old.attempts then raise(abort, 'an attempt is never forgotten')
        when new.status = 'sending' and old.status <> 'sending' and not exists (
            select 1 from alert_attempt where outbox_id = new.outbox_id and number = new.attempts)
          then raise(abort, 'an attempt is recorded before it is made')
      end;
    end`,
  `create trigger alert_outbox_identity before update of
      outbox_id, seq, channel_id, group_key, reason, created_at, first_alert_id on alert_outbox begin
      select raise(abort, 'what identifies a notice never changes');
    end`,
  `create trigger alert_outbox_delete before delete on alert_outbox begin
      select raise(abort, 'notices are never deleted');
    end`,

  `create table alert_outbox_alert (
      outbox_id text not null references alert_outbox (outbox_id),
      alert_id text not null references ops_alert (alert_id) deferrable initially deferred,
      primary key (outbox_id, alert_id)
    ) strict, without rowid`,
  `create index alert_outbox_alert_alert on alert_outbox_alert (alert_id)`,
  `create trigger alert_outbox_alert_insert before insert on alert_outbox_alert
      when not exists (select 1 from alert_outbox
        where outbox_id = new.outbox_id and status = 'pending' and attempts = 0) begin
      select raise(abort, 'nothing joins a notice that was handed to its channel');
    end`,
  `create trigger alert_outbox_alert_update before update on alert_outbox_alert begin
      select raise(abort, 'what a notice speaks of never changes');
    end`,
  `create trigger alert_outbox_alert_delete before delete on alert_outbox_alert begin
      select raise(abort, 'what a notice speaks of is never deleted');
    end`,
];

const ATTEMPTS_AND_SILENCES: readonly string[] = [
  `create table alert_attempt (
      outbox_id text not null references alert_outbox (outbox_id),
      number integer not null check (number >= 1),
      channel_id text not null,
      boot_id text not null,
      started_at integer not null,
      result text check ${isOneOf('result', ['sent', 'retry', 'rejected', 'lost'])},
      ended_at integer,
      duration_ms integer,
      attempt_text text check (length(attempt_text) <= 256),
      ref text,
      rejected_recipients text check (json_valid(rejected_recipients)),
      primary key (outbox_id, number),
      constraint ended_is_whole check (
        (result is null) = (ended_at is null) and (result is null) = (duration_ms is null))
    ) strict, without rowid`,
  `create trigger alert_attempt_insert before insert on alert_attempt begin
      select case
        when new.result is not null then raise(abort, 'an attempt is recorded before it is made')
        when exists (select 1 from alert_attempt where outbox_id = new.outbox_id and number = new.number)
          then raise(abort, 'conflict: this attempt was made')
      end;
    end`,
  `create trigger alert_attempt_update before update on alert_attempt begin
      select case
        when old.result is not null then raise(abort, 'an ended attempt never changes')
        when new.outbox_id <> old.outbox_id or new.number <> old.number or new.started_at <> old.started_at
          or new.channel_id <> old.channel_id or new.boot_id <> old.boot_id
          then raise(abort, 'what identifies an attempt never changes')
      end;
    end`,
  `create trigger alert_attempt_delete before delete on alert_attempt begin
      select raise(abort, 'attempts are never deleted');
    end`,

  `create table alert_silence (
      silence_id text not null primary key,
      matchers text not null check (json_array_length(matchers) >= 1),
      created_by text not null check (trim(created_by) <> ''),
      reason text not null check (trim(reason) <> ''),
      starts_at integer not null,
      ends_at integer not null,
      created_at integer not null,
      expired_by text,
      constraint ends_after_it_begins check (starts_at <= ends_at)
    ) strict`,
  `create index alert_silence_ends on alert_silence (ends_at)`,
  `create trigger alert_silence_update before update on alert_silence begin
      select case
        when old.expired_by is not null then raise(abort, 'an expired silence never changes')
        when new.ends_at > old.ends_at then raise(abort, 'a silence is never made longer')
        when new.silence_id <> old.silence_id or new.matchers <> old.matchers
          or new.created_by <> old.created_by or new.reason <> old.reason
          then raise(abort, 'what a silence is about never changes')
      end;
    end`,
  `create trigger alert_silence_delete before delete on alert_silence begin
      select raise(abort, 'silences are never deleted');
    end`,
];

/** Alerts, the notices about them with every attempt to send one, and silences. */
export const alerts: Migration = {
  version: 5,
  name: 'alerts',
  statements: [...ALERTS, ...OUTBOX, ...ATTEMPTS_AND_SILENCES],
};
