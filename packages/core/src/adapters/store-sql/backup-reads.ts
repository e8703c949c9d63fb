import type { BackupListing, KeepStore } from '../../engine/keep/keep-store.ts';
import { AlertReads } from './alert-reads.ts';
import { backupStatements, fromBackupRows } from './backup-table.ts';
import { sqliteDialect } from './sql-statement.ts';

/** What the store tells about backups. */
export abstract class BackupReads extends AlertReads implements KeepStore {
  protected readonly backups = backupStatements(sqliteDialect);

  async readBackups(): Promise<BackupListing | undefined> {
    return this.read((database) => {
      const listing = database.first(this.backups.listing, {});
      return listing === undefined ? undefined : fromBackupRows(listing, database.all(this.backups.all, {}));
    });
  }
}
