import type { Breaker, Pause, TargetState } from '../../run/targets/target.ts';
import type { BatchJob, TargetChange } from '../../run/targets/target-store.ts';
import { present } from './row-values.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import type { JobRow, TargetStateRow } from './store-schema.ts';
import { type Step, step } from './store-step.ts';

const STATE_COLUMNS: ReadonlyArray<keyof TargetStateRow> = [
  'target_id',
  'revision',
  'consecutive_errors',
  'breaker',
  'breaker_since',
  'breaker_cooldown_ms',
  'breaker_probe_at',
  'breaker_execution_id',
  'backoff_until',
  'paused_by',
  'paused_at',
  'paused_reason',
  'cursor_at',
  'next_slot_at',
  'clock_era',
  'outcomes',
  'last_execution_id',
  'last_status',
  'last_ended_at',
  'last_duration_ms',
  'last_success_at',
  'last_error_code',
  'last_error_message',
];

/** The jobs the specification ships with; they stay inactive until a config names them. */
export const SEEDED_JOBS: readonly BatchJob[] = [
  seeded('DAILY', 'DAILY_PRICE_LOAD', 'Loads the prices of the day.'),
  seeded('DAILY', 'DAILY_RETURN_CALC', 'Computes the returns of the day.'),
  seeded('DAILY', 'DAILY_SIMULATION', 'Runs the simulations of the day.'),
  seeded('DAILY', 'DAILY_EXPLANATION', 'Writes the explanations of the day.'),
  seeded('MONTHLY', 'MONTHLY_REPORT', 'Makes the report of the month.'),
  seeded('ON_DEMAND', 'ON_DEMAND_REPLAY', 'Repeats a run when an operator asks for it.'),
];

/** The statements of `target_state` and `batch_job`. */
export type TargetStatements = ReturnType<typeof targetStatements>;

/** Compiles every statement about targets and jobs. */
export function targetStatements(dialect: SqlDialect) {
  const { statement, eachText } = dialect;
  const jobColumns = [
    'job_id',
    'job_name',
    'job_description',
    'job_type',
    'is_active',
    'created_at',
    'updated_at',
  ] as const;
  return {
    insertState: statement((db, p: TargetStateRow) =>
      db.insertInto('target_state').values(pick(p, STATE_COLUMNS)),
    ),
    updateState: statement((db, p: TargetStateRow & { readonly expect_revision: number }) =>
      db
        .updateTable('target_state')
        .set(pick(p, STATE_COLUMNS.slice(1)))
        .where('target_id', '=', p.target_id)
        .where('revision', '=', p.expect_revision),
    ),
    states: statement((db, _: object) => db.selectFrom('target_state').selectAll().orderBy('target_id')),
    seedJob: statement((db, p: JobRow) =>
      db
        .insertInto('batch_job')
        .values(pick(p, jobColumns))
        .onConflict((on) => on.column('job_id').doNothing()),
    ),
    upsertJob: statement((db, p: JobRow) =>
      db
        .insertInto('batch_job')
        .values(pick(p, jobColumns))
        .onConflict((on) =>
          on.column('job_id').doUpdateSet((eb) => ({
            job_name: eb.ref('excluded.job_name'),
            job_description: eb.ref('excluded.job_description'),
            job_type: eb.ref('excluded.job_type'),
            is_active: eb.ref('excluded.is_active'),
            updated_at: eb.ref('excluded.updated_at'),
          })),
        ),
    ),
    deactivateOthers: statement((db, p: { readonly active_ids: string; readonly updated_at: number }) =>
      db
        .updateTable('batch_job')
        .set({ is_active: 0, updated_at: p.updated_at })
        .where('is_active', '=', 1)
        .where('job_id', 'not in', eachText(p.active_ids)),
    ),
    jobs: statement((db, _: object) => db.selectFrom('batch_job').selectAll().orderBy('job_id')),
  };
}

/** The writes of one change of a target or a job. */
export function targetSteps(statements: TargetStatements, change: TargetChange): readonly Step[] {
  switch (change.kind) {
    case 'target.insert':
      return [step(statements.insertState, toStateRow(change.state))];
    case 'target.update': {
      const row = { ...toStateRow(change.state), expect_revision: change.expectRevision };
      return [step(statements.updateState, row, 'conflict')];
    }
    case 'job.upsert':
      return [step(statements.upsertJob, toJobRow(change.job, change.atMs))];
    case 'job.deactivate-others': {
      const values = { active_ids: JSON.stringify(change.activeJobIds), updated_at: change.atMs };
      return [step(statements.deactivateOthers, values)];
    }
    default:
      return change satisfies never;
  }
}

