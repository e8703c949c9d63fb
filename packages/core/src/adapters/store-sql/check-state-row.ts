import type { CheckObservation, CheckStatus } from '../../ports/health-check.ts';
import type {
  BadSince,
  CheckLook,
  CheckSpan,
  CheckState,
  RaisedAlert,
} from '../../watch/health/check-state.ts';
import type { CheckStateRow } from './health-rows.ts';
import { fromJsonText, present, toJsonText } from './row-values.ts';

/** The row of a check's state. */
export function toCheckStateRow(state: CheckState): CheckStateRow {
  const { raised, badSince, broken, span } = state;
  return {
    check_id: state.checkId,
    revision: state.revision,
    status: state.status,
    settled: Number(state.settled),
    since_at: state.sinceMs,
    flapping: Number(state.flapping),
    raised_level: raised?.level ?? null,
    raised_at: raised?.atMs ?? null,
    ...toLookColumns(state.last),
    last_pass_at: state.lastPassAtMs ?? null,
    last_known_at: state.lastKnownAtMs ?? null,
    stale_after_ms: state.staleAfterMs,
    fresh_from_at: state.freshFromMs ?? null,
    recent: state.recent,
    changes: state.changes,
    bad_warn_since: badSince.warnMs ?? null,
    bad_unknown_since: badSince.unknownMs ?? null,
    bad_fail_since: badSince.failMs ?? null,
    better_since: state.betterSinceMs ?? null,
    broken_warn: Number(broken.warn),
    broken_crit: Number(broken.crit),
    span_from: span?.fromMs ?? null,
    span_to: span?.toMs ?? null,
    span_status: span?.status ?? null,
    span_maintenance: span === undefined ? null : Number(span.maintenance),
  };
}

/** The state a row holds; what is NULL in the row is absent. */
export function fromCheckStateRow(row: CheckStateRow): CheckState {
  return {
    checkId: row.check_id,
    revision: row.revision,
    status: toStatus(row.status),
    settled: row.settled === 1,
    sinceMs: row.since_at,
    ...present('last', fromLookColumns(row)),
    recent: row.recent,
    changes: row.changes,
    flapping: row.flapping === 1,
    badSince: fromBadSince(row),
    ...present('betterSinceMs', row.better_since),
    broken: { warn: row.broken_warn === 1, crit: row.broken_crit === 1 },
    ...present('raised', fromRaised(row)),
    ...present('lastPassAtMs', row.last_pass_at),
    ...present('lastKnownAtMs', row.last_known_at),
    staleAfterMs: row.stale_after_ms,
    ...present('freshFromMs', row.fresh_from_at),
    ...present('span', fromSpanColumns(row)),
  };
}

/** A status as a column holds it; the table's checks admit no other words. */
export function toStatus(word: string): CheckStatus {
  return word as CheckStatus;
}

type LookColumns = Pick<
  CheckStateRow,
  | 'last_status'
  | 'last_message'
  | 'last_value'
  | 'last_unit'
  | 'last_details'
  | 'last_observations'
  | 'last_at'
  | 'last_duration_ms'
  | 'last_attempt'
  | 'last_isolated'
>;

function toLookColumns(look: CheckLook | undefined): LookColumns {
  return {
    last_status: look?.status ?? null,
    last_message: look?.message ?? null,
    last_value: look?.value ?? null,
    last_unit: look?.unit ?? null,
    last_details: toJsonText(look?.details),
    last_observations: look?.observations === undefined ? null : JSON.stringify(look.observations),
    last_at: look?.atMs ?? null,
    last_duration_ms: look?.durationMs ?? null,
    last_attempt: look?.attempt ?? null,
    last_isolated: Number(look?.isolated ?? false),
  };
}

function fromLookColumns(row: CheckStateRow): CheckLook | undefined {
  const { last_status: status, last_message: message, last_at: atMs } = row;
  if (status === null || message === null || atMs === null) return undefined;
  // Only lists of observations are ever written.
  const observations = fromJsonText(row.last_observations) as readonly CheckObservation[] | undefined;
  return {
    status: toStatus(status),
    message,
    ...present('value', row.last_value),
    ...present('unit', row.last_unit),
    ...(row.last_details === null ? {} : present('details', fromJsonText(row.last_details))),
    ...present('observations', observations),
    atMs,
    durationMs: row.last_duration_ms ?? 0,
    attempt: row.last_attempt ?? 1,
    ...(row.last_isolated === 1 ? { isolated: true } : {}),
  };
}

function fromBadSince(row: CheckStateRow): BadSince {
  return {
    ...present('warnMs', row.bad_warn_since),
    ...present('unknownMs', row.bad_unknown_since),
    ...present('failMs', row.bad_fail_since),
  };
}

function fromRaised(row: CheckStateRow): RaisedAlert | undefined {
  if (row.raised_level === null || row.raised_at === null) return undefined;
  // The table's checks admit no other words.
  return { level: row.raised_level as RaisedAlert['level'], atMs: row.raised_at };
}

function fromSpanColumns(row: CheckStateRow): CheckSpan | undefined {
  const { span_from: fromMs, span_to: toMs, span_status: status } = row;
  if (fromMs === null || toMs === null || status === null) return undefined;
  return {
    checkId: row.check_id,
    fromMs,
    toMs,
    status: toStatus(status),
    maintenance: row.span_maintenance === 1,
  };
}
