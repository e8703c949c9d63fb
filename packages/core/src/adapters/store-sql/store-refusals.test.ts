import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXECUTION_STATUSES } from '../../run/executions/execution.ts';
import { EXECUTION_TRANSITIONS } from '../../run/executions/execution-rules.ts';
import { auditOf, commitAll, sampleAudit, sampleJob } from '../../testing/store-samples.ts';
import { openSqliteStore } from './sqlite-store.ts';

// What the file refuses by itself, whoever writes to it: plain SQL on a connection that is not the store's.
let folder: AsyncDisposable & { readonly path: string };
let raw: DatabaseSync;

beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'qts-refusals-'));
  const path = join(folder.path, 'ops.db');
  await using store = await openSqliteStore({ path, now: () => 0 });
  await commitAll(
    store,
    { kind: 'job.upsert', job: sampleJob('j'), atMs: 0 },
    auditOf(sampleAudit()),
    auditOf(sampleAudit()),
  );
  raw = new DatabaseSync(path);
});
beforeEach(() => raw.exec('begin'));
afterEach(() => raw.exec('rollback'));
afterAll(async () => {
  raw.close();
  await folder[Symbol.asyncDispose]();
});

const columnsOf: Readonly<Record<string, string>> = {
  READY: `status = 'READY', started_at = null, ended_at = null, error_code = null`,
  RUNNING: `status = 'RUNNING', started_at = 1, ended_at = null, error_code = null`,
  SUCCESS: `status = 'SUCCESS', started_at = 1, ended_at = 2, error_code = null`,
  FAILED: `status = 'FAILED', started_at = 1, ended_at = 2, error_code = 'BAT-0304'`,
  STOPPED: `status = 'STOPPED', started_at = 1, ended_at = 2, error_code = null,
    stop_requested_by = 'kim', stop_requested_at = 1, stop_requested_reason = 'enough'`,
};

function insertReady(id: string): void {
  raw.exec(`insert into batch_execution (execution_id, job_id, run_type, created_at, updated_at, root_execution_id)
    values ('${id}', 'j', 'AUTO', 0, 0, '${id}')`);
}

function enter(id: string, status: string): void {
  raw.exec(`update batch_execution set ${columnsOf[status]} where execution_id = '${id}'`);
}

/** Brings a new execution to a state along a legal way. */
function reach(id: string, status: string): void {
  insertReady(id);
  if (status !== 'READY') enter(id, 'RUNNING');
  if (status !== 'READY' && status !== 'RUNNING') enter(id, status);
}

describe('transitions', () => {
  const pairs = EXECUTION_STATUSES.flatMap((from) => EXECUTION_STATUSES.map((to) => [from, to] as const));
  const legal = pairs.filter(([from, to]) => EXECUTION_TRANSITIONS[from].includes(to));
  const illegal = pairs.filter(([from, to]) => from !== to && !EXECUTION_TRANSITIONS[from].includes(to));

  it.each(legal)('lets %s become %s', (from, to) => {
    reach('e', from);
    enter('e', to);
    expect(raw.prepare('select status from batch_execution').get()).toEqual({ status: to });
  });

  it.each(illegal)('refuses %s to become %s', (from, to) => {
    reach('e', from);
    expect(() => enter('e', to)).toThrow(/illegal transition|ended execution never changes/);
  });

  it.each(['SUCCESS', 'FAILED', 'STOPPED'])('refuses any change of a %s row', (status) => {
    reach('e', status);
    for (const change of [`operator_note = 'x'`, `updated_at = 9`, `status = status`, `output_tail = 'y'`]) {
      expect(() => raw.exec(`update batch_execution set ${change}`)).toThrow(
        'an ended execution never changes',
      );
    }
  });

  it.each(['RUNNING', 'SUCCESS', 'FAILED', 'STOPPED'])('refuses an execution that is born %s', (status) => {
    expect(() =>
      raw.exec(`insert into batch_execution (execution_id, job_id, run_type, status, started_at, created_at, updated_at,
        root_execution_id) values ('e', 'j', 'AUTO', '${status}', 1, 0, 0, 'e')`),
    ).toThrow('an execution is born READY');
  });
});

