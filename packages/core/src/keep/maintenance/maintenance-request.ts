import type { KeepFiles } from '../../ports/keep-files.ts';
import type { LockServices } from '../../ports/lock-wait.ts';
import type { BackupOutcome, BackupProgress, BackupRequest } from '../backup/backup-run.ts';
import type { BackupStrategy } from '../backup/backup-strategy.ts';
import type { FolderGrip } from '../retention/delete-request.ts';
import type { PathAlias } from '../retention/hold-rules.ts';
import type { ClockEvidence, MassBound } from '../retention/retention-guards.ts';
import type { RetentionPolicy } from '../retention/retention-policy.ts';

/** What a maintenance run asks of the world. */
export interface MaintenanceServices extends LockServices {
  readonly files: KeepFiles;
  /** Holds folders while files in them go. Default: the way to them is only looked at. */
  readonly pins?: FolderGrip | undefined;
  /** Makes one backup and verifies it. */
  makeBackup(request: BackupRequest): Promise<BackupOutcome>;
}

/** What one maintenance run is to do. */
export interface MaintenanceRequest {
  /** UUID of the run. */
  readonly runId: string;
  readonly dataRoot: string;
  readonly backupRoot: string;
  /** Where the holds, the journal, the memory of the guards and the cleanup log are. */
  readonly stateFolder: string;
  readonly policy: RetentionPolicy;
  /**
   * `expired-only`: scan, then back up exactly what expired, and nothing when nothing did. `everything`: back up what
   * the globs name, then scan. Both delete only what is expired and in the verified backup.
   */
  readonly backUp: 'expired-only' | 'everything';
  readonly strategy: BackupStrategy;
  /** For `everything`: what to back up; absent: all files. */
  readonly includeBackupGlobs?: readonly string[] | undefined;
  /** First part of the names of backups; default: the last name of the data root. */
  readonly set?: string | undefined;
  /** Mark of the backup root as earlier backups knew it. */
  readonly expectedMark?: string | undefined;
  /** Bytes that stay free on the disk of the backups. */
  readonly reserveBytes?: number | undefined;
  /** True: a file that cannot be read or verified stays and the others go. Default false: then nothing goes. */
  readonly deleteVerifiedSubset?: boolean | undefined;
  /** Default: at most 30 % of the files and bytes, from 100 files up. */
  readonly massBound?: MassBound | undefined;
  /** Other names of the files, by sources that overlap with this one: a hold counts under each. Default: none. */
  readonly aliases?: readonly PathAlias[] | undefined;
  /** What is known of time besides the wall clock. */
  readonly clockEvidence?: Omit<ClockEvidence, 'nowMs'> | undefined;
  /** Backup roots to which `makeBackup` copies every backup and verifies it there. Default: none. */
  readonly copyRoots?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
}
