// Rows of the backup tables as they are stored: instants are ms UTC, JSON is text, truth is 0 or 1.

/** A row of `backup_catalogue`. */
export interface BackupCatalogueRow {
  backup_root: string;
  backup_id: string;
  source: string;
  copy: number;
  state: string;
  problem: string | null;
  strategy: string;
  codec: string;
  made_at: number;
  verified_at: number | null;
  files: number;
  bytes: number;
  source_bytes: number;
  parent: string | null;
  held: number;
}

/** The row of `backup_listing`. */
export interface BackupListingRow {
  listing: number;
  run_id: string;
  act: string;
  listed_at: number;
  since_at: number;
  notes: string;
  drills: string;
}

/** Tables of backups. */
export interface BackupSchema {
  backup_catalogue: BackupCatalogueRow;
  backup_listing: BackupListingRow;
}