describe('executions', () => {
  it.each([
    ['an end without an end state', 'RUNNING', 'ended_at = 5', 'ended_at_iff_terminal'],
    ['an end state without an end', 'RUNNING', `status = 'SUCCESS'`, 'ended_at_iff_terminal'],
    ['an error code of a run that did not fail', 'RUNNING', `error_code = 'X'`, 'error_code_iff_failed'],
    [
      'a failure without an error code',
      'RUNNING',
      `status = 'FAILED', ended_at = 2`,
      'error_code_iff_failed',
    ],
    ['a stop without a reason', 'RUNNING', `status = 'STOPPED', ended_at = 2`, 'stopped_needs_a_reason'],
    ['a stop request without its author', 'RUNNING', `stop_requested_reason = 'x'`, 'stop_request_is_whole'],
    ['a running row that never started', 'READY', `status = 'RUNNING'`, 'started_at_unless_never_started'],
    ['a waiting row that has started', 'READY', 'started_at = 1', 'started_at_unless_never_started'],
    ['half an owner', 'RUNNING', 'owner_pid = 4', 'owner_is_whole'],
    ['a negative count', 'RUNNING', 'processed_count = -5', 'processed_count >= 0'],
    ['a failed verdict on a success', 'RUNNING', `${columnsOf['SUCCESS']}, verdict = 'FAIL'`, 'verdict_fail'],
    ['a fence that goes back', 'RUNNING', 'fence = 2', 'a fence never goes back'],
    ['another job', 'RUNNING', `job_id = 'k'`, 'identifies an execution never changes'],
    ['another slot', 'RUNNING', 'scheduled_at = 4', 'identifies an execution never changes'],
    ['a text where a number belongs', 'RUNNING', `progress_at = 'noon'`, 'cannot store TEXT'],
  ])('refuses %s', (_, status, change, problem) => {
    reach('e', status);
    if (status === 'RUNNING') raw.exec('update batch_execution set fence = 3');
    expect(() => raw.exec(`update batch_execution set ${change}`)).toThrow(problem);
  });

  it('refuses a second running row of a job, also by replacing the first', () => {
    reach('e', 'RUNNING');
    insertReady('f');
    expect(() => enter('f', 'RUNNING')).toThrow('conflict:');
    const replace = `update or replace batch_execution set ${columnsOf['RUNNING']} where execution_id = 'f'`;
    expect(() => raw.exec(replace)).toThrow('conflict:');
  });

  it('refuses to replace an execution by its id or its idempotency key', () => {
    const values = (
      id: string,
    ) => `(execution_id, job_id, run_type, created_at, updated_at, root_execution_id,
      idempotency_key) values ('${id}', 'j', 'AUTO', 0, 0, '${id}', 'k')`;
    raw.exec(`insert into batch_execution ${values('e')}`);
    expect(() => raw.exec(`insert or replace into batch_execution ${values('e')}`)).toThrow('conflict:');
    expect(() => raw.exec(`insert or replace into batch_execution ${values('f')}`)).toThrow('conflict:');
  });

  it('refuses to delete executions and to touch their transitions', () => {
    reach('e', 'SUCCESS');
    expect(() => raw.exec('delete from batch_execution')).toThrow('executions are never deleted');
    const transition = `into batch_execution_transition values ('e', 'READY', null, 0, 0, 'me')`;
    raw.exec(`insert ${transition}`);
    expect(() => raw.exec(`insert or replace ${transition}`)).toThrow('a state is entered once');
    expect(() => raw.exec(`update batch_execution_transition set transitioned_by = 'x'`)).toThrow(
      'never change',
    );
    expect(() => raw.exec('delete from batch_execution_transition')).toThrow('never deleted');
  });
});

describe('audit rows', () => {
  it.each([
    ['an update', `update ops_audit_log set body = '{}'`, 'audit rows never change'],
    ['a delete', 'delete from ops_audit_log where seq = 2', 'audit rows are never deleted'],
    [
      'a replaced row',
      'insert or replace into ops_audit_log select * from copy where seq = 2',
      'without gaps',
    ],
    [
      'a gap',
      'insert into ops_audit_log select seq + 7, chain_id, prev, leaf, hash, body from copy',
      'without gaps',
    ],
    [
      'a row that does not continue the chain',
      'insert into ops_audit_log select seq + 1, chain_id, prev, leaf, hash, body from copy where seq = 2',
      'continues the chain',
    ],
    [
      'a row of another chain',
      `insert into ops_audit_log select seq + 1, 'x', hash, leaf, hash, body from copy where seq = 2`,
      'belongs to the chain',
    ],
    [
      'a row without an operator',
      `insert into ops_audit_log select seq + 1, chain_id, hash, leaf, hash, json_remove(body, '$.actor') from copy
        where seq = 2`,
      'operator_is_not_blank',
    ],
    [
      'a row with a short reason',
      `insert into ops_audit_log select seq + 1, chain_id, hash, leaf, hash, json_set(body, '$.reason', 'a b c d e')
        from copy where seq = 2`,
      'reason_is_given',
    ],
    [
      'a row without an act',
      `insert into ops_audit_log select seq + 1, chain_id, hash, leaf, hash, json_remove(body, '$.action') from copy
        where seq = 2`,
      'act_is_named',
    ],
  ])('refuse %s', (_, statement, problem) => {
    raw.exec('create temp table copy as select seq, chain_id, prev, leaf, hash, body from ops_audit_log');
    expect(() => raw.exec(statement)).toThrow(problem);
  });
});

it('lets the revision of a target only grow', () => {
  raw.exec(`insert into target_state (target_id, revision, consecutive_errors, breaker, cursor_at, clock_era, outcomes)
    values ('j', 4, 0, 'closed', 0, 0, '')`);
  raw.exec('update target_state set revision = 5');
  expect(() => raw.exec('update target_state set revision = 5')).toThrow('conflict:');
  expect(() => raw.exec(`update target_state set revision = 6, breaker = 'open'`)).toThrow(
    'breaker_is_whole',
  );
});
