import { setImmediate } from 'node:timers/promises';
import type { OpsChange, OpsStore } from '../../engine/ops-store.ts';
import type { AuditQuery, AuditRow } from '../../guard/audit/audit-entry.ts';
import type { DatabaseCare } from '../../keep/maintenance/database-care.ts';
import type { CommitResult } from '../../kernel/change.ts';
import { listErrors } from '../../kernel/define-errors.ts';
import type { TargetState } from '../../run/targets/target.ts';
import type { BatchJob } from '../../run/targets/target-store.ts';
import { isAlertChange } from '../../watch/alerts/alert-changes.ts';
import { alertSteps } from './alert-table.ts';
import {
  CHAIN_BEFORE_FIRST,
  type ChainHead,
  chainedRow,
  findChainProblem,
  fromAuditRow,
} from './audit-chain.ts';
import { auditQueries, auditQueryParts, auditStatements } from './audit-table.ts';
import { backupSteps } from './backup-table.ts';
import type { ErrorCatalogue } from './error-codes-table.ts';
import { ExecutionReads } from './execution-reads.ts';
import { executionSteps } from './executions-table.ts';
import { healthSteps } from './health-tables.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { boundedLimit } from './query-shape.ts';
import { skipSteps } from './skips-table.ts';
import { sqliteDialect } from './sql-statement.ts';
import { sqliteCare } from './sqlite-care.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { CommitConflict, isConflict, toStoreError } from './sqlite-error.ts';
import { inspectFile, MEMORY } from './sqlite-file.ts';
import { type AppliedMigrations, migrate } from './sqlite-migrator.ts';
import type { AuditStoredRow } from './store-schema.ts';
import { type SeedReport, seed } from './store-seeds.ts';
import { type Step, step } from './store-step.ts';
import { fromJobRow, fromStateRow, targetStatements, targetSteps } from './targets-table.ts';

/** Rows of the audit chain that are verified before other work gets a turn. */
const VERIFY_PAGE_ROWS = 500;

/** Where the store lives and what it is seeded with. */
export interface SqliteStoreOptions {
  /** Absolute path of the file, or `:memory:`. */
  readonly path: string;
  /** Wall time in ms UTC; stamps migrations and seeded rows. */
  readonly now: () => number;
  /** Errors for the master table; default: everything declared so far. */
  readonly catalogue?: ErrorCatalogue | undefined;
}

/** What opening a store found and did; for the log of the start. */
export interface StoreOpening extends AppliedMigrations, SeedReport {
  readonly path: string;
}

/** The store in one SQLite file. */
export interface SqliteStore extends OpsStore, AsyncDisposable {
  readonly opening: StoreOpening;
  /** Care of the open database; its calls throw once the store is closed. */
  care(): DatabaseCare;
}