/** The row of a job, as it is at `atMs`. */
export function toJobRow(job: BatchJob, atMs: number): JobRow {
  return {
    job_id: job.jobId,
    job_name: job.jobName,
    job_description: job.jobDescription ?? null,
    job_type: job.jobType,
    is_active: Number(job.isActive),
    created_at: atMs,
    updated_at: atMs,
  };
}

/** The job a row holds. */
export function fromJobRow(row: JobRow): BatchJob {
  return {
    jobId: row.job_id,
    jobName: row.job_name,
    ...present('jobDescription', row.job_description),
    // The table's checks admit no other words.
    jobType: row.job_type as BatchJob['jobType'],
    isActive: row.is_active === 1,
  };
}

/** The state a row holds; what is NULL in the row is absent. */
export function fromStateRow(row: TargetStateRow): TargetState {
  return {
    targetId: row.target_id,
    revision: row.revision,
    consecutiveErrors: row.consecutive_errors,
    breaker: fromBreaker(row),
    ...present('backoffUntilMs', row.backoff_until),
    ...present('pause', fromPause(row)),
    cursorMs: row.cursor_at,
    ...present('nextSlotMs', row.next_slot_at),
    clockEra: row.clock_era,
    outcomes: row.outcomes,
    ...present('lastExecutionId', row.last_execution_id),
    // The table's checks admit no other words.
    ...present('lastStatus', row.last_status as TargetState['lastStatus'] | null),
    ...present('lastEndedAtMs', row.last_ended_at),
    ...present('lastDurationMs', row.last_duration_ms),
    ...present('lastSuccessAtMs', row.last_success_at),
    ...present('lastErrorCode', row.last_error_code),
    ...present('lastErrorMessage', row.last_error_message),
  };
}

function toStateRow(state: TargetState): TargetStateRow {
  const { breaker, pause } = state;
  const closed = breaker.kind === 'closed';
  return {
    target_id: state.targetId,
    revision: state.revision,
    consecutive_errors: state.consecutiveErrors,
    breaker: breaker.kind,
    breaker_since: closed ? null : breaker.sinceMs,
    breaker_cooldown_ms: closed ? null : breaker.cooldownMs,
    breaker_probe_at: breaker.kind === 'open' ? (breaker.probeAtMs ?? null) : null,
    breaker_execution_id: breaker.kind === 'half-open' ? breaker.executionId : null,
    backoff_until: state.backoffUntilMs ?? null,
    paused_by: pause?.operatorId ?? null,
    paused_at: pause?.atMs ?? null,
    paused_reason: pause?.reason ?? null,
    cursor_at: state.cursorMs,
    next_slot_at: state.nextSlotMs ?? null,
    clock_era: state.clockEra,
    outcomes: state.outcomes,
    last_execution_id: state.lastExecutionId ?? null,
    last_status: state.lastStatus ?? null,
    last_ended_at: state.lastEndedAtMs ?? null,
    last_duration_ms: state.lastDurationMs ?? null,
    last_success_at: state.lastSuccessAtMs ?? null,
    last_error_code: state.lastErrorCode ?? null,
    last_error_message: state.lastErrorMessage ?? null,
  };
}

function fromBreaker(row: TargetStateRow): Breaker {
  const sinceMs = row.breaker_since ?? 0;
  const cooldownMs = row.breaker_cooldown_ms ?? 0;
  switch (row.breaker) {
    case 'open':
      return { kind: 'open', sinceMs, cooldownMs, ...present('probeAtMs', row.breaker_probe_at) };
    case 'half-open':
      return { kind: 'half-open', sinceMs, cooldownMs, executionId: row.breaker_execution_id ?? '' };
    default:
      return { kind: 'closed' };
  }
}

function fromPause(row: TargetStateRow): Pause | undefined {
  const { paused_by: operatorId, paused_at: atMs, paused_reason: reason } = row;
  if (operatorId === null || atMs === null || reason === null) return undefined;
  return { operatorId, atMs, reason };
}

function seeded(jobType: BatchJob['jobType'], jobId: string, jobDescription: string): BatchJob {
  const words = jobId.toLowerCase().replaceAll('_', ' ');
  return {
    jobId,
    jobName: words.charAt(0).toUpperCase() + words.slice(1),
    jobDescription,
    jobType,
    isActive: false,
  };
}
