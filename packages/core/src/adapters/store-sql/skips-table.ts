import { sql } from 'kysely';
import type { SkipReason, SlotSkip } from '../../run/executions/execution.ts';
import type { ExecutionChange } from '../../run/executions/execution-store.ts';
import type { SqlDialect } from './sql-statement.ts';
import type { SkipRow } from './store-schema.ts';
import { type Step, step } from './store-step.ts';

type TargetSince = { readonly target_id: string; readonly since: number };

type SkipChange = Extract<ExecutionChange, { readonly kind: 'slot.skip' }>;

/** The statements of `slot_skip`. */
export type SkipStatements = ReturnType<typeof skipStatements>;

/** Compiles every statement about skipped slots. */
export function skipStatements(dialect: SqlDialect) {
  return { ...writes(dialect), ...reads(dialect) };
}

function writes({ statement }: SqlDialect) {
  return {
    /** Touches the target's newest row when it has this reason and nothing happened between its end and this skip. */
    extend: statement((db, p: SkipRow) =>
      db
        .updateTable('slot_skip')
        .set({
          to_at: p.to_at,
          slot_count: sql<number>`slot_count + ${p.slot_count}`,
          capped: sql<number>`capped | ${p.capped}`,
          recorded_at: p.recorded_at,
        })
        .where('skip_id', '=', (eb) =>
          eb
            .selectFrom('slot_skip')
            .select('skip_id')
            .where('target_id', '=', p.target_id)
            .orderBy('skip_id', 'desc')
            .limit(1),
        )
        .where('reason', '=', p.reason)
        .where('to_at', '<', p.from_at)
        .where(
          sql<boolean>`not exists (select 1 from batch_execution
            where job_id = slot_skip.target_id and scheduled_at is not null and run_type = 'AUTO' and attempt = 1
            and scheduled_at > slot_skip.to_at and scheduled_at < ${p.from_at})`,
        ),
    ),
    insert: statement((db, p: SkipRow) =>
      db.insertInto('slot_skip').values({
        target_id: p.target_id,
        reason: p.reason,
        from_at: p.from_at,
        to_at: p.to_at,
        slot_count: p.slot_count,
        capped: p.capped,
        recorded_at: p.recorded_at,
      }),
    ),
  };
}

function reads({ statement }: SqlDialect) {
  return {
    newest: statement((db, p: { readonly target_id: string; readonly limit: number }) =>
      db
        .selectFrom('slot_skip')
        .selectAll()
        .where('target_id', '=', p.target_id)
        .orderBy('skip_id', 'desc')
        .limit(p.limit),
    ),
    /** Slots of rows that lie wholly at or after `since`. */
    sumSince: statement((db, p: TargetSince) =>
      db
        .selectFrom('slot_skip')
        .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('slot_count'), sql<number>`0`).as('slots'))
        .where('target_id', '=', p.target_id)
        .where('to_at', '>=', p.since)
        .where('from_at', '>=', p.since),
    ),
    /** Rows that began before `since` and end at or after it. */
    across: statement((db, p: TargetSince) =>
      db
        .selectFrom('slot_skip')
        .selectAll()
        .where('target_id', '=', p.target_id)
        .where('to_at', '>=', p.since)
        .where('from_at', '<', p.since),
    ),
  };
}

/** Extends the newest row of the target, or adds one. */
export function skipSteps(statements: SkipStatements, change: SkipChange): readonly Step[] {
  const { skip, atMs, apart } = change;
  const row: SkipRow = {
    target_id: skip.targetId,
    reason: skip.reason,
    from_at: skip.fromMs,
    to_at: skip.toMs,
    slot_count: skip.count,
    capped: Number(skip.capped),
    recorded_at: atMs,
  };
  const insert = step(statements.insert, row);
  return [apart === true ? insert : step(statements.extend, row, insert)];
}

/** The skipped slots a row holds. */
export function fromSkipRow(row: SkipRow): SlotSkip {
  return {
    targetId: row.target_id,
    // Only reasons of the union are ever written.
    reason: row.reason as SkipReason,
    fromMs: row.from_at,
    toMs: row.to_at,
    count: row.slot_count,
    capped: row.capped === 1,
  };
}

/** How many slots of a row lie at or after `sinceMs`, its slots taken as evenly spaced (exact for intervals). */
export function slotsSince(skip: SlotSkip, sinceMs: number): number {
  if (skip.fromMs >= sinceMs) return skip.count;
  if (skip.toMs < sinceMs) return 0;
  const spacingMs = (skip.toMs - skip.fromMs) / Math.max(1, skip.count - 1);
  return skip.count - Math.min(skip.count - 1, Math.ceil((sinceMs - skip.fromMs) / spacingMs));
}
