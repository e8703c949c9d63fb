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
  /** True for a file that does not come from the source, such as the engine's own database; never covers a source file. */
  readonly extra?: true;
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

/** What is known of a backup before its first file: the first line of a manifest. */
export interface ManifestHead {
  readonly schema: typeof MANIFEST_SCHEMA;
  /** Id of the backup, unique: `<UTC stamp>-<end of the run id>`. */
  readonly id: string;
  readonly runId: string;
  /** First part of the names of this backup's files. */
  readonly set: string;
  readonly backupAt: string;
  readonly source: string;
  /** Name of the archive file, or of the folder of a file backup, inside the backup root. */
  readonly archiveName: string;
  readonly strategy: BackupStrategyName;
  readonly codec: BackupCodec;
  readonly level: number;
  /** Globs of the plan; absent: everything. */
  readonly globs?: readonly string[];
  /** Digest of the plan the backup was made by. */
  readonly planHash: string;
  /** Id of the backup this one continues. */
  readonly parent?: string;
  /** How many backups it continues, one after another; 0 for a full one. */
  readonly depth: number;
  readonly toolVersion: string;
  readonly host: string;
  readonly sourceDev: string;
  readonly sourceIno: string;
  readonly startedAtMs: number;
}

/** What is known after its last file: the last line of a manifest, before the digest. */
export interface ManifestFoot {
  /** How many files it holds or refers to. */
  readonly recordCount: number;
  /** SHA-256 of the archive file, hexadecimal; of the digests of all copies in order for a file backup. */
  readonly checksum: string;
  readonly archiveBytes: number;
  /** Bytes of all its files. */
  readonly sourceBytes: number;
  readonly skippedCount: number;
  /** Ids of the ancestors that hold some of its files, sorted; empty when it stands alone. */
  readonly holders: readonly string[];
  /** Where the block lines begin in the manifest file, bytes: they can be read before the files. */
  readonly blocksAt: number;
  readonly durationMs: number;
}

/**
 * What one backup is; without it an archive does not count. The field names of the specification (`backup_at`,
 * `source`, `archive_name`, `record_count`, `checksum`) are those of the file. The files themselves are not in it:
 * there may be a million, so they are read from the manifest file one after another.
 */
export interface BackupManifest extends ManifestHead, ManifestFoot {}

/** A manifest with everything in memory: for small backups and for tests. */
export interface FullManifest extends BackupManifest {
  readonly entries: readonly ManifestEntry[];
  readonly skipped: readonly SkippedEntry[];
  readonly blocks: readonly ArchiveBlock[];
}
