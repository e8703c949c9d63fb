import { sql } from 'kysely';
import type { CheckTransition, HealthChange, HealthGap } from '../../watch/health/health-changes.ts';
import { accountStatements, toDayRow, toSpanRow } from './check-accounts.ts';
import { toCheckStateRow, toStatus } from './check-state-row.ts';
import type { CheckStateRow, CheckTransitionRow, HealthGapRow } from './health-rows.ts';
import { pingStatements, pingSteps } from './ping-table.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import type { MetaRow } from './store-schema.ts';
import { type Step, step } from './store-step.ts';

/** Gaps of the engine that are kept. */
const GAPS_KEPT = 1000;

type OfCheck = { readonly check_id: string };
type Transitions = OfCheck & { readonly limit: number };

const STATE_COLUMNS: ReadonlyArray<keyof CheckStateRow> = [
  'check_id',
  'revision',
  'status',
  'settled',
  'since_at',
  'flapping',
  'raised_level',
  'raised_at',
  'last_status',
  'last_message',
  'last_value',
  'last_unit',
  'last_details',
  'last_observations',
  'last_at',
  'last_duration_ms',
  'last_attempt',
  'last_isolated',
  'last_pass_at',
  'last_known_at',
  'stale_after_ms',
  'fresh_from_at',
  'recent',
  'changes',
  'bad_warn_since',
  'bad_unknown_since',
  'bad_fail_since',
  'better_since',
  'broken_warn',
  'broken_crit',
  'span_from',
  'span_to',
  'span_status',
  'span_maintenance',
];

/** The statements of the health tables. */
export type HealthStatements = ReturnType<typeof healthStatements>;

/** Compiles every statement about checks, their history and their accounts. */
export function healthStatements(dialect: SqlDialect) {
  return {
    ...stateStatements(dialect),
    ...historyStatements(dialect),
    ...accountStatements(dialect),
    pings: pingStatements(dialect),
  };
}

function stateStatements({ statement }: SqlDialect) {
  return {
    insertState: statement((db, p: CheckStateRow) =>
      db.insertInto('check_state').values(pick(p, STATE_COLUMNS)),
    ),
    updateState: statement((db, p: CheckStateRow & { readonly expect_revision: number }) =>
      db
        .updateTable('check_state')
        .set(pick(p, STATE_COLUMNS.slice(1)))
        .where('check_id', '=', p.check_id)
        .where('revision', '=', p.expect_revision),
    ),
    removeState: statement((db, p: OfCheck) =>
      db.deleteFrom('check_state').where('check_id', '=', p.check_id),
    ),
    states: statement((db, _: object) => db.selectFrom('check_state').selectAll().orderBy('check_id')),
  };
}

function historyStatements({ statement }: SqlDialect) {
  return {
    insertTransition: statement((db, p: CheckTransitionRow) =>
      db
        .insertInto('check_transition')
        .values(pick(p, ['check_id', 'from_status', 'to_status', 'because', 'message', 'transitioned_at'])),
    ),
    transitions: statement((db, p: Transitions) =>
      db
        .selectFrom('check_transition')
        .selectAll()
        .where('check_id', '=', p.check_id)
        .orderBy('transition_id', 'desc')
        .limit(p.limit),
    ),
    /** Keeps the newest `limit` transitions of a check. */
    dropTransitions: statement((db, p: Transitions) =>
      db
        .deleteFrom('check_transition')
        .where('check_id', '=', p.check_id)
        .where('transition_id', '<=', (eb) =>
          eb
            .selectFrom('check_transition')
            .select('transition_id')
            .where('check_id', '=', p.check_id)
            .orderBy('transition_id', 'desc')
            .limit(1)
            .offset(p.limit),
        ),
    ),
    putCanary: statement((db, p: MetaRow) =>
      db
        .insertInto('meta')
        .values(pick(p, ['name', 'value']))
        .onConflict((on) => on.column('name').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') }))),
    ),
    insertGap: statement((db, p: HealthGapRow) =>
      db.insertInto('health_gap').values(pick(p, ['reason', 'from_at', 'to_at'])),
    ),
    dropGaps: statement((db, p: { readonly kept: number }) =>
      db
        .deleteFrom('health_gap')
        .where('gap_id', '<=', sql<number>`(select max(gap_id) from health_gap) - ${p.kept}`),
    ),
    gaps: statement((db, p: { readonly limit: number }) =>
      db.selectFrom('health_gap').selectAll().orderBy('gap_id', 'desc').limit(p.limit),
    ),
  };
}

/** The writes of one change of the health chapter. */
export function healthSteps(statements: HealthStatements, change: HealthChange): readonly Step[] {
  switch (change.kind) {
    case 'health.insert':
      return [step(statements.insertState, toCheckStateRow(change.state))];
    case 'health.update': {
      const row = { ...toCheckStateRow(change.state), expect_revision: change.expectRevision };
      return [step(statements.updateState, row, 'conflict')];
    }
    case 'health.remove':
      return [step(statements.removeState, { check_id: change.checkId })];
    case 'health.transition':
      return [step(statements.insertTransition, toTransitionRow(change.transition))];
    case 'health.span':
      return [step(statements.putSpan, toSpanRow(change.span))];
    case 'health.compact': {
      const { checkId: check_id, throughMs, days, keepTransitions } = change;
      return [
        ...days.map((day) => step(statements.addDay, toDayRow(day))),
        step(statements.dropSpans, { check_id, through_at: throughMs }),
        step(statements.dropTransitions, { check_id, limit: keepTransitions }),
      ];
    }
    case 'health.gap': {
      const { reason, fromMs, toMs } = change.gap;
      const row: HealthGapRow = { reason, from_at: fromMs, to_at: toMs };
      return [step(statements.insertGap, row), step(statements.dropGaps, { kept: GAPS_KEPT })];
    }
    case 'health.canary':
      return [step(statements.putCanary, { name: 'health_canary', value: String(change.atMs) })];
    case 'ping.put':
      return pingSteps(statements.pings, change);
    default:
      return change satisfies never;
  }
}

/** The transition a row holds. */
export function fromCheckTransitionRow(row: CheckTransitionRow): CheckTransition {
  return {
    checkId: row.check_id,
    from: toStatus(row.from_status),
    to: toStatus(row.to_status),
    // Only causes of the union are ever written.
    because: row.because as CheckTransition['because'],
    message: row.message,
    atMs: row.transitioned_at,
  };
}

/** The gap a row holds. */
export function fromGapRow(row: HealthGapRow): HealthGap {
  // Only reasons of the union are ever written.
  return { reason: row.reason as HealthGap['reason'], fromMs: row.from_at, toMs: row.to_at };
}

function toTransitionRow(transition: CheckTransition): CheckTransitionRow {
  const { checkId, from, to, because, message, atMs } = transition;
  return {
    check_id: checkId,
    from_status: from,
    to_status: to,
    because,
    message,
    transitioned_at: atMs,
  };
}
