import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

const STATUSES = ['READY', 'RUNNING', 'SUCCESS', 'FAILED', 'STOPPED'];
const ENDED = ['SUCCESS', 'FAILED', 'STOPPED'];
const CATEGORIES = ['INP', 'EXT', 'BAT', 'DQ', 'LOG', 'SYS'];

/** Jobs, executions with their transitions and log, and the rules the database keeps for them. */
export const jobsAndExecutions: Migration = {
  version: 1,
  name: 'jobs-and-executions',
  statements: [
    `create table meta (
      name text not null primary key,
      value text not null
    ) strict, without rowid`,

    `create table batch_job (
      job_id text not null primary key check (length(job_id) between 1 and 50),
      job_name text not null,
      job_description text,
      job_type text not null check ${isOneOf('job_type', ['DAILY', 'WEEKLY', 'MONTHLY', 'ON_DEMAND'])},
      is_active integer not null default 1 check (is_active in (0, 1)),
      created_at integer not null,
      updated_at integer not null
    ) strict`,

    `create table batch_execution (
      execution_id text not null primary key,
      job_id text not null references batch_job (job_id) deferrable initially deferred,
      run_type text not null check ${isOneOf('run_type', ['AUTO', 'MANUAL', 'REPLAY'])},
      status text not null default 'READY' check ${isOneOf('status', STATUSES)},
      scheduled_at integer,
      started_at integer,
      ended_at integer,
      target_date text,
      target_start_date text,
      target_end_date text,
      processed_count integer not null default 0 check (processed_count >= 0),
      success_count integer not null default 0 check (success_count >= 0),
      failed_count integer not null default 0 check (failed_count >= 0),
      error_code text check (length(error_code) <= 20),
      error_message text,
      error_detail text check (json_valid(error_detail)),
      operator_id text,
      operator_note text,
      parent_execution_id text references batch_execution (execution_id) deferrable initially deferred,
      replay_reason text,
      created_at integer not null,
      updated_at integer not null,
      fence integer not null default 0 check (fence >= 0),
      late integer not null default 0 check (late in (0, 1)),
      attempt integer not null default 1 check (attempt >= 1),
      lane integer not null default 0 check (lane >= 0),
      missed_count integer check (missed_count >= 1),
      missed_from integer,
      root_execution_id text not null,
      context_id text,
      verdict text check ${isOneOf('verdict', ['PASS', 'WARN', 'FAIL'])},
      outcome_known integer not null default 1 check (outcome_known in (0, 1)),
      detached integer not null default 0 check (detached in (0, 1)),
      owner_host text,
      owner_boot_id text,
      owner_pid integer,
      owner_start_tick integer,
      process_group integer,
      process_group_start_tick integer,
      stop_requested_by text,
      stop_requested_at integer,
      stop_requested_reason text,
      progress_total real,
      progress_unit text,
      progress_message text,
      progress_at integer,
      output_tail text not null default '',
      output_bytes integer not null default 0 check (output_bytes >= 0),
      output_file text,
      output_truncated integer not null default 0 check (output_truncated in (0, 1)),
      idempotency_key text,
      request_fingerprint text,
      params text check (json_valid(params)),
      constraint ended_at_iff_terminal
        check (${isOneOf('status', ENDED)} = (ended_at is not null)),
      constraint error_code_iff_failed check ((status = 'FAILED') = (error_code is not null)),
      constraint started_at_unless_never_started check (
        case status when 'READY' then started_at is null
          when 'RUNNING' then started_at is not null
          when 'SUCCESS' then started_at is not null
          else 1 end),
      constraint stopped_needs_a_reason
        check (status <> 'STOPPED' or coalesce(trim(stop_requested_reason), '') <> ''),
      constraint stop_request_is_whole check (
        (stop_requested_by is null) = (stop_requested_at is null)
        and (stop_requested_by is null) = (stop_requested_reason is null)),
      constraint owner_is_whole check (
        (owner_host is null) = (owner_pid is null)
        and (owner_host is null) = (owner_boot_id is null)
        and (owner_host is null) = (owner_start_tick is null)),
      constraint verdict_fail_is_no_success check (status <> 'SUCCESS' or verdict is not 'FAIL')
    ) strict`,

    // SQLite uses a partial index only when its condition names one state; hence one index per state.
    `create unique index batch_execution_one_running on batch_execution (job_id, lane) where status = 'RUNNING'`,
    `create index batch_execution_ready on batch_execution (job_id, created_at) where status = 'READY'`,
    `create index batch_execution_success on batch_execution (job_id, created_at) where status = 'SUCCESS'`,
    // Rare ones are asked for over all jobs, newest first.
    `create index batch_execution_failed on batch_execution (created_at, job_id) where status = 'FAILED'`,
    `create index batch_execution_stopped on batch_execution (created_at, job_id) where status = 'STOPPED'`,
    `create index batch_execution_manual on batch_execution (created_at, job_id) where run_type = 'MANUAL'`,
    `create index batch_execution_replay on batch_execution (created_at, job_id) where run_type = 'REPLAY'`,
    `create index batch_execution_job on batch_execution (job_id, created_at)`,
    `create index batch_execution_created on batch_execution (created_at)`,
    `create index batch_execution_slot on batch_execution (job_id, scheduled_at)
      where scheduled_at is not null and run_type = 'AUTO' and attempt = 1`,
    `create unique index batch_execution_idempotency on batch_execution (job_id, idempotency_key)
      where idempotency_key is not null`,
    `create index batch_execution_parent on batch_execution (parent_execution_id)
      where parent_execution_id is not null`,
    `create index batch_execution_target_date on batch_execution (target_date) where target_date is not null`,

    // The "conflict:" refusals repeat unique indexes: REPLACE would delete the older row instead of failing.
    `create trigger batch_execution_insert before insert on batch_execution begin
      select case
        when new.status <> 'READY' then raise(abort, 'an execution is born READY')
        when exists (select 1 from batch_execution where execution_id = new.execution_id)
          then raise(abort, 'conflict: this execution_id exists')
        when new.idempotency_key is not null and exists (
            select 1 from batch_execution
            where job_id = new.job_id and idempotency_key = new.idempotency_key and idempotency_key is not null)
          then raise(abort, 'conflict: this idempotency_key was used for the job')
      end;
    end`,

    `create trigger batch_execution_update before update on batch_execution begin
      select case
        when ${isOneOf('old.status', ENDED)}
          then raise(abort, 'an ended execution never changes')
        when old.status = 'RUNNING' and new.status = 'READY'
          then raise(abort, 'illegal transition RUNNING to READY')
        when old.status = 'READY' and new.status = 'SUCCESS'
          then raise(abort, 'illegal transition READY to SUCCESS')
        when new.fence < old.fence then raise(abort, 'a fence never goes back')
        when old.status = 'READY' and new.status = 'RUNNING' and exists (
            select 1 from batch_execution
            where job_id = new.job_id and lane = new.lane and status = 'RUNNING')
          then raise(abort, 'conflict: the job has a RUNNING execution in this lane')
      end;
    end`,

    `create trigger batch_execution_identity before update of
      execution_id, job_id, run_type, scheduled_at, attempt, missed_count, missed_from, parent_execution_id, root_execution_id,
      replay_reason, idempotency_key, request_fingerprint, params, created_at on batch_execution begin
      select raise(abort, 'what identifies an execution never changes');
    end`,

    `create trigger batch_execution_delete before delete on batch_execution begin
      select raise(abort, 'executions are never deleted');
    end`,

    `create table batch_execution_transition (
      execution_id text not null references batch_execution (execution_id),
      to_status text not null check ${isOneOf('to_status', STATUSES)},
      from_status text check ${isOneOf('from_status', STATUSES)},
      fence integer not null,
      transitioned_at integer not null,
      transitioned_by text not null,
      primary key (execution_id, to_status)
    ) strict, without rowid`,

    `create trigger batch_execution_transition_insert before insert on batch_execution_transition
      when exists (select 1 from batch_execution_transition
        where execution_id = new.execution_id and to_status = new.to_status) begin
      select raise(abort, 'a state is entered once');
    end`,
    `create trigger batch_execution_transition_update before update on batch_execution_transition begin
      select raise(abort, 'transitions never change');
    end`,
    `create trigger batch_execution_transition_delete before delete on batch_execution_transition begin
      select raise(abort, 'transitions are never deleted');
    end`,

    `create table batch_execution_log (
      log_id integer not null primary key,
      execution_id text not null references batch_execution (execution_id) deferrable initially deferred,
      log_level text not null check ${isOneOf('log_level', ['INFO', 'WARN', 'ERROR'])},
      log_category text not null check ${isOneOf('log_category', CATEGORIES)},
      log_code text,
      log_message text not null,
      log_detail text check (json_valid(log_detail)),
      logged_at integer not null
    ) strict`,
    `create index batch_execution_log_execution on batch_execution_log (execution_id)`,
  ],
};
