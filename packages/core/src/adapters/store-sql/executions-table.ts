import { sql } from 'kysely';
import type { ExecutionChange } from '../../run/executions/execution-store.ts';
import { toExecutionRow, toLogRow } from './execution-row.ts';
import { literal, pick, type SqlDialect } from './sql-statement.ts';
import type {
  ExecutionIdentityRow,
  ExecutionLogRow,
  ExecutionRow,
  ExecutionStateRow,
  TransitionRow,
} from './store-schema.ts';
import { type Step, step } from './store-step.ts';

const IDENTITY_COLUMNS: ReadonlyArray<keyof ExecutionIdentityRow> = [
  'execution_id',
  'job_id',
  'run_type',
  'scheduled_at',
  'attempt',
  'missed_count',
  'missed_from',
  'parent_execution_id',
  'root_execution_id',
  'replay_reason',
  'idempotency_key',
  'request_fingerprint',
  'params',
  'created_at',
];

const STATE_COLUMNS: ReadonlyArray<keyof ExecutionStateRow> = [
  'status',
  'fence',
  'lane',
  'late',
  'started_at',
  'ended_at',
  'processed_count',
  'success_count',
  'failed_count',
  'progress_total',
  'progress_unit',
  'progress_message',
  'progress_at',
  'error_code',
  'error_message',
  'error_detail',
  'outcome_known',
  'operator_id',
  'operator_note',
  'stop_requested_by',
  'stop_requested_at',
  'stop_requested_reason',
  'owner_host',
  'owner_boot_id',
  'owner_pid',
  'owner_start_tick',
  'process_group',
  'process_group_start_tick',
  'output_tail',
  'output_bytes',
  'output_file',
  'output_truncated',
  'detached',
  'updated_at',
];

/** Every column that is read back as an `Execution`. */
export const EXECUTION_COLUMNS: ReadonlyArray<keyof ExecutionRow> = [...IDENTITY_COLUMNS, ...STATE_COLUMNS];

/** The durations of at most so many newest runs make the percentiles. */
const SPREAD_RUNS_MAX = 1000;

type Expectation = { readonly expect_status: string; readonly expect_fence: number };
type JobSince = { readonly job_id: string; readonly since: number };

/** The statements of `batch_execution`, `batch_execution_transition` and `batch_execution_log`. */
export type ExecutionStatements = ReturnType<typeof executionStatements>;

/** Compiles every fixed statement about executions. */
export function executionStatements(dialect: SqlDialect) {
  return { ...writes(dialect), ...reads(dialect), ...summaries(dialect) };
}

/** The writes of one change of an execution, its transition included. */
export function executionSteps(statements: ExecutionStatements, change: ExecutionWrite): readonly Step[] {
  switch (change.kind) {
    case 'execution.insert': {
      const { execution, by } = change;
      const row = toExecutionRow(execution, execution.createdAtMs);
      const transition = {
        fence: execution.fence,
        transitioned_at: execution.createdAtMs,
        transitioned_by: by,
      };
      return [
        step(statements.insert, row),
        step(statements.insertTransition, {
          execution_id: execution.id,
          from_status: null,
          to_status: execution.status,
          ...transition,
        }),
      ];
    }
    case 'execution.update': {
      const { execution, expect, by, atMs } = change;
      const row = {
        ...toExecutionRow(execution, atMs),
        expect_status: expect.status,
        expect_fence: expect.fence,
      };
      const update = step(statements.update, row, 'conflict');
      if (execution.status === expect.status) return [update];
      const transition = {
        execution_id: execution.id,
        from_status: expect.status,
        to_status: execution.status,
        fence: execution.fence,
        transitioned_at: atMs,
        transitioned_by: by,
      };
      return [update, step(statements.insertTransition, transition)];
    }
    case 'execution.log':
      return [step(statements.insertLog, toLogRow(change.entry))];
    default:
      return change satisfies never;
  }
}

/** Changes that touch the tables of this file. */
export type ExecutionWrite = Exclude<ExecutionChange, { readonly kind: 'slot.skip' }>;

