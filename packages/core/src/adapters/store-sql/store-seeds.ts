import { randomUUID } from 'node:crypto';
import {
  catalogueHash,
  type ErrorCatalogue,
  errorCodeRows,
  errorCodeStatements,
  findDrift,
  findRetired,
} from './error-codes-table.ts';
import type { SqlDialect } from './sql-statement.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import type { MetaRow } from './store-schema.ts';
import { SEEDED_JOBS, targetStatements, toJobRow } from './targets-table.ts';

/** What seeding found and did. */
export interface SeedReport {
  readonly chainId: string;
  /** `updated`: this version declares other errors than the last one; `healed`: somebody had edited rows. */
  readonly catalogue: 'unchanged' | 'updated' | 'healed';
  /** Codes whose row was written or retired. */
  readonly changedCodes: readonly string[];
}

/** Writes what every database holds: the seeded jobs, the error codes and the id of its audit chain. */
export function seed(dialect: SqlDialect, database: SqliteDatabase, content: SeedContent): SeedReport {
  const targets = targetStatements(dialect);
  return database.transaction(() => {
    for (const job of SEEDED_JOBS) database.run(targets.seedJob, toJobRow(job, content.nowMs));
    const meta = metaStatements(dialect);
    database.run(meta.add, { name: 'audit_chain_id', value: randomUUID() });
    const chainId = database.first(meta.find, { name: 'audit_chain_id' })?.value ?? '';
    return { chainId, ...seedErrorCodes(dialect, database, content) };
  });
}

/** What is seeded, and when. */
export interface SeedContent {
  readonly catalogue: ErrorCatalogue;
  readonly nowMs: number;
}

function seedErrorCodes(
  dialect: SqlDialect,
  database: SqliteDatabase,
  { catalogue, nowMs }: SeedContent,
): Pick<SeedReport, 'catalogue' | 'changedCodes'> {
  const statements = errorCodeStatements(dialect);
  const meta = metaStatements(dialect);
  const wanted = errorCodeRows(catalogue);
  const stored = database.all(statements.all, {});
  const drifted = new Set(findDrift(stored, wanted));
  const retired = findRetired(stored, wanted);
  const changedCodes = [...drifted, ...retired];
  const hash = catalogueHash(wanted);
  const seededHash = database.first(meta.find, { name: 'catalogue_hash' })?.value;
  if (changedCodes.length === 0 && seededHash === hash) return { catalogue: 'unchanged', changedCodes };
  for (const row of wanted.filter((candidate) => drifted.has(candidate.error_code))) {
    database.run(statements.upsert, { ...row, created_at: nowMs, updated_at: nowMs });
  }
  for (const code of retired) database.run(statements.retire, { error_code: code, updated_at: nowMs });
  database.run(meta.set, { name: 'catalogue_hash', value: hash });
  if (seededHash !== hash) return { catalogue: 'updated', changedCodes };
  database.run(meta.set, {
    name: 'catalogue_healed',
    value: JSON.stringify({ atMs: nowMs, codes: changedCodes }),
  });
  return { catalogue: 'healed', changedCodes };
}

function metaStatements({ statement }: SqlDialect) {
  return {
    find: statement((db, p: { readonly name: string }) =>
      db.selectFrom('meta').select('value').where('name', '=', p.name),
    ),
    /** Keeps a value that is already there. */
    add: statement((db, p: MetaRow) =>
      db
        .insertInto('meta')
        .values({ name: p.name, value: p.value })
        .onConflict((on) => on.column('name').doNothing()),
    ),
    set: statement((db, p: MetaRow) =>
      db
        .insertInto('meta')
        .values({ name: p.name, value: p.value })
        .onConflict((on) => on.column('name').doUpdateSet({ value: p.value })),
    ),
  };
}
