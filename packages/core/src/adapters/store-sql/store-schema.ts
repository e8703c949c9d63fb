import type { Generated, GeneratedAlways } from 'kysely';
import type { AlertSchema } from './alert-rows.ts';
import type { BackupSchema } from './backup-rows.ts';
import type { HealthSchema } from './health-rows.ts';

// Rows of the database as they are stored: instants are ms UTC, JSON is text, truth is 0 or 1.

/** A row of `batch_job`. */
export interface JobRow {
  job_id: string;
  job_name: string;
  job_description: string | null;
  job_type: string;
  is_active: number;
  created_at: number;
  updated_at: number;
}

/** Columns of an execution that are written once. */
export interface ExecutionIdentityRow {
  execution_id: string;
  job_id: string;
  run_type: string;
  scheduled_at: number | null;
  attempt: number;
  missed_count: number | null;
  missed_from: number | null;
  parent_execution_id: string | null;
  root_execution_id: string;
  replay_reason: string | null;
  idempotency_key: string | null;
  request_fingerprint: string | null;
  params: string | null;
  created_at: number;
}

/** Columns of an execution that follow its life. */
export interface ExecutionStateRow {
  status: string;
  fence: number;
  lane: number;
  late: number;
  started_at: number | null;
  ended_at: number | null;
  processed_count: number;
  success_count: number;
  failed_count: number;
  progress_total: number | null;
  progress_unit: string | null;
  progress_message: string | null;
  progress_at: number | null;
  error_code: string | null;
  error_message: string | null;
  error_detail: string | null;
  outcome_known: number;
  operator_id: string | null;
  operator_note: string | null;
  stop_requested_by: string | null;
  stop_requested_at: number | null;
  stop_requested_reason: string | null;
  owner_host: string | null;
  owner_boot_id: string | null;
  owner_pid: number | null;
  owner_start_tick: number | null;
  process_group: number | null;
  process_group_start_tick: number | null;
  output_tail: string;
  output_bytes: number;
  output_file: string | null;
  output_truncated: number;
  detached: number;
  updated_at: number;
}

/** What the engine writes and reads of an execution. */
export type ExecutionRow = ExecutionIdentityRow & ExecutionStateRow;

/** Columns of the specification that later chapters fill. */
interface ExecutionLaterRow {
  target_date: Generated<string | null>;
  target_start_date: Generated<string | null>;
  target_end_date: Generated<string | null>;
  context_id: Generated<string | null>;
  verdict: Generated<string | null>;
}

/** A row of `batch_execution_transition`: one state an execution entered. */
export interface TransitionRow {
  execution_id: string;
  from_status: string | null;
  to_status: string;
  fence: number;
  transitioned_at: number;
  transitioned_by: string;
}

/** A row of `batch_execution_log`; its number is given by the database. */
export interface ExecutionLogRow {
  execution_id: string;
  log_level: string;
  log_category: string;
  log_code: string | null;
  log_message: string;
  log_detail: string | null;
  logged_at: number;
}

/** A row of `slot_skip`; its number is given by the database. */
export interface SkipRow {
  target_id: string;
  reason: string;
  from_at: number;
  to_at: number;
  slot_count: number;
  capped: number;
  recorded_at: number;
}

/** A row of `target_state`. */
export interface TargetStateRow {
  target_id: string;
  revision: number;
  consecutive_errors: number;
  breaker: string;
  breaker_since: number | null;
  breaker_cooldown_ms: number | null;
  breaker_probe_at: number | null;
  breaker_execution_id: string | null;
  backoff_until: number | null;
  paused_by: string | null;
  paused_at: number | null;
  paused_reason: string | null;
  cursor_at: number;
  next_slot_at: number | null;
  clock_era: number;
  outcomes: string;
  last_execution_id: string | null;
  last_status: string | null;
  last_ended_at: number | null;
  last_duration_ms: number | null;
  last_success_at: number | null;
  last_error_code: string | null;
  last_error_message: string | null;
}

/** The stored columns of an audit row; the specification's columns are generated from `body`. */
export interface AuditStoredRow {
  seq: number;
  chain_id: string;
  prev: Uint8Array;
  leaf: Uint8Array;
  hash: Uint8Array;
  body: string;
}

interface AuditGeneratedRow {
  audit_type: GeneratedAlways<string>;
  target_type: GeneratedAlways<string>;
  target_id: GeneratedAlways<string>;
  operator_id: GeneratedAlways<string>;
  request_id: GeneratedAlways<string>;
  created_at: GeneratedAlways<number>;
}

/** A row of `error_code_master`. */
export interface ErrorCodeRow {
  error_code: string;
  category: string;
  severity: string;
  user_message: string;
  user_message_ko: string;
  ops_message: string;
  ops_message_ko: string;
  action_guide: string;
  action_guide_ko: string;
  auto_alert: number;
  alert_level: string;
  retry: string;
  outcome_known: number;
  http_status: number | null;
  cli_exit: number | null;
  aliases: string;
  source: string;
  is_active: number;
  created_at: number;
  updated_at: number;
}

/** A row of `meta`: one named fact about the database itself. */
export interface MetaRow {
  name: string;
  value: string;
}

/** Tables and columns the queries are written against. */
export interface StoreSchema extends HealthSchema, AlertSchema, BackupSchema {
  batch_job: JobRow;
  batch_execution: ExecutionRow & ExecutionLaterRow;
  batch_execution_transition: TransitionRow;
  batch_execution_log: ExecutionLogRow & { log_id: Generated<number> };
  slot_skip: SkipRow & { skip_id: Generated<number> };
  target_state: TargetStateRow;
  ops_audit_log: AuditStoredRow & AuditGeneratedRow;
  error_code_master: ErrorCodeRow;
  meta: MetaRow;
}
