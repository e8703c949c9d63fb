import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { restoreServices } from '../../../test/restore-machine.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import { copySqliteDatabase, sqliteProblem } from '../../adapters/store-sql/sqlite-backup.ts';
import { DATABASE_ENTRY } from '../../keep/backup/backup-names.ts';
import { onDemand, target } from '../config/define-config.ts';
import { createConfig } from '../config/load-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { drillSource } from './keep-drill.ts';

const noWork = () => undefined;

/** A full drill of the newest backup of a tree. */
async function fullDrill({ folder }: SourceTree) {
  const backup = { to: './backups', sources: ['./data'], drillRoot: './drill' };
  const targets = [target('quick', { on: onDemand(), run: noWork })];
  const { keep } = createConfig({ instance: 'drills', targets, backup }, { folder });
  const [source] = keep.backup?.sources ?? [];
  if (source === undefined) throw new Error('no source');
  const services = { ...machineServices(), ...restoreServices() };
  const run: KeepRun = {
    services: { ...services, copyDatabase: copySqliteDatabase, databaseProblem: sqliteProblem },
    request: {
      ...{ act: 'drill', runId: randomId(), stateFolder: join(folder, 'state'), timeZone: 'UTC', full: true },
      ...{ ...keep, sources: [source] },
    },
    signal: new AbortController().signal,
    ...{ progress: noWork, log: noWork, note: noWork },
  };
  return drillSource(run, source);
}

function withDatabase(tree: SourceTree, make: (target: string) => Promise<void>) {
  return backUp(tree, { extras: [{ path: DATABASE_ENTRY, make: (target) => make(target) }] });
}

it('a full drill opens the database and reads the last lines, and leaves nothing behind', async () => {
  using tree = sourceTree({ 'raw/a.jsonl': '{"n":1}\n{"n":2}\n' });
  const path = join(tree.folder, 'live.db');
  const database = new DatabaseSync(path);
  database.exec('create table t (n integer)');
  database.close();
  await withDatabase(tree, (target) => copySqliteDatabase(path, target));
  expect(await fullDrill(tree)).toMatchObject({ status: 'completed', files: 2 });
  expect(readdirSync(join(tree.folder, 'drill')).filter((name) => !name.startsWith('.'))).toEqual([]);
});

it('a full drill fails for a database that came back as it was, and is none', async () => {
  using tree = sourceTree({ 'raw/a.jsonl': '{"n":1}\n' });
  await withDatabase(tree, async (target) => writeFileSync(target, 'SQLite format 3\0 and nothing of it'));
  await expect(fullDrill(tree)).rejects.toMatchObject({
    code: 'SYS-0186',
    message: expect.stringContaining(`${DATABASE_ENTRY}: it does not open as a database`),
  });
  expect(existsSync(join(tree.folder, 'state/maintenance/drills.jsonl'))).toBe(true);
  expect(readdirSync(join(tree.folder, 'drill')).filter((name) => !name.startsWith('.'))).toEqual([]);
});

it('a full drill fails for a file of records whose last line was cut before it was backed up', async () => {
  using tree = sourceTree({ 'raw/a.jsonl': '{"n":1}\n{"n":' });
  await backUp(tree);
  await expect(fullDrill(tree)).rejects.toMatchObject({
    code: 'SYS-0186',
    message: expect.stringContaining('raw/a.jsonl: its last line is not JSON'),
  });
});
