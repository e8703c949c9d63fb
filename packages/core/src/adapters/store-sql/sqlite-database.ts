import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { bind, type Statement } from './sql-statement.ts';
import { toStoreError } from './sqlite-error.ts';

/** How long a statement waits for another process's lock before SYS-0102; the wait blocks the event loop. */
const BUSY_TIMEOUT_MS = 250;

/** Pages kept in memory: ids are spread over the whole index, the default of 2 MiB would read them again and again. */
const CACHE_KIB = 16_384;

/** Written into the header of our files ("qtso"), so that another program's database is recognised. */
export const APPLICATION_ID = 0x7174736f;

/** A connection: pragmas set, every query prepared once. All methods are synchronous and throw what `node:sqlite` throws. */
export class SqliteDatabase {
  readonly path: string;
  readonly raw: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  readonly #readOnly: boolean;

  private constructor(path: string, raw: DatabaseSync, readOnly: boolean) {
    this.path = path;
    this.raw = raw;
    this.#readOnly = readOnly;
  }

  /** Opens for writing: WAL, every commit synced to disk, foreign keys on. */
  static open(path: string): SqliteDatabase {
    const raw = new DatabaseSync(path, {
      timeout: BUSY_TIMEOUT_MS,
      enableForeignKeyConstraints: true,
      defensive: true,
    });
    // Only a database without tables takes this: free pages can then be given back a few at a time.
    raw.exec('pragma auto_vacuum = incremental');
    // The id reaches the header before the log exists, so that the file is known as ours from its first bytes on.
    const known = raw.prepare('pragma application_id').get()?.['application_id'];
    if (known !== APPLICATION_ID) raw.exec(`pragma application_id = ${APPLICATION_ID}`);
    raw.exec('pragma journal_mode = wal; pragma synchronous = full; pragma recursive_triggers = on;');
    raw.exec(`pragma cache_size = -${CACHE_KIB}`);
    return new SqliteDatabase(path, raw, false);
  }

  /** Opens an existing file without the right to change it. */
  static openReadOnly(path: string): SqliteDatabase {
    return new SqliteDatabase(
      path,
      new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly: true }),
      true,
    );
  }

  /** Runs a compiled write; returns how many rows it touched. */
  run<P extends object>(statement: Statement<P>, parameters: P): number {
    return Number(this.#prepare(statement.sql).run(...bind(statement, parameters)).changes);
  }

  /** Every row of a compiled query. */
  all<P extends object, R>(statement: Statement<P, R>, parameters: P): R[] {
    // The statement was compiled from a query over the same schema, so its rows have the type the query says.
    return this.#prepare(statement.sql).all(...bind(statement, parameters)) as R[];
  }

  /** The first row of a compiled query. */
  first<P extends object, R>(statement: Statement<P, R>, parameters: P): R | undefined {
    // As above: the query's type describes its rows.
    return this.#prepare(statement.sql).get(...bind(statement, parameters)) as R | undefined;
  }

  /** Runs `work` between BEGIN IMMEDIATE and COMMIT; anything thrown rolls everything back. */
  transaction<T>(work: () => T): T {
    this.#prepare('begin immediate').run();
    try {
      const result = work();
      this.#prepare('commit').run();
      return result;
    } catch (error) {
      // SQLite has already rolled back after some errors, a full disk among them.
      if (this.raw.isOpen && this.raw.isTransaction) this.#prepare('rollback').run();
      throw error;
    }
  }

  /** Calls a reading or writing function and turns what SQLite throws into declared errors. */
  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, this.path);
    }
  }

  /** Moves the log into the file and lets go of it. Repeatable. */
  close(): void {
    if (!this.raw.isOpen) return;
    if (!this.#readOnly) this.raw.exec('pragma wal_checkpoint(truncate)');
    this.#prepared.clear();
    this.raw.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = this.raw.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}
