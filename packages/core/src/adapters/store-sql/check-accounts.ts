import { sql } from 'kysely';
import type { CheckSpan } from '../../watch/health/check-state.ts';
import type { CheckDay } from '../../watch/health/health-changes.ts';
import { toStatus } from './check-state-row.ts';
import type { CheckDayRow, CheckSpanRow } from './health-rows.ts';
import { pick, type SqlDialect } from './sql-statement.ts';

type OfCheck = { readonly check_id: string };
type InRange = OfCheck & { readonly from_at: number; readonly to_at: number };

const SUMS = ['pass_ms', 'warn_ms', 'fail_ms', 'unknown_ms', 'maintenance_ms'] as const;

/** Compiles every statement about stretches of time and sums of days. */
export function accountStatements(dialect: SqlDialect) {
  return { ...spanStatements(dialect), ...dayStatements(dialect) };
}

/** The stretch a row holds. */
export function fromSpanRow(row: CheckSpanRow): CheckSpan {
  return {
    checkId: row.check_id,
    fromMs: row.from_at,
    toMs: row.to_at,
    status: toStatus(row.status),
    maintenance: row.maintenance === 1,
  };
}

/** The sums a row holds. */
export function fromDayRow(row: CheckDayRow): CheckDay {
  return {
    checkId: row.check_id,
    dayMs: row.day_at,
    passMs: row.pass_ms,
    warnMs: row.warn_ms,
    failMs: row.fail_ms,
    unknownMs: row.unknown_ms,
    maintenanceMs: row.maintenance_ms,
  };
}

/** The row of a stretch. */
export function toSpanRow({ checkId, fromMs, toMs, status, maintenance }: CheckSpan): CheckSpanRow {
  return {
    check_id: checkId,
    from_at: fromMs,
    to_at: toMs,
    status,
    maintenance: Number(maintenance),
  };
}

/** The row of the sums of a day. */
export function toDayRow(day: CheckDay): CheckDayRow {
  return {
    check_id: day.checkId,
    day_at: day.dayMs,
    pass_ms: day.passMs,
    warn_ms: day.warnMs,
    fail_ms: day.failMs,
    unknown_ms: day.unknownMs,
    maintenance_ms: day.maintenanceMs,
  };
}

function spanStatements({ statement }: SqlDialect) {
  return {
    putSpan: statement((db, p: CheckSpanRow) =>
      db
        .insertInto('check_span')
        .values(pick(p, ['check_id', 'from_at', 'to_at', 'status', 'maintenance']))
        .onConflict((on) =>
          on.columns(['check_id', 'from_at']).doUpdateSet((eb) => ({
            to_at: eb.ref('excluded.to_at'),
            status: eb.ref('excluded.status'),
            maintenance: eb.ref('excluded.maintenance'),
          })),
        ),
    ),
    dropSpans: statement((db, p: OfCheck & { readonly through_at: number }) =>
      db
        .deleteFrom('check_span')
        .where('check_id', '=', p.check_id)
        .where('from_at', '<', p.through_at)
        .where('to_at', '<=', p.through_at),
    ),
    /** Stretches never overlap: those that reach into the range begin before its end. */
    spans: statement((db, p: InRange) =>
      db
        .selectFrom('check_span')
        .selectAll()
        .where('check_id', '=', p.check_id)
        .where('from_at', '<', p.to_at)
        .where('to_at', '>', p.from_at)
        .orderBy('from_at'),
    ),
    spanCount: statement((db, p: OfCheck) =>
      db
        .selectFrom('check_span')
        .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('from_at').as('oldest_at')])
        .where('check_id', '=', p.check_id),
    ),
  };
}

function dayStatements({ statement }: SqlDialect) {
  return {
    addDay: statement((db, p: CheckDayRow) =>
      db
        .insertInto('check_day')
        .values(pick(p, ['check_id', 'day_at', ...SUMS]))
        .onConflict((on) =>
          on.columns(['check_id', 'day_at']).doUpdateSet({
            pass_ms: sql<number>`pass_ms + excluded.pass_ms`,
            warn_ms: sql<number>`warn_ms + excluded.warn_ms`,
            fail_ms: sql<number>`fail_ms + excluded.fail_ms`,
            unknown_ms: sql<number>`unknown_ms + excluded.unknown_ms`,
            maintenance_ms: sql<number>`maintenance_ms + excluded.maintenance_ms`,
          }),
        ),
    ),
    days: statement((db, p: InRange) =>
      db
        .selectFrom('check_day')
        .selectAll()
        .where('check_id', '=', p.check_id)
        .where('day_at', '<', p.to_at)
        .where('day_at', '>', sql<number>`${p.from_at} - 86400000`)
        .orderBy('day_at'),
    ),
  };
}
