import { isOpsException, opsException } from '../../kernel/ops-exception.ts';
import type { Migration } from './migrations/migration.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { toStoreError } from './sqlite-error.ts';
import { copyDatabase, MEMORY, schemaVersion } from './sqlite-file.ts';

/** What bringing a database up to date did. */
export interface AppliedMigrations {
  /** Schema before; 0 for a new database. */
  readonly fromVersion: number;
  readonly toVersion: number;
  /** Copies that were made before a step changed anything. */
  readonly copies: readonly string[];
}

/**
 * Applies the steps a database lacks, each in its own transaction and each after a copy of the file
 * (`<path>.before-NNNN`, none for a new database). A step that fails or is killed leaves the schema before it.
 * @throws OpsException SYS-0107 with the cause, SYS-0302 when the disk is full.
 */
export function migrate(
  database: SqliteDatabase,
  migrations: readonly Migration[],
  now: () => number,
): AppliedMigrations {
  const fromVersion = schemaVersion(database);
  if (fromVersion === 0) prepareEmpty(database);
  const copies: string[] = [];
  let toVersion = fromVersion;
  for (const migration of migrations.filter(({ version }) => version > fromVersion)) {
    try {
      if (fromVersion > 0 && database.path !== MEMORY) copies.push(copyBefore(database, migration));
      apply(database, migration, now());
    } catch (error) {
      throw migrationFailure(database.path, migration, error);
    }
    toVersion = migration.version;
  }
  return { fromVersion, toVersion, copies };
}

function prepareEmpty(database: SqliteDatabase): void {
  database.raw.exec(`create table if not exists schema_migration (
    version integer not null primary key,
    name text not null,
    applied_at integer not null
  ) strict`);
}

function copyBefore(database: SqliteDatabase, { version }: Migration): string {
  const copyPath = `${database.path}.before-${String(version).padStart(4, '0')}`;
  copyDatabase(database, copyPath);
  return copyPath;
}

function apply(database: SqliteDatabase, migration: Migration, nowMs: number): void {
  database.transaction(() => {
    for (const statement of migration.statements) database.raw.exec(statement);
    database.raw
      .prepare('insert into schema_migration (version, name, applied_at) values (?, ?, ?)')
      .run(migration.version, migration.name, nowMs);
  });
}

function migrationFailure(path: string, { version, name }: Migration, error: unknown): unknown {
  const cause = toStoreError(error, path);
  if (isOpsException(cause) && cause.code === 'SYS-0302') return cause;
  const problem = error instanceof Error ? error.message : String(error);
  return opsException(
    'SYS-0107',
    `${path}: schema step ${version} (${name}) failed: ${problem}; nothing of it was kept`,
    {
      data: { path, version, name },
      cause,
    },
  );
}
