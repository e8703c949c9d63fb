import type { Generated } from 'kysely';
import type { PingRow } from './ping-table.ts';

// Rows of the health tables as they are stored: instants are ms UTC, JSON is text, truth is 0 or 1.

/** A row of `check_state`. */
export interface CheckStateRow {
  check_id: string;
  revision: number;
  status: string;
  settled: number;
  since_at: number;
  flapping: number;
  raised_level: string | null;
  raised_at: number | null;
  last_status: string | null;
  last_message: string | null;
  last_value: number | null;
  last_unit: string | null;
  last_details: string | null;
  last_observations: string | null;
  last_at: number | null;
  last_duration_ms: number | null;
  last_attempt: number | null;
  last_isolated: number;
  last_pass_at: number | null;
  last_known_at: number | null;
  stale_after_ms: number;
  fresh_from_at: number | null;
  recent: string;
  changes: string;
  bad_warn_since: number | null;
  bad_unknown_since: number | null;
  bad_fail_since: number | null;
  better_since: number | null;
  broken_warn: number;
  broken_crit: number;
  span_from: number | null;
  span_to: number | null;
  span_status: string | null;
  span_maintenance: number | null;
}

/** A row of `check_transition`; its number is given by the database. */
export interface CheckTransitionRow {
  check_id: string;
  from_status: string;
  to_status: string;
  because: string;
  message: string;
  transitioned_at: number;
}

/** A row of `check_span`. */
export interface CheckSpanRow {
  check_id: string;
  from_at: number;
  to_at: number;
  status: string;
  maintenance: number;
}

/** A row of `check_day`. */
export interface CheckDayRow {
  check_id: string;
  day_at: number;
  pass_ms: number;
  warn_ms: number;
  fail_ms: number;
  unknown_ms: number;
  maintenance_ms: number;
}

/** A row of `health_gap`; its number is given by the database. */
export interface HealthGapRow {
  reason: string;
  from_at: number;
  to_at: number;
}

/** Tables of the health chapter. */
export interface HealthSchema {
  ping_state: PingRow;
  check_state: CheckStateRow;
  check_transition: CheckTransitionRow & { transition_id: Generated<number> };
  check_span: CheckSpanRow;
  check_day: CheckDayRow;
  health_gap: HealthGapRow & { gap_id: Generated<number> };
}
