import { type ErrorCode, type ErrorSeverity, findError } from '../../kernel/define-errors.ts';
import type { DeletedFile } from '../retention/delete-request.ts';
import type { FileCount, KeptFile, KeptWhy } from '../retention/retention-policy.ts';
import type { Judgement } from '../retention/retention-rules.ts';

/** How a maintenance run ended. */
export type MaintenanceStatus = 'nothing_to_do' | 'completed' | 'backup_failed' | 'partial';

/** Something that operators must hear of. */
export interface MaintenanceAlert {
  readonly code: ErrorCode;
  readonly severity: ErrorSeverity;
  readonly message: string;
  /** True for a state that lasts, such as a missing second copy: it is raised once and stays until it is over. */
  readonly standing: boolean;
}

/** The backup of a run, with the fields of the specification. */
export interface MaintenanceBackup {
  readonly id: string;
  readonly archiveName: string;
  readonly recordCount: number;
  readonly checksum: string;
  readonly backupAt: string;
  readonly verifiedAtMs: number;
  /** SHA-256 of the manifest as it was read back. */
  readonly manifestSha256: string;
}

/** What one maintenance run found and did; every candidate is in `deleted` or `kept`. */
export interface MaintenanceReport {
  readonly runId: string;
  readonly dataRoot: string;
  readonly backupRoot: string;
  readonly status: MaintenanceStatus;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly retention: RetentionCounts;
  /** Absent when none was made or it failed. */
  readonly backup?: MaintenanceBackup;
  readonly deletion: {
    readonly executed: boolean;
    readonly deleted: readonly DeletedFile[];
    readonly kept: readonly KeptFile[];
  };
  readonly alerts: readonly MaintenanceAlert[];
  /** Why the run did not do all of its work: `code: message`. */
  readonly error?: string;
  /** Of the command line: 0 when all of the work is done, else 1. */
  readonly exitCode: 0 | 1;
}

/** What the rules said. */
export interface RetentionCounts {
  readonly scannedFiles: number;
  readonly scannedBytes: number;
  readonly expiredCandidates: number;
  readonly expiredBytes: number;
  /** Files no rule names. */
  readonly unmatched: FileCount;
  /** Files that the rules keep, by reason. */
  readonly keptByReason: Readonly<Partial<Record<KeptWhy, FileCount>>>;
  readonly byRule: Readonly<Record<string, FileCount>>;
  readonly warnings: readonly string[];
}

const NO_FILES: FileCount = { files: 0, bytes: 0 };

/** Counts of a judgement; of none when the data could not be judged. */
export function retentionCounts(judgement: Judgement | undefined): RetentionCounts {
  const expired = judgement?.expired ?? [];
  return {
    scannedFiles: judgement?.seen.files ?? 0,
    scannedBytes: judgement?.seen.bytes ?? 0,
    expiredCandidates: expired.length,
    expiredBytes: expired.reduce((sum, file) => sum + file.size, 0),
    unmatched: judgement?.kept.get('unmatched') ?? NO_FILES,
    keptByReason: Object.fromEntries(judgement?.kept ?? []),
    byRule: Object.fromEntries(judgement?.byRule ?? []),
    warnings: judgement?.warnings ?? [],
  };
}

/** An alert of the severity its code is declared with. */
export function maintenanceAlert(code: ErrorCode, message: string, standing = false): MaintenanceAlert {
  return { code, severity: findError(code)?.definition.severity ?? 'ERROR', message, standing };
}
