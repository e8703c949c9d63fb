import { mkdtempDisposable, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { listErrors } from '../../kernel/define-errors.ts';
import {
  auditOf,
  commitAll,
  insertOf,
  SAMPLE_START_MS,
  sampleAudit,
  sampleExecution,
  sampleJob,
} from '../../testing/store-samples.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { openSqliteStore } from './sqlite-store.ts';

const now = () => SAMPLE_START_MS;
const newFolder = () => mkdtempDisposable(join(tmpdir(), 'qts-store-'));

it('keeps everything across a restart and continues the audit chain', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  {
    await using store = await openSqliteStore({ path, now });
    expect(store.opening).toMatchObject({ fromVersion: 0, copies: [], catalogue: 'updated' });
    await commitAll(store, { kind: 'job.upsert', job: sampleJob(), atMs: 1 }, insertOf(sampleExecution('e')));
    await commitAll(store, auditOf(sampleAudit()));
  }
  await using store = await openSqliteStore({ path, now });
  expect(store.opening).toMatchObject({ catalogue: 'unchanged', changedCodes: [], copies: [] });
  expect(await store.findExecution('e')).toStrictEqual(sampleExecution('e'));
  await commitAll(store, auditOf(sampleAudit()));
  expect(await store.verifyAuditChain(1)).toBeUndefined();
  expect(await store.lastAuditSeq()).toBe(2);
});

it('makes files only the owner can read, in WAL mode, and leaves one file when closed', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  const store = await openSqliteStore({ path, now });
  for (const suffix of ['', '-wal', '-shm']) {
    expect(((await stat(`${path}${suffix}`)).mode & 0o777).toString(8)).toBe('600');
  }
  await store.close();
  await store.close();
  await expect(stat(`${path}-wal`)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('writes every commit to the disk before it is acknowledged', async () => {
  await using folder = await newFolder();
  const database = SqliteDatabase.open(join(folder.path, 'ops.db'));
  const pragma = (name: string) => Object.values(database.raw.prepare(`pragma ${name}`).get() ?? {})[0];
  expect(pragma('journal_mode')).toBe('wal');
  expect(pragma('synchronous')).toBe(2);
  expect(pragma('foreign_keys')).toBe(1);
  expect(pragma('busy_timeout')).toBe(250);
  database.close();
});

it('has strict tables under the names of the specification', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now })).close();
  using raw = new DatabaseSync(path, { readOnly: true });
  const tables = raw.prepare(`select name, strict from pragma_table_list where schema = 'main'`).all();
  const ours = tables.filter(({ name }) => !String(name).startsWith('sqlite_'));
  expect(ours.map(({ name }) => String(name)).sort((a, b) => (a < b ? -1 : 1))).toStrictEqual([
    'alert_attempt',
    'alert_channel',
    'alert_history',
    'alert_outbox',
    'alert_outbox_alert',
    'alert_silence',
    'backup_catalogue',
    'backup_listing',
    'batch_execution',
    'batch_execution_log',
    'batch_execution_transition',
    'batch_job',
    'check_day',
    'check_span',
    'check_state',
    'check_transition',
    'error_code_master',
    'health_gap',
    'meta',
    'ops_alert',
    'ops_audit_log',
    'ping_state',
    'schema_migration',
    'slot_skip',
    'target_state',
  ]);
  expect(ours.filter(({ strict }) => strict !== 1)).toStrictEqual([]);
  const columns = raw.prepare(`select name from pragma_table_xinfo('ops_audit_log')`).all();
  expect(columns.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      'audit_id audit_type target_type target_id action before_state after_state'.split(' '),
    ),
  );
  expect(columns.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      'operator_id operator_ip operator_reason approved_by approved_at created_at'.split(' '),
    ),
  );
});

