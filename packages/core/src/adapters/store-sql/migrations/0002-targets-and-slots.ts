import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

/** What is remembered about targets, and the slots that did not become executions. */
export const targetsAndSlots: Migration = {
  version: 2,
  name: 'targets-and-slots',
  statements: [
    `create table target_state (
      target_id text not null primary key references batch_job (job_id) deferrable initially deferred,
      revision integer not null check (revision >= 0),
      consecutive_errors integer not null check (consecutive_errors >= 0),
      breaker text not null check ${isOneOf('breaker', ['closed', 'open', 'half-open'])},
      breaker_since integer,
      breaker_cooldown_ms integer,
      breaker_probe_at integer,
      breaker_execution_id text,
      backoff_until integer,
      paused_by text,
      paused_at integer,
      paused_reason text,
      cursor_at integer not null,
      next_slot_at integer,
      clock_era integer not null check (clock_era >= 0),
      outcomes text not null check (length(outcomes) <= 24),
      last_execution_id text,
      last_status text check ${isOneOf('last_status', ['SUCCESS', 'FAILED', 'STOPPED'])},
      last_ended_at integer,
      last_duration_ms integer,
      last_success_at integer,
      last_error_code text,
      last_error_message text,
      constraint breaker_is_whole check (
        (breaker = 'closed') = (breaker_since is null)
        and (breaker = 'closed') = (breaker_cooldown_ms is null)
        and (breaker = 'half-open') = (breaker_execution_id is not null)
        and (breaker = 'open' or breaker_probe_at is null)),
      constraint pause_is_whole check (
        (paused_by is null) = (paused_at is null) and (paused_by is null) = (paused_reason is null))
    ) strict, without rowid`,

    `create trigger target_state_revision before update on target_state
      when new.revision <= old.revision begin
      select raise(abort, 'conflict: the revision of a target only grows');
    end`,

    `create table slot_skip (
      skip_id integer not null primary key,
      target_id text not null references batch_job (job_id) deferrable initially deferred,
      reason text not null,
      from_at integer not null,
      to_at integer not null,
      slot_count integer not null check (slot_count >= 1),
      capped integer not null check (capped in (0, 1)),
      recorded_at integer not null,
      constraint ends_after_it_begins check (from_at <= to_at)
    ) strict`,
    `create index slot_skip_newest on slot_skip (target_id)`,
    `create index slot_skip_target on slot_skip (target_id, to_at)`,
  ],
};
