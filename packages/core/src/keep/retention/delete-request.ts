import type { ErrorCode } from '../../kernel/define-errors.ts';
import type { CleanupPlan } from './cleanup-plan.ts';
import type { ExpiredFile, KeptFile } from './retention-policy.ts';

/** Holds a folder open, so that a name in it stays in that very folder whatever becomes of the way to it. */
export interface FolderGrip {
  /** @throws an error with code ELOOP or ENOTDIR when the last name of the path is no folder. */
  open(path: string): HeldFolder;
}

/** A folder that is held. */
export interface HeldFolder {
  /** A path by which names in the folder are reached; good until `close`. */
  readonly path: string;
  close(): void;
}

/** What the gate is asked to do. */
export interface DeleteRequest {
  readonly plan: CleanupPlan;
  /** The run whose backup it must be. */
  readonly runId: string;
  /** The data set; its real path must be the source of the backup. */
  readonly dataRoot: string;
  /** The frozen instant of the run, ms since 1970. */
  readonly nowMs: number;
  heldBy(path: string): string | undefined;
  /** How folders are held from the last look at a file to its end. Default: the way is only looked at. */
  readonly grip?: FolderGrip | undefined;
  /** Called before each batch: holds may have been given since. What it throws keeps the rest. */
  readonly lookAgain?: (() => void) | undefined;
  /** Other backup roots that hold a verified copy of the backup; each of them learns what was deleted. Default: none. */
  readonly copyRoots?: readonly string[] | undefined;
  /** False: a file that cannot be read stops the run; true: it is kept and the others go. */
  readonly deleteVerifiedSubset: boolean;
}

/** A source file that is gone, and where its content is. */
export interface DeletedFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly backupId: string;
  readonly reason: Pick<ExpiredFile, 'rule' | 'ageMs' | 'keepMs'>;
}

/** What the gate did. Every file of the plan is in one of the two lists. */
export interface DeletionReport {
  readonly deleted: readonly DeletedFile[];
  readonly kept: readonly KeptFile[];
  /** Why it stopped before the end of the plan. */
  readonly stopped?: { readonly code: ErrorCode; readonly message: string };
}

/** A deletion that goes on one batch at a time. */
export interface OpenCleanup {
  /** Runs once; stands still before each batch. */
  batches(): Generator<void, void, void>;
  /** Keeps everything that is not gone yet; the first reason counts. */
  stop(code: ErrorCode, message: string): void;
  /** What became of every file of the plan, once `batches` has come to its end. */
  report(): DeletionReport;
}
