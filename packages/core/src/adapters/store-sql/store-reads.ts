import type { SqliteDatabase } from './sqlite-database.ts';

/** What the reading parts of a store share: the database, and one way to read from it. */
export abstract class StoreReads {
  protected readonly database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.database = database;
  }

  /** Runs a read; a failure of the database becomes a declared error. */
  protected read<T>(work: (database: SqliteDatabase) => T): T {
    return this.database.guard(() => work(this.database));
  }
}
