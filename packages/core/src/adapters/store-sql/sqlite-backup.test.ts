import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { sourceTree } from '../../../test/source-tree.ts';
import { DATABASE_ENTRY } from '../../keep/backup/backup-names.ts';
import { loadFullManifest } from '../../keep/backup/manifest-file.ts';
import { copySqliteDatabase } from './sqlite-backup.ts';

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; create table t (n integer, filler text)');
  return database;
}

function countOf(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare('select count(*) as n from t').get()?.['n'];
  } finally {
    database.close();
  }
}

describe('the copy of a database in use', () => {
  it('is the state of one moment, although it is being written to', async () => {
    using tree = sourceTree();
    const path = join(tree.folder, 'live.db');
    const database = openDatabase(path);
    const insert = database.prepare('insert into t values (?, hex(randomblob(2000)))');
    database.exec('begin');
    for (let n = 0; n < 3_000; n++) insert.run(n);
    database.exec('commit');
    const target = join(tree.folder, 'copy.db');
    const copying = copySqliteDatabase(path, target);
    database.exec('begin; insert into t values (-1, null); insert into t values (-2, null); commit');
    await copying;
    expect([3_000, 3_002]).toContain(countOf(target));
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(tree.folder).filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db']);
    database.close();
  });

  it('is refused where something is already, and leaves nothing when it fails', async () => {
    using tree = sourceTree();
    const broken = join(tree.folder, 'broken.db');
    writeFileSync(broken, 'SQLite format 3\0 and nothing of it');
    const target = join(tree.folder, 'copy.db');
    await expect(copySqliteDatabase(broken, target)).rejects.toMatchObject({ code: 'SYS-0145' });
    expect(existsSync(target)).toBe(false);
    await expect(copySqliteDatabase(join(tree.folder, 'absent.db'), target)).rejects.toMatchObject({
      code: 'SYS-0145',
    });
    writeFileSync(target, 'mine');
    await expect(copySqliteDatabase(broken, target)).rejects.toMatchObject({ code: 'SYS-0145' });
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  it('stops when it is told to', async () => {
    using tree = sourceTree();
    const path = join(tree.folder, 'live.db');
    openDatabase(path).close();
    const target = join(tree.folder, 'copy.db');
    await expect(copySqliteDatabase(path, target, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    expect(existsSync(target)).toBe(false);
  });

  it('is part of a backup beside the files of the source, and covers none of them', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const path = join(tree.folder, 'live.db');
    const database = openDatabase(path);
    database.exec('insert into t values (1, null)');
    const outcome = await backUp(tree, {
      extras: [{ path: DATABASE_ENTRY, make: (target, signal) => copySqliteDatabase(path, target, signal) }],
    });
    database.close();
    const { entries } = loadFullManifest(machineServices().files, outcome.manifestPath);
    expect(entries.map(({ path: name, extra }) => [name, extra])).toEqual([
      ['a.txt', undefined],
      [DATABASE_ENTRY, true],
    ]);
    expect(outcome.verified?.covers(DATABASE_ENTRY)).toBeUndefined();
    const out = join(tree.folder, 'out');
    mkdirSync(out);
    execFileSync('tar', ['xzf', join(tree.backups, outcome.names.archive), '-C', out]);
    expect(countOf(join(out, DATABASE_ENTRY))).toBe(1);
    expect(readdirSync(tree.backups).filter((name) => name.includes('.db'))).toEqual([]);
  });
});
