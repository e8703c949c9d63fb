/** What `backup` and `retention` say after every check: defaults filled in, paths absolute, durations in ms. */
export interface KeepConfig {
  /** Absent: nothing is backed up, and therefore nothing is ever deleted. */
  readonly backup?: BackupConfig;
  /** In order; the first rule that matches a path decides, a path that none matches is kept. */
  readonly retention: readonly RetentionRuleConfig[];
}

/** Where backups go and how they are made. */
export interface BackupConfig {
  /** Absolute path of the backup root. */
  readonly to: string;
  readonly sources: readonly BackupSourceConfig[];
  readonly strategy: 'archive' | 'file' | 'incremental';
  readonly codec: 'gzip' | 'zstd' | 'store';
  /** 1 to 9 for gzip, 1 to 19 for zstd, 0 for store. */
  readonly level: number;
  /** Absolute path of a second backup root, on another disk at best. */
  readonly copyTo?: string;
  readonly keep: BackupKeepConfig;
  /** No verified backup for so long is an alert, ms. */
  readonly maxAgeMs: number;
  /** No drill that passed for so long is an alert, ms. */
  readonly drillMaxAgeMs: number;
  /** A backup that was last verified longer ago is verified again, ms. */
  readonly reverifyAfterMs: number;
  /** Whether the engine's own store is part of every backup. */
  readonly database: boolean;
  /** Absolute path of the folder that full drills restore into. */
  readonly drillRoot?: string;
  /** Free space a backup must leave, bytes. */
  readonly reserveBytes: number;
}

/** One folder that is backed up. */
export interface BackupSourceConfig {
  /** Names the set of its backups; unique. */
  readonly id: string;
  /** Absolute path. */
  readonly path: string;
  /** Globs relative to the path; absent: everything. */
  readonly include?: readonly string[];
  /** True for a source that is also copied in near real time. */
  readonly realTime: boolean;
}

/** Which verified backups are kept; all counts 0 or absent keeps every backup. */
export interface BackupKeepConfig {
  readonly last: number;
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** Every backup made within so long before the newest one stays, ms. */
  readonly withinMs?: number;
  /** Most bytes a set of backups should use; what must be kept is kept all the same. */
  readonly quotaBytes?: number;
}

/** How long files that match are kept. */
export interface RetentionRuleConfig {
  /** Glob relative to the source: `raw/**`. */
  readonly match: string;
  /** Id of the only source it is about; absent: all of them. */
  readonly source?: string;
  /** Age from which a file may go, ms; `forever` never. */
  readonly keep: number | 'forever';
  /** A file that changed more recently is kept, ms. */
  readonly quietMs: number;
  /** The newest so many files of each folder always stay. */
  readonly keepLastN: number;
  /** How long after its deletion the last copy of a file stays in the backups, ms; absent: for ever. */
  readonly archiveMs?: number;
  /** Pattern of the date in the relative path, such as `raw/{yyyy}{MM}{dd}`; its end counts as the file's age. */
  readonly dateInPath?: string;
}
