import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

const STATUSES = ['pass', 'warn', 'fail', 'unknown'];

/** What is remembered about checks: one row of state each, their history, and the accounts of their time. */
export const health: Migration = {
  version: 6,
  name: 'health',
  statements: [
    `create table check_state (
      check_id text not null primary key,
      revision integer not null check (revision >= 1),
      status text not null check ${isOneOf('status', STATUSES)},
      settled integer not null check (settled in (0, 1)),
      since_at integer not null,
      flapping integer not null check (flapping in (0, 1)),
      raised_level text check ${isOneOf('raised_level', ['INFO', 'WARN', 'ERROR', 'CRITICAL'])},
      raised_at integer,
      last_status text check ${isOneOf('last_status', STATUSES)},
      last_message text check (length(last_message) <= 300),
      last_value real,
      last_unit text,
      last_details text check (json_valid(last_details)),
      last_observations text check (json_valid(last_observations)),
      last_at integer,
      last_duration_ms integer,
      last_attempt integer,
      last_isolated integer not null check (last_isolated in (0, 1)),
      last_pass_at integer,
      stale_after_ms integer not null,
      fresh_from_at integer,
      recent text not null check (length(recent) <= 20),
      changes text not null check (length(changes) <= 20),
      bad_warn_since integer,
      bad_unknown_since integer,
      bad_fail_since integer,
      better_since integer,
      broken_warn integer not null check (broken_warn in (0, 1)),
      broken_crit integer not null check (broken_crit in (0, 1)),
      span_from integer,
      span_to integer,
      span_status text check ${isOneOf('span_status', STATUSES)},
      span_maintenance integer,
      constraint alert_is_whole check ((raised_level is null) = (raised_at is null)),
      constraint look_is_whole check (
        (last_status is null) = (last_at is null) and (last_status is null) = (last_message is null)),
      constraint span_is_whole check (
        (span_from is null) = (span_to is null) and (span_from is null) = (span_status is null)
        and (span_from is null) = (span_maintenance is null))
    ) strict, without rowid`,

    `create trigger check_state_revision before update on check_state
      when new.revision <= old.revision begin
      select raise(abort, 'conflict: the revision of a check only grows');
    end`,

    `create table check_transition (
      transition_id integer not null primary key,
      check_id text not null,
      from_status text not null check ${isOneOf('from_status', STATUSES)},
      to_status text not null check ${isOneOf('to_status', STATUSES)},
      because text not null,
      message text not null check (length(message) <= 300),
      transitioned_at integer not null
    ) strict`,
    `create index check_transition_check on check_transition (check_id)`,

    `create table check_span (
      check_id text not null,
      from_at integer not null,
      to_at integer not null,
      status text not null check ${isOneOf('status', STATUSES)},
      maintenance integer not null check (maintenance in (0, 1)),
      primary key (check_id, from_at),
      constraint ends_after_it_begins check (from_at <= to_at)
    ) strict, without rowid`,

    `create table check_day (
      check_id text not null,
      day_at integer not null,
      pass_ms integer not null check (pass_ms >= 0),
      warn_ms integer not null check (warn_ms >= 0),
      fail_ms integer not null check (fail_ms >= 0),
      unknown_ms integer not null check (unknown_ms >= 0),
      maintenance_ms integer not null check (maintenance_ms >= 0),
      primary key (check_id, day_at)
    ) strict, without rowid`,

    `create table health_gap (
      gap_id integer not null primary key,
      reason text not null,
      from_at integer not null,
      to_at integer not null
    ) strict`,
  ],
};