function writes({ statement }: SqlDialect) {
  return {
    insert: statement((db, p: ExecutionRow) =>
      db.insertInto('batch_execution').values(pick(p, EXECUTION_COLUMNS)),
    ),
    update: statement((db, p: ExecutionStateRow & { readonly execution_id: string } & Expectation) =>
      db
        .updateTable('batch_execution')
        .set(pick(p, STATE_COLUMNS))
        .where('execution_id', '=', p.execution_id)
        .where('status', '=', p.expect_status)
        .where('fence', '=', p.expect_fence),
    ),
    insertTransition: statement((db, p: TransitionRow) =>
      db.insertInto('batch_execution_transition').values({
        execution_id: p.execution_id,
        to_status: p.to_status,
        from_status: p.from_status,
        fence: p.fence,
        transitioned_at: p.transitioned_at,
        transitioned_by: p.transitioned_by,
      }),
    ),
    insertLog: statement((db, p: ExecutionLogRow) =>
      db.insertInto('batch_execution_log').values({
        execution_id: p.execution_id,
        log_level: p.log_level,
        log_category: p.log_category,
        log_code: p.log_code,
        log_message: p.log_message,
        log_detail: p.log_detail,
        logged_at: p.logged_at,
      }),
    ),
  };
}

function reads({ statement }: SqlDialect) {
  return {
    find: statement((db, p: { readonly execution_id: string }) =>
      db.selectFrom('batch_execution').select(EXECUTION_COLUMNS).where('execution_id', '=', p.execution_id),
    ),
    findByKey: statement((db, p: { readonly job_id: string; readonly idempotency_key: string }) =>
      db
        .selectFrom('batch_execution')
        .select(EXECUTION_COLUMNS)
        .where('job_id', '=', p.job_id)
        .where('idempotency_key', '=', p.idempotency_key)
        .where('idempotency_key', 'is not', null),
    ),
    // Two queries and not one with `in`: each of them is answered by the partial index of its state.
    ready: statement((db, _: object) =>
      db.selectFrom('batch_execution').select(EXECUTION_COLUMNS).where('status', '=', literal('READY')),
    ),
    running: statement((db, _: object) =>
      db.selectFrom('batch_execution').select(EXECUTION_COLUMNS).where('status', '=', literal('RUNNING')),
    ),
    transitions: statement((db, p: { readonly execution_id: string }) =>
      db
        .selectFrom('batch_execution_transition')
        .selectAll()
        .where('execution_id', '=', p.execution_id)
        // READY and RUNNING of a scheduled start carry the same instant.
        .orderBy(sql`case to_status when 'READY' then 1 when 'RUNNING' then 2 else 3 end`),
    ),
    log: statement((db, p: { readonly execution_id: string }) =>
      db
        .selectFrom('batch_execution_log')
        .selectAll()
        .where('execution_id', '=', p.execution_id)
        .orderBy('log_id'),
    ),
  };
}

function summaries({ statement }: SqlDialect) {
  const countOf = (status: 'SUCCESS' | 'FAILED' | 'STOPPED') =>
    statement((db, p: JobSince) =>
      db
        .selectFrom('batch_execution')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('status', '=', literal(status))
        .where('job_id', '=', p.job_id)
        .where('created_at', '>=', p.since),
    );
  return {
    countSuccess: countOf('SUCCESS'),
    countFailed: countOf('FAILED'),
    countStopped: countOf('STOPPED'),
    durations: statement((db, p: JobSince) =>
      db
        .selectFrom('batch_execution')
        .select(sql<number>`ended_at - started_at`.as('duration_ms'))
        .where('job_id', '=', p.job_id)
        .where('created_at', '>=', p.since)
        .where('ended_at', 'is not', null)
        .where('started_at', 'is not', null)
        .orderBy('created_at', 'desc')
        .limit(sql.lit(SPREAD_RUNS_MAX)),
    ),
    countSlots: statement((db, p: JobSince) =>
      db
        .selectFrom('batch_execution')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('job_id', '=', p.job_id)
        .where('scheduled_at', '>=', p.since)
        .where('scheduled_at', 'is not', null)
        // As the partial index says: later attempts and replays repeat a slot.
        .where('run_type', '=', literal('AUTO'))
        .where('attempt', '=', sql.lit(1)),
    ),
    oldHistory: statement((db, p: { readonly older_than: number }) =>
      db
        .selectFrom('batch_execution')
        .select((eb) => [
          eb.fn.countAll<number>().as('executions'),
          eb.fn.count<number>('output_file').as('files'),
        ])
        .where('created_at', '<', p.older_than)
        .where('ended_at', '<', p.older_than),
    ),
    oldLog: statement((db, p: { readonly older_than: number }) =>
      db
        .selectFrom('batch_execution_log')
        .innerJoin('batch_execution', 'batch_execution.execution_id', 'batch_execution_log.execution_id')
        .select((eb) => eb.fn.countAll<number>().as('entries'))
        .where('batch_execution.created_at', '<', p.older_than)
        .where('batch_execution.ended_at', '<', p.older_than),
    ),
  };
}