it('holds the 17 codes of the specification and every declared code', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now })).close();
  using raw = new DatabaseSync(path, { readOnly: true });
  const rows = raw.prepare('select * from error_code_master').all();
  const specified = rows.filter((row) => String(row['error_code']).startsWith('C1-'));
  expect(specified).toHaveLength(17);
  expect(specified.filter((row) => row['auto_alert'] === 0).map((row) => row['error_code'])).toEqual([
    'C1-INP-003',
  ]);
  expect(rows).toHaveLength(17 + listErrors().length);
  for (const row of rows) {
    expect(String(row['user_message']).length).toBeLessThanOrEqual(200);
    expect(String(row['ops_message']).length).toBeLessThanOrEqual(500);
    expect(row['user_message_ko']).toMatch(/[가-힣]/);
  }
});

it('heals error codes that somebody edited and says so', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now })).close();
  {
    using raw = new DatabaseSync(path);
    raw.exec(`update error_code_master set auto_alert = 0 where error_code = 'C1-SYS-001'`);
    raw.exec(`delete from error_code_master where error_code = 'SYS-0102'`);
  }
  await using store = await openSqliteStore({ path, now });
  expect(store.opening).toMatchObject({ catalogue: 'healed', changedCodes: ['C1-SYS-001', 'SYS-0102'] });
  using raw = new DatabaseSync(path, { readOnly: true });
  const healed = raw
    .prepare(`select auto_alert from error_code_master where error_code = 'C1-SYS-001'`)
    .get();
  expect(healed?.['auto_alert']).toBe(1);
  const note = raw.prepare(`select value from meta where name = 'catalogue_healed'`).get();
  expect(JSON.parse(String(note?.['value']))).toEqual({
    atMs: SAMPLE_START_MS,
    codes: ['C1-SYS-001', 'SYS-0102'],
  });
});

it('retires a code that is no longer declared instead of forgetting it', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now })).close();
  const catalogue = listErrors().filter(([code]) => code !== 'SYS-0102');
  await using store = await openSqliteStore({ path, now, catalogue });
  expect(store.opening).toMatchObject({ catalogue: 'updated', changedCodes: ['SYS-0102'] });
  using raw = new DatabaseSync(path, { readOnly: true });
  const retired = raw.prepare(`select is_active from error_code_master where error_code = 'SYS-0102'`).get();
  expect(retired?.['is_active']).toBe(0);
});

it('says that another process holds the lock, and goes on when it lets go', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  await using store = await openSqliteStore({ path, now });
  const job = { kind: 'job.upsert', job: sampleJob(), atMs: 1 } as const;
  {
    using other = new DatabaseSync(path);
    other.exec('begin immediate');
    await expect(store.commit([job])).rejects.toMatchObject({ code: 'SYS-0102', data: { path } });
  }
  expect(await store.commit([job])).toBe('committed');
});

it('says that the disk is full, and loses nothing of what was there', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now })).close();
  const database = SqliteDatabase.open(path);
  database.raw.exec('pragma max_page_count = 1');
  const fill = () => {
    database.transaction(() => database.raw.exec(`insert into meta values ('big', hex(zeroblob(1000000)))`));
  };
  expect(() => database.guard(fill)).toThrow(expect.objectContaining({ code: 'SYS-0302' }));
  expect(database.raw.isTransaction).toBe(false);
  database.close();
  await (await openSqliteStore({ path, now })).close();
});

it('names a missing job, a closed store and a path that cannot be opened', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 'ops.db');
  const store = await openSqliteStore({ path, now });
  const orphan = insertOf(sampleExecution('e', { jobId: 'nobody' }));
  await expect(store.commit([orphan])).rejects.toMatchObject({ code: 'SYS-0106', message: /FOREIGN KEY/ });
  await store.close();
  await expect(store.readJobs()).rejects.toMatchObject({ code: 'SYS-0101' });
  await expect(store.commit([])).rejects.toMatchObject({ code: 'SYS-0101' });
  const nowhere = join(folder.path, 'absent', 'ops.db');
  await expect(openSqliteStore({ path: nowhere, now })).rejects.toMatchObject({ code: 'SYS-0101' });
  await expect(openSqliteStore({ path: folder.path, now })).rejects.toMatchObject({ code: 'SYS-0101' });
  expect((await readFile(path)).toString('latin1', 0, 15)).toBe('SQLite format 3');
});
