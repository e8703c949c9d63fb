import type { BackupRow, DrillRow, KeepNote } from './keep-state.ts';

/** What the backup roots hold, as the last keep run saw them; the folders are what counts, and it can be made again. */
export interface BackupListing {
  readonly runId: string;
  readonly act: string;
  readonly atMs: number;
  /** When the first listing was written, ms UTC: since then a first backup is waited for. */
  readonly sinceMs: number;
  readonly backups: readonly BackupRow[];
  readonly notes: readonly KeepNote[];
  /** The newest drills, newest first. */
  readonly drills: readonly DrillRow[];
}

/** Puts a listing in the place of the one before. */
export interface KeepChange {
  readonly kind: 'backup.list';
  readonly listing: BackupListing;
  /** Ids of backups that were verified since the listing before. */
  readonly verified: readonly string[];
}

/** What the store remembers of backups. */
export interface KeepStore {
  /** Absent before the first listing. */
  readBackups(): Promise<BackupListing | undefined>;
}
