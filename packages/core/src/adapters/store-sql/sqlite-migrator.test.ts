import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { commitAll, insertOf, sampleExecution, sampleJob } from '../../testing/store-samples.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { APPLICATION_ID, SqliteDatabase } from './sqlite-database.ts';
import { inspectFile, schemaVersion } from './sqlite-file.ts';
import { migrate } from './sqlite-migrator.ts';
import { openSqliteStore } from './sqlite-store.ts';

const now = () => 7;
const newFolder = () => mkdtempDisposable(join(tmpdir(), 'qts-migrate-'));
const latest = MIGRATIONS.length;
const addColumn: Migration = {
  version: latest + 1,
  name: 'add-a-column',
  statements: ['alter table meta add column note text', `update meta set note = 'added'`],
};
const failing: Migration = {
  version: latest + 2,
  name: 'cannot-work',
  statements: ['create table half_done (n integer) strict', 'insert into nowhere values (1)'],
};

/** A database of this version with one execution in it. */
async function filledStore(path: string): Promise<void> {
  await using store = await openSqliteStore({ path, now });
  await commitAll(store, { kind: 'job.upsert', job: sampleJob(), atMs: 1 }, insertOf(sampleExecution('e')));
}

function withDatabase<T>(path: string, work: (database: SqliteDatabase) => T): T {
  const database = SqliteDatabase.open(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function countOf(path: string, table: string): unknown {
  using raw = new DatabaseSync(path, { readOnly: true });
  return raw.prepare(`select count(*) as n from ${table}`).get()?.['n'];
}

describe('schema steps', () => {
  it('are numbered without gaps', () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  it('build a new database without making copies', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await filledStore(path);
    expect(await readdir(folder.path)).toEqual(['ops.db']);
    expect(countOf(path, 'schema_migration')).toBe(latest);
  });

  it('copy the file before each of them', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await filledStore(path);
    const second: Migration = {
      ...addColumn,
      version: latest + 2,
      name: 'again',
      statements: ['drop table slot_skip'],
    };
    const applied = withDatabase(path, (database) =>
      migrate(database, [...MIGRATIONS, addColumn, second], now),
    );
    const copies = [latest + 1, latest + 2].map(
      (version) => `${path}.before-${String(version).padStart(4, '0')}`,
    );
    expect(applied).toEqual({ fromVersion: latest, toVersion: latest + 2, copies });
    for (const [index, copy] of copies.entries()) {
      expect(((await stat(copy)).mode & 0o777).toString(8)).toBe('600');
      expect(countOf(copy, 'schema_migration')).toBe(latest + index);
      expect(countOf(copy, 'batch_execution')).toBe(1);
      expect(() => inspectFile(copy, latest + index)).not.toThrow();
    }
    expect(await readdir(folder.path)).toHaveLength(3);
  });

  it('that fail leave the schema before them, and say what to do', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await filledStore(path);
    withDatabase(path, (database) => {
      expect(() => migrate(database, [...MIGRATIONS, addColumn, failing], now)).toThrow(
        expect.objectContaining({
          code: 'SYS-0107',
          data: { path, version: latest + 2, name: 'cannot-work' },
        }),
      );
      expect(schemaVersion(database)).toBe(latest + 1);
    });
    using raw = new DatabaseSync(path, { readOnly: true });
    expect(raw.prepare(`select 1 from sqlite_schema where name = 'half_done'`).get()).toBeUndefined();
  });

  it('that are killed in the middle leave the schema before them', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await filledStore(path);
    const here = new URL('.', import.meta.url).href;
    const script = `
      import { MIGRATIONS } from '${here}migrations/index.ts';
      import { SqliteDatabase } from '${here}sqlite-database.ts';
      import { migrate } from '${here}sqlite-migrator.ts';
      function* dying(): Generator<string> {
        yield 'create table half_done (n integer) strict';
        yield 'delete from slot_skip';
        process.kill(process.pid, 'SIGKILL');
      }
      const last = { version: ${latest + 1}, name: 'dying', statements: dying() };
      migrate(SqliteDatabase.open(${JSON.stringify(path)}), [...MIGRATIONS, last], () => 7);
    `;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: 'inherit',
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await using store = await openSqliteStore({ path, now });
    expect(store.opening.toVersion).toBe(latest);
    expect(await store.findExecution('e')).toStrictEqual(sampleExecution('e'));
    expect(
      withDatabase(path, (database) => migrate(database, [...MIGRATIONS, addColumn], now)).toVersion,
    ).toBe(latest + 1);
  });
});

describe('a file that is not usable', () => {
  it.each<[string, string, (path: string) => Promise<void>]>([
    [
      'plain text',
      'not an SQLite file',
      (path) => writeFile(path, 'this is a diary, not a database\n'.repeat(99)),
    ],
    ['a few bytes', 'not an SQLite file', (path) => writeFile(path, 'x')],
    ['the database of another program', 'another program', (path) => foreignDatabase(path)],
    ['a database cut in half', 'malformed', async (path) => truncate(path, (await filled(path)) / 2)],
    ['a database with a damaged page', 'usable', async (path) => damage(path, await filled(path))],
  ])('(%s) is refused with a remedy and stays as it is, byte for byte', async (_, problem, make) => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await make(path);
    const before = await readFile(path);
    const opening = openSqliteStore({ path, now });
    await expect(opening).rejects.toMatchObject({ code: 'SYS-0103', data: { path } });
    await expect(opening).rejects.toThrow(problem);
    await expect(opening).rejects.toThrow('move it aside');
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it('(a newer schema) is refused and stays as it is, byte for byte', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await filledStore(path);
    withDatabase(path, (database) => migrate(database, [...MIGRATIONS, addColumn], now));
    const before = await readFile(path);
    await expect(openSqliteStore({ path, now })).rejects.toMatchObject({
      code: 'SYS-0105',
      data: { path, version: latest + 1, knownVersion: latest },
    });
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it('(interrupted in its very first write) is finished', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'ops.db');
    await writeFile(path, '');
    await (await openSqliteStore({ path, now })).close();
    const bare = join(folder.path, 'bare.db');
    {
      using raw = new DatabaseSync(bare);
      raw.exec(`pragma application_id = ${APPLICATION_ID}`);
    }
    await using store = await openSqliteStore({ path: bare, now });
    expect(store.opening).toMatchObject({ fromVersion: 0, toVersion: latest });
  });
});

async function filled(path: string): Promise<number> {
  await filledStore(path);
  return (await stat(path)).size;
}

async function foreignDatabase(path: string): Promise<void> {
  using raw = new DatabaseSync(path);
  raw.exec('create table recipes (name text)');
}

/** Overwrites the middle page, and the last one, with noise. */
async function damage(path: string, size: number): Promise<void> {
  const bytes = await readFile(path);
  for (const page of [Math.floor(size / 8192), size / 4096 - 1])
    bytes.fill(0xa5, page * 4096, (page + 1) * 4096);
  await writeFile(path, bytes);
}
