import type { KeepAct } from '../../ports/target.ts';
import type { BackupConfig, BackupSourceConfig, RetentionRuleConfig } from '../config/keep-config.ts';

/** Acts that are done source by source in a process of their own; the database is cared for by the engine itself. */
export type SourceAct = Exclude<KeepAct, 'optimize-database'>;

/**
 * What a keep run is to do, frozen when it starts: it crosses to a process of its own as JSON and nothing in it is
 * looked up again.
 */
export interface KeepRequest {
  readonly act: SourceAct;
  /** UUID of the run. */
  readonly runId: string;
  readonly stateFolder: string;
  /** Absolute path of the engine's store; absent where there is none on disk. */
  readonly storePath?: string;
  readonly timeZone: string;
  /** Absent only for acts that need none. */
  readonly backup?: BackupConfig;
  /** The sources of this run. */
  readonly sources: readonly BackupSourceConfig[];
  readonly retention: readonly RetentionRuleConfig[];
  /** How far apart runs of this act are by plan, ms; absent when nothing plans them. */
  readonly periodMs?: number;
  /** For a drill: restore everything instead of reading it. */
  readonly full: boolean;
}

/** How a keep run ended. */
export type KeepStatus = 'completed' | 'nothing_to_do' | 'partial' | 'backup_failed' | 'failed';

/** What a keep run did, as the engine files it. Bounded: lists are cut and say so. */
export interface KeepReport {
  readonly act: SourceAct;
  readonly runId: string;
  readonly status: KeepStatus;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly sources: readonly KeepSourceReport[];
  /** `source: code message` of what the run has to say besides: a guard that held it back, a single copy. */
  readonly notes: readonly string[];
  /** One line for an operator. */
  readonly summary: string;
}

/** What became of one source. */
export interface KeepSourceReport {
  readonly source: string;
  readonly status: KeepStatus;
  readonly backupId?: string;
  /** Of the verified backup: whoever exchanges it later cannot exchange what stands on record here. */
  readonly manifestSha256?: string;
  readonly files?: number;
  readonly bytes?: number;
  readonly deletedFiles?: number;
  readonly deletedBytes?: number;
  readonly keptFiles?: number;
  readonly prunedBackups?: number;
  /** Measured time of a drill or verification, ms. */
  readonly durationMs?: number;
  /** `code: message` of what failed or needs a person. */
  readonly problems: readonly string[];
}
