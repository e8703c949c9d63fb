import type { KeepFiles } from '../../ports/keep-files.ts';
import type { LockServices } from '../../ports/lock-wait.ts';
import type { ArchivePort } from '../backup/archive-port.ts';
import type { VerifiedBackup, VerifyRequest } from '../backup/verify-backup.ts';
import type { FileBatches } from './file-batches.ts';
import type { FolderPins } from './folder-pins.ts';

/** What a restore asks of the world. */
export interface RestoreServices extends LockServices {
  readonly files: KeepFiles;
  readonly archives: ArchivePort;
  readonly pins: FolderPins;
  /** Writes small files faster than one by one; asked for with how many files there are. Absent: one by one. */
  openBatches?(files: number): FileBatches | undefined;
  /** Reads a whole backup back and compares it with its manifest. */
  verifyBackup(request: VerifyRequest): Promise<VerifiedBackup>;
}

/** Which files of a backup are wanted; all bounds together must hold. Empty: all files. */
export interface RestoreSelection {
  /** Globs as in a backup plan; one that begins with `!` takes files out. */
  readonly globs?: readonly string[] | undefined;
  /** Exact relative paths of files, or of folders with everything below. */
  readonly paths?: readonly string[] | undefined;
  /** Only files last changed at this instant or later, ms. */
  readonly changedFromMs?: number | undefined;
  /** Only files last changed before this instant, ms. */
  readonly changedUntilMs?: number | undefined;
  /** Files that do not come from the source, such as the engine's database. Default: into a folder yes, in place no. */
  readonly extras?: boolean | undefined;
}

/** Where the files go. */
export type RestoreTarget =
  /** A folder of its own, which must be new, empty, or left by the same restore when it was cut short. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** Among the files that are there; one that differs is kept aside under another name. */
  | { readonly kind: 'in-place'; readonly folder?: string | undefined };

/** Keeps restored files from being deleted again by the rules that deleted them. */
export interface RestoreHold {
  readonly stateFolder: string;
  /** Data set whose rules they are; files that are restored elsewhere need no hold. */
  readonly dataRoot: string;
  /** Data sets besides it whose rules may apply where the files come to lie; default none. */
  readonly alsoIn?: readonly string[] | undefined;
  /** Who answers for it. */
  readonly owner: string;
  /** Default 30 days; `until-released`: no end. */
  readonly forMs?: number | 'until-released' | undefined;
}

/** What one restore is to do. */
export interface RestoreRequest {
  /** UUID of the run. */
  readonly runId: string;
  readonly backupRoot: string;
  /** Id of the backup. */
  readonly id: string;
  readonly target: RestoreTarget;
  readonly selection?: RestoreSelection | undefined;
  /** Must be given for a restore in place: the next run of the rules would delete the files again. */
  readonly hold?: RestoreHold | undefined;
  /**
   * True: of a broken backup every file whose digest is right is restored, and the others are listed. Default false:
   * nothing of a broken backup gets its name.
   */
  readonly salvage?: boolean | undefined;
  /** False: the backup root is not locked, for media that cannot be written. Default true. */
  readonly lock?: boolean | undefined;
  /** Bytes that stay free on the disk of the target; default 64 MiB. */
  readonly reserveBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
}

/** Where a running restore is. */
export interface RestoreProgress {
  readonly stage: 'check' | 'write' | 'compare';
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A file that could not be restored. */
export interface LostFile {
  readonly path: string;
  readonly problem: string;
}

/** A long list: how many there are, and the first of them. */
export interface Counted<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** What one restore did. */
export interface RestoreReport {
  readonly runId: string;
  readonly backupId: string;
  readonly set: string;
  /** Where the files came from when they were backed up. */
  readonly source: string;
  readonly madeAtMs: number;
  /** Where they are now. */
  readonly target: string;
  readonly inPlace: boolean;
  /** `salvaged`: some are lost. */
  readonly outcome: 'complete' | 'salvaged';
  /**
   * What was known before the first file got its name. `verified`: everything was read back in this run. `digest`: a
   * recorded verification, and archives with the digest of then. `each-file`: all files asked for, and no others.
   * `none`: a salvage.
   */
  readonly proof: 'verified' | 'digest' | 'each-file' | 'none';
  /** Files asked for that are in the target and right. */
  readonly files: number;
  readonly bytes: number;
  readonly writtenFiles: number;
  readonly writtenBytes: number;
  /** Files that were there already with the right content. */
  readonly unchangedFiles: number;
  readonly lost: Counted<LostFile>;
  /** Names that were in the way of a restore in place, with the names they have now; relative to the target. */
  readonly keptAside: Counted<{ readonly path: string; readonly now: string }>;
  /** True when an earlier run into the same folder was cut short. */
  readonly resumed: boolean;
  /** Files of a dead run that were removed. */
  readonly leftovers: number;
  readonly holdIds: readonly string[];
  readonly durationMs: number;
}
