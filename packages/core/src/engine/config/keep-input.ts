import type { KeepAct } from '../../ports/target.ts';
import type { DurationInput } from './config-input.ts';

/** A size: whole bytes, or a text such as `'500MiB'`, `'50GiB'`. */
export type SizeInput = string | number;

/** An act of backup and retention as a target runs it; made with `keep`. */
export interface KeepInput {
  readonly keep: KeepAct;
  /** Ids of entries of `backup.sources`; default: all. */
  readonly sources?: readonly string[] | undefined;
  /** For a drill: restore everything into `backup.drillRoot` and compare, instead of only reading. Default false. */
  readonly full?: boolean | undefined;
}

/** A folder that is backed up. */
export interface BackupSourceInput {
  /** Default: the name of the folder. */
  readonly id?: string | undefined;
  readonly path: string;
  /** Globs relative to the path; default: everything. */
  readonly include?: readonly string[] | undefined;
  /** Also copies complete files in near real time; default false. */
  readonly realTime?: boolean | undefined;
}

/** Which verified backups stay; left out: all of them. */
export interface BackupKeepInput {
  readonly last?: number | undefined;
  readonly hourly?: number | undefined;
  readonly daily?: number | undefined;
  readonly weekly?: number | undefined;
  readonly monthly?: number | undefined;
  readonly yearly?: number | undefined;
  /** Every backup made within so long before the newest one. */
  readonly within?: DurationInput | undefined;
  readonly quota?: SizeInput | undefined;
}

/** Where backups go and how they are made. */
export interface BackupInput {
  /** The backup root. */
  readonly to: string;
  readonly sources: ReadonlyArray<string | BackupSourceInput>;
  /** Default `archive`. */
  readonly strategy?: 'archive' | 'file' | 'incremental' | undefined;
  /** Default `gzip`; `zstd` is smaller and several times faster on market data, and needs `tar --zstd` to be opened elsewhere. */
  readonly codec?: 'gzip' | 'zstd' | 'store' | undefined;
  /** Default 6 for gzip, 1 for zstd. */
  readonly level?: number | undefined;
  /** A second place, on another disk at best; every backup is copied there and verified there. */
  readonly copyTo?: string | undefined;
  readonly keep?: BackupKeepInput | undefined;
  /** Default 26 h: no verified backup for so long raises an alert. */
  readonly maxAge?: DurationInput | undefined;
  /** Default 31 days: no drill that passed for so long raises an alert. */
  readonly drillMaxAge?: DurationInput | undefined;
  /** Default 7 days: a backup that was last verified longer ago is verified again. */
  readonly reverifyAfter?: DurationInput | undefined;
  /** Whether the engine's own store goes with every backup; default true. */
  readonly database?: boolean | undefined;
  /** Folder that full drills restore into. */
  readonly drillRoot?: string | undefined;
  /** Free space that a backup must leave; default 256 MiB. */
  readonly reserve?: SizeInput | undefined;
}

/** How long files that match are kept; the first rule that matches decides, unmatched files stay. */
export interface RetentionRuleInput {
  /** Glob relative to the source. */
  readonly match: string;
  /** Id of an entry of `backup.sources`; default: the rule is about all of them. */
  readonly source?: string | undefined;
  readonly keepDays?: number | undefined;
  /** Instead of `keepDays`: a duration, or `'forever'`. */
  readonly keep?: DurationInput | undefined;
  /** Files that changed more recently stay; default 10 min. */
  readonly quiet?: DurationInput | undefined;
  /** The newest so many files of each folder stay; default 0. */
  readonly keepLastN?: number | undefined;
  /** Days after its deletion until the last copy of a file may leave the backups; default: it never does. */
  readonly archiveDays?: number | undefined;
  /** Where the date stands in the path: `raw/{yyyy}{MM}{dd}`. */
  readonly dateInPath?: string | undefined;
}