/**
 * Opens or makes the database, brings its schema up to date (after a copy) and seeds its fixed rows.
 * @throws OpsException SYS-0103 damaged or foreign file, SYS-0105 newer schema (both leave the file untouched),
 * SYS-0107 failed schema step, SYS-0101, SYS-0102, SYS-0302.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { path, now, catalogue = listErrors() } = options;
  if (path !== MEMORY) inspectFile(path, MIGRATIONS.at(-1)?.version ?? 0);
  let database: SqliteDatabase | undefined;
  try {
    database = SqliteDatabase.open(path);
    const applied = migrate(database, MIGRATIONS, now);
    const seeded = seed(sqliteDialect, database, { catalogue, nowMs: now() });
    return new FileStore(database, { path, ...applied, ...seeded });
  } catch (error) {
    database?.close();
    throw toStoreError(error, path);
  }
}

class FileStore extends ExecutionReads implements SqliteStore {
  readonly opening: StoreOpening;
  readonly #targets = targetStatements(sqliteDialect);
  readonly #audit = auditStatements(sqliteDialect);
  readonly #auditQueries = auditQueries(sqliteDialect);

  constructor(database: SqliteDatabase, opening: StoreOpening) {
    super(database);
    this.opening = opening;
  }

  care(): DatabaseCare {
    return sqliteCare(this.database);
  }

  async commit(changes: readonly OpsChange[]): Promise<CommitResult> {
    return this.read((database) => {
      try {
        database.transaction(() => {
          for (const change of changes) {
            for (const planned of this.#stepsOf(change)) this.#run(planned);
          }
        });
        return 'committed';
      } catch (error) {
        if (isConflict(error)) return 'conflict';
        throw error;
      }
    });
  }

  async readTargetStates(): Promise<readonly TargetState[]> {
    return this.read((database) => database.all(this.#targets.states, {})).map(fromStateRow);
  }

  async readJobs(): Promise<readonly BatchJob[]> {
    return this.read((database) => database.all(this.#targets.jobs, {})).map(fromJobRow);
  }

  async queryAudit(query: AuditQuery): Promise<{ items: readonly AuditRow[]; total: number }> {
    const { filters, values } = auditQueryParts(query);
    const { items, count } = this.#auditQueries(filters);
    return this.read((database) => ({
      items: database.all(items, values).map(fromAuditRow),
      total: database.first(count, values)?.count ?? 0,
    }));
  }

  async readAuditAfter(seq: number, limit: number): Promise<readonly AuditRow[]> {
    const page = { from: Math.max(0, Math.trunc(seq)) + 1, limit: boundedLimit(limit) };
    return this.read((database) => database.all(this.#audit.page, page)).map(fromAuditRow);
  }

  async lastAuditSeq(): Promise<number> {
    return this.read((database) => this.#auditHead(database)).seq;
  }

  async verifyAuditChain(fromSeq: number): Promise<{ seq: number; problem: string } | undefined> {
    const first = Math.max(1, Math.trunc(fromSeq));
    const before = this.read((database) => database.first(this.#audit.at, { seq: first - 1 }));
    if (before === undefined && first > 1) return { seq: first - 1, problem: 'the row is missing' };
    let head: ChainHead = before ?? CHAIN_BEFORE_FIRST;
    for (;;) {
      const page = { from: head.seq + 1, limit: VERIFY_PAGE_ROWS };
      const rows: readonly AuditStoredRow[] = this.read((database) => database.all(this.#audit.page, page));
      for (const row of rows) {
        const problem = findChainProblem(this.opening.chainId, head, row);
        if (problem !== undefined) return { seq: row.seq, problem };
        head = row;
      }
      if (rows.length < VERIFY_PAGE_ROWS) return undefined;
      await setImmediate();
    }
  }

  async close(): Promise<void> {
    this.database.guard(() => this.database.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #stepsOf(change: OpsChange): readonly Step[] {
    if (isAlertChange(change)) return alertSteps(this.alerts, change);
    switch (change.kind) {
      case 'audit.append': {
        const head = this.#auditHead(this.database);
        return [step(this.#audit.append, chainedRow(this.opening.chainId, head, change.entry))];
      }
      case 'backup.list':
        return backupSteps(this.backups, change);
      case 'slot.skip':
        return skipSteps(this.skips, change);
      case 'execution.insert':
      case 'execution.update':
      case 'execution.log':
        return executionSteps(this.executions, change);
      case 'target.insert':
      case 'target.update':
      case 'job.upsert':
      case 'job.deactivate-others':
        return targetSteps(this.#targets, change);
      default:
        return healthSteps(this.health, change);
    }
  }

  #auditHead(database: SqliteDatabase): ChainHead {
    return database.first(this.#audit.head, {}) ?? CHAIN_BEFORE_FIRST;
  }

  #run({ statement, values, whenNone }: Step): void {
    if (this.database.run(statement, values) > 0 || whenNone === 'nothing') return;
    if (whenNone === 'conflict') throw new CommitConflict();
    this.#run(whenNone);
  }
}
