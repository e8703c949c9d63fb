import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import { APPLICATION_ID, SqliteDatabase } from './sqlite-database.ts';
import { corruptFile, toStoreError } from './sqlite-error.ts';

/** A database without a file. */
export const MEMORY = ':memory:';

const MAGIC = 'SQLite format 3\0';
const APPLICATION_ID_OFFSET = 68;
const HEADER_BYTES = 100;

/** Files up to this size are read completely before they are trusted; larger ones would delay the start by seconds. */
const FULL_CHECK_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Makes an absent file (mode 0600) and looks at an existing one without changing it.
 * @throws OpsException SYS-0103 for a damaged or foreign file, SYS-0105 for a schema newer than `knownVersion`, SYS-0101.
 */
export function inspectFile(path: string, knownVersion: number): void {
  const { header, size, mode } = readHeader(path);
  if (size > 0) {
    inspectHeader(path, header);
    inspectContents(path, { complete: size <= FULL_CHECK_BYTES_MAX, knownVersion });
  }
  if ((mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/**
 * Writes a complete copy of an open database to `copyPath` (mode 0600), replacing an older copy of that name
 * only when the new one is safely on disk.
 */
export function copyDatabase(database: SqliteDatabase, copyPath: string): void {
  const partialPath = `${copyPath}.partial`;
  rmSync(partialPath, { force: true });
  // The empty file fixes the mode; VACUUM INTO accepts it.
  closeSync(openSync(partialPath, 'ax', 0o600));
  database.raw.prepare('vacuum into ?').run(partialPath);
  syncFile(partialPath);
  renameSync(partialPath, copyPath);
  syncFile(dirname(copyPath));
}

interface FileHeader {
  readonly header: Buffer;
  readonly size: number;
  readonly mode: number;
}

/** The first bytes of a file; an absent one is made and as good as empty. */
function readHeader(path: string): FileHeader {
  try {
    const file = openSync(path, 'a+', 0o600);
    try {
      const { size, mode } = fstatSync(file);
      const header = Buffer.alloc(HEADER_BYTES);
      return { header: header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0)), size, mode };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw opsException(
      'SYS-0101',
      `the database ${path} cannot be opened: ${problem}; check the folder and its owner`,
      {
        data: { path },
        cause: error,
      },
    );
  }
}

function inspectHeader(path: string, header: Buffer): void {
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw corruptFile(path, 'it is not an SQLite file');
  }
  const applicationId = header.readUInt32BE(APPLICATION_ID_OFFSET);
  if (applicationId !== APPLICATION_ID) {
    throw corruptFile(
      path,
      `it belongs to another program: application id ${applicationId}, not ${APPLICATION_ID}`,
    );
  }
}

function inspectContents(
  path: string,
  { complete, knownVersion }: { complete: boolean; knownVersion: number },
): void {
  // Left by a kill during the very first write; only a writing connection can take it back.
  if (existsSync(`${path}-journal`)) return;
  let database: SqliteDatabase | undefined;
  try {
    database = SqliteDatabase.openReadOnly(path);
    const version = schemaVersion(database);
    if (version > knownVersion) {
      const message = `${path} has schema ${version}, this version of qts-ops knows up to ${knownVersion}`;
      throw opsException('SYS-0105', `${message}; nothing was changed; start the newer version again`, {
        data: { path, version, knownVersion },
      });
    }
    const check = complete ? database.raw.prepare('pragma quick_check(1)').get() : undefined;
    const finding = check === undefined ? 'ok' : String(Object.values(check)[0]);
    if (finding !== 'ok') throw corruptFile(path, finding);
  } catch (error) {
    throw toStoreError(error, path);
  } finally {
    database?.close();
  }
}

/** The newest migration a database has; 0 before the first. */
export function schemaVersion(database: SqliteDatabase): number {
  const table = database.raw.prepare(`select 1 from sqlite_schema where name = 'schema_migration'`).get();
  if (table === undefined) return 0;
  return Number(
    database.raw.prepare('select coalesce(max(version), 0) as version from schema_migration').get()?.[
      'version'
    ],
  );
}

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
