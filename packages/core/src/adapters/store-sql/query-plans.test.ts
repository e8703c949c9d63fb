import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditQueries, auditQueryParts, auditStatements } from './audit-table.ts';
import { executionQueries, executionQueryParts } from './execution-queries.ts';
import { executionStatements } from './executions-table.ts';
import { healthStatements } from './health-tables.ts';
import { skipStatements } from './skips-table.ts';
import { sqliteDialect } from './sql-statement.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { targetStatements } from './targets-table.ts';

// A read without an index is unnoticed on an empty file and blocks the engine for seconds on an old one.
let folder: AsyncDisposable & { readonly path: string };
let raw: DatabaseSync;

beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'qts-plans-'));
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now: () => 0 })).close();
  raw = new DatabaseSync(path, { readOnly: true });
});
afterAll(async () => {
  raw.close();
  await folder[Symbol.asyncDispose]();
});

function planOf(statement: { readonly sql: string; readonly parameters: readonly unknown[] }): string {
  const rows = raw.prepare(`explain query plan ${statement.sql}`).all(...statement.parameters.map(() => 1));
  return rows.map((row) => String(row['detail'])).join('; ');
}

const executions = executionStatements(sqliteDialect);
const skips = skipStatements(sqliteDialect);
const audit = auditStatements(sqliteDialect);
const targets = targetStatements(sqliteDialect);
const health = healthStatements(sqliteDialect);

it.each([
  ['find', executions.find, 'sqlite_autoindex_batch_execution_1 (execution_id=?)'],
  ['findByKey', executions.findByKey, 'batch_execution_idempotency (job_id=? AND idempotency_key=?)'],
  ['update', executions.update, 'sqlite_autoindex_batch_execution_1 (execution_id=?)'],
  ['ready', executions.ready, 'batch_execution_ready'],
  ['running', executions.running, 'batch_execution_one_running'],
  ['transitions', executions.transitions, 'PRIMARY KEY (execution_id=?)'],
  ['log', executions.log, 'batch_execution_log_execution (execution_id=?)'],
  [
    'countSuccess',
    executions.countSuccess,
    'COVERING INDEX batch_execution_success (job_id=? AND created_at>?)',
  ],
  ['countFailed', executions.countFailed, 'COVERING INDEX batch_execution_failed (created_at>?)'],
  ['countStopped', executions.countStopped, 'COVERING INDEX batch_execution_stopped (created_at>?)'],
  ['durations', executions.durations, 'batch_execution_job (job_id=? AND created_at>?)'],
  ['countSlots', executions.countSlots, 'batch_execution_slot (job_id=? AND scheduled_at>?)'],
  ['oldHistory', executions.oldHistory, 'batch_execution_created (created_at<?)'],
  ['extend', skips.extend, 'batch_execution_slot (job_id=? AND scheduled_at>? AND scheduled_at<?)'],
  ['state of a check', health.updateState, 'PRIMARY KEY (check_id=?)'],
  ['transitions of a check', health.transitions, 'check_transition_check (check_id=?)'],
  ['dropped transitions', health.dropTransitions, 'check_transition_check (check_id=?'],
  ['stretches', health.spans, 'PRIMARY KEY (check_id=? AND from_at<?)'],
  ['dropped stretches', health.dropSpans, 'PRIMARY KEY (check_id=? AND from_at<?)'],
  ['days', health.days, 'PRIMARY KEY (check_id=? AND day_at>? AND day_at<?)'],
  ['newest skip', skips.newest, 'slot_skip_newest (target_id=?)'],
  ['sumSince', skips.sumSince, 'slot_skip_target (target_id=? AND to_at>?)'],
  ['across', skips.across, 'slot_skip_target (target_id=? AND to_at>?)'],
  ['audit page', audit.page, 'INTEGER PRIMARY KEY (rowid>?)'],
] as const)('%s reads through its index', (_, statement, index) => {
  expect(planOf(statement)).toContain(index);
});

it.each([
  [{}, 'batch_execution_created'],
  [{ jobId: 'j' }, 'batch_execution_job (job_id=?)'],
  [{ status: 'READY' }, 'batch_execution_ready'],
  [{ status: 'RUNNING' }, 'batch_execution_one_running'],
  [{ status: 'FAILED' }, 'batch_execution_failed'],
  [{ status: 'STOPPED' }, 'batch_execution_stopped'],
  [{ status: 'SUCCESS' }, 'batch_execution_created'],
  [{ status: 'SUCCESS', jobId: 'j' }, 'batch_execution_success (job_id=?)'],
  [{ status: 'FAILED', jobId: 'j' }, 'batch_execution_failed'],
  [{ status: 'FAILED', jobId: 'j', fromMs: 1 }, 'batch_execution_failed (created_at>?)'],
  [{ runType: 'MANUAL' }, 'batch_execution_manual'],
  [{ runType: 'REPLAY', jobId: 'j' }, 'batch_execution_replay'],
  [{ fromMs: 1, toMs: 2 }, 'batch_execution_created (created_at>? AND created_at<?)'],
  [{ jobId: 'j', fromMs: 1 }, 'batch_execution_job (job_id=? AND created_at>?)'],
] as const)('a list of executions %j reads through its index', (query, index) => {
  const { items } = executionQueries(sqliteDialect)(executionQueryParts(query).filters);
  expect(planOf(items)).toContain(index);
});

it.each([
  [{ targetId: 't' }, 'ops_audit_log_target (target_id=?)'],
  [{ requestId: 'r' }, 'ops_audit_log_request (request_id=?)'],
] as const)('a list of audit rows %j reads through its index', (query, index) => {
  const { items } = auditQueries(sqliteDialect)(auditQueryParts(query).filters);
  expect(planOf(items)).toContain(index);
});

it('compiles a list once for each combination of filters', () => {
  const queries = executionQueries(sqliteDialect);
  expect(queries({ jobId: 'a' })).toBe(queries({ jobId: 'b', status: undefined }));
  expect(queries({ status: 'FAILED' })).not.toBe(queries({ status: 'STOPPED' }));
});

// For `in` with more than two words SQLite opens a temporary tree, which costs more than the write itself.
it.each([
  ['execution insert', executions.insert],
  ['execution update', executions.update],
  ['transition insert', executions.insertTransition],
  ['log insert', executions.insertLog],
  ['target insert', targets.insertState],
  ['target update', targets.updateState],
  ['audit append', audit.append],
  ['skip insert', skips.insert],
] as const)('%s checks its row without a temporary table', (_, { sql, parameters }) => {
  const steps = raw.prepare(`explain ${sql}`).all(...parameters.map(() => 1));
  expect(steps.map(({ opcode }) => opcode)).not.toContain('OpenEphemeral');
});
