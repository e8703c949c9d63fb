/** Version of the manifest format; a reader refuses a newer one and names both. */
export const MANIFEST_SCHEMA = 1;

/** How the bytes are kept. */
export type BackupStrategyName = 'archive' | 'file' | 'incremental';
/** How blocks of an archive are compressed. */
export type BackupCodec = 'gzip' | 'zstd' | 'store';

/** Why a name of the source is not in a backup. */
export type SkippedReason =
  | 'symlink'
  | 'symlink-outside'
  | 'special'
  | 'other-device'
  | 'not-utf8'
  | 'vanished'
  | 'changing'
  | 'unreadable'
  | 'too-young';

/** One regular file of a backup. Numbers that pass 2^53 are texts. */
export interface ManifestEntry {
  /** Relative to the source, '/' between names, never '..' or empty. */
  readonly path: string;
  readonly kind: 'file';
  /** Bytes kept; for a grown file the length seen when it was opened. */
  readonly size: number;
  /** SHA-256 of the kept bytes, hexadecimal. */
  readonly sha256: string;
  readonly dev: string;
  readonly ino: string;
  readonly mode: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly nlink: number;
  /** `grown`: it got longer while it was read, the prefix is kept, and it is never removable on this backup's strength. */
  readonly state: 'stable' | 'grown';
  /** Block of the archive in which its header begins, and where in the unpacked block; absent in a file backup. */
  readonly block?: number;
  readonly offset?: number;
  /** Id of the ancestor backup that holds the bytes; absent when this backup holds them itself. */
  readonly heldBy?: string;
}

/** A name of the source that was left out, and why. */
export interface SkippedEntry {
  readonly path: string;
  readonly reason: SkippedReason;
  /** More for an operator: the target of a link, the system's error code. */
  readonly detail?: string;
}

/** One independently compressed piece of an archive. */
export interface ArchiveBlock {
  /** Where it begins in the archive file, bytes. */
  readonly at: number;
  /** Length in the archive, bytes. */
  readonly length: number;
  /** Length unpacked, bytes. */
  readonly unpacked: number;
}

/**
 * What one backup holds; the record without which an archive does not count. The field names of the specification
 * (`backup_at`, `source`, `archive_name`, `record_count`, `checksum`) are those of the file.
 */
export interface BackupManifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  /** Id of the backup, unique: `<UTC stamp>-<run id>`. */
  readonly id: string;
  readonly backupAt: string;
  readonly source: string;
  /** Name of the archive file, or of the folder of a file backup, inside the backup root. */
  readonly archiveName: string;
  /** How many files it holds. */
  readonly recordCount: number;
  /** SHA-256 of the archive file, hexadecimal; of the sorted list of digests for a file backup. */
  readonly checksum: string;
  readonly strategy: BackupStrategyName;
  readonly codec: BackupCodec;
  readonly level: number;
  readonly archiveBytes: number;
  readonly sourceBytes: number;
  /** Globs of the plan; absent: everything. */
  readonly globs?: readonly string[];
  /** Id of the backup this one continues. */
  readonly parent?: string;
  readonly toolVersion: string;
  readonly host: string;
  readonly sourceDev: string;
  readonly sourceIno: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly entries: readonly ManifestEntry[];
  readonly skipped: readonly SkippedEntry[];
  readonly blocks: readonly ArchiveBlock[];
}
