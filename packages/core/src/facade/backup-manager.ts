import type { BackupManifest } from '../keep/backup/backup-manifest.ts';
import { type BackupPlan, planBackup } from '../keep/backup/backup-plan.ts';
import { type BackupOutcome, type BackupProgress, makeBackup } from '../keep/backup/backup-run.ts';
import type { BackupServices } from '../keep/backup/backup-services.ts';
import type { BackupStrategy } from '../keep/backup/backup-strategy.ts';
import { isOpsException } from '../kernel/ops-exception.ts';
import { machineBackupServices, newRunId, withLockedRoot } from './backup-machine.ts';
import { ArchiveBackupStrategy } from './backup-strategies.ts';

export type {
  ArchiveBlock,
  BackupCodec,
  BackupManifest,
  ManifestEntry,
  SkippedEntry,
} from '../keep/backup/backup-manifest.ts';
export type { BackupPlan } from '../keep/backup/backup-plan.ts';
export type { BackupProgress } from '../keep/backup/backup-run.ts';
export type { BackupServices } from '../keep/backup/backup-services.ts';
export type { BackupSink, BackupStrategy, SinkPlace } from '../keep/backup/backup-strategy.ts';

/** How a `BackupManager` works. */
export interface BackupManagerOptions {
  /** Default: one `.tar.gz`. */
  readonly strategy?: BackupStrategy | undefined;
  /** What to take, relative to the source; default: everything, names that begin with a dot included. */
  readonly includeGlobs?: readonly string[] | undefined;
  /** First part of the names of backups; default: the last name of the source. */
  readonly set?: string | undefined;
  /** Mark of the backup root as earlier backups knew it: a disk that is not mounted is then refused. */
  readonly expectedMark?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  /** Default: those of this machine. */
  readonly services?: BackupServices | undefined;
}

/** How a backup ended, for callers that do not catch. */
export interface BackupResult {
  readonly success: boolean;
  /** Path of the archive, or of the folder of copies; absent when there is none. */
  readonly backupRoot?: string;
  readonly manifestPath?: string;
  readonly manifest?: BackupManifest;
  /** `CODE: message` of the failure. */
  readonly error?: string;
}

/** The specification's backup of a folder: every run is published whole, read back and compared, or it is no backup. */
export class BackupManager {
  readonly #sourceRoot: string;
  readonly #backupRoot: string;
  readonly #options: BackupManagerOptions;

  constructor(sourceRoot: string, backupRoot: string, options: BackupManagerOptions = {}) {
    this.#sourceRoot = sourceRoot;
    this.#backupRoot = backupRoot;
    this.#options = options;
  }

  /**
   * Makes a backup and reads it back.
   * @throws the declared error of what went wrong: BAT-0501 for a missing source, BAT-0502 for an empty one, SYS-0104
   * for one that could not be read back, SYS-0126 while another run holds the backup root, and those of `makeBackup`.
   */
  async run(): Promise<BackupManifest> {
    return (await this.#make(undefined)).manifest;
  }

  /** Makes a backup and reads it back; a failure is part of the result. */
  runWithResult(): Promise<BackupResult> {
    return toResult(() => this.#make(undefined));
  }

  /** The files that a run would take now, relative to the source; writes nothing. */
  dryRun(): readonly string[] {
    const services = this.#options.services ?? machineBackupServices();
    const { files } = buildBackupPlanWith(services, {
      sourceRoot: this.#sourceRoot,
      backupRoot: this.#backupRoot,
      globs: this.#options.includeGlobs,
    });
    return Array.from(files, ({ path }) => path);
  }

  #make(plan: BackupPlan | undefined): Promise<BackupOutcome> {
    const { sourceRoot, backupRoot } = { sourceRoot: this.#sourceRoot, backupRoot: this.#backupRoot };
    return makeLocked({ sourceRoot, backupRoot, plan, options: this.#options });
  }
}

/** The files of one backup, seen once and then fixed. See `planBackup` for what it throws. */
export function buildBackupPlan(
  sourceRoot: string,
  backupRoot: string,
  includeGlobs?: readonly string[],
): BackupPlan {
  return buildBackupPlanWith(machineBackupServices(), { sourceRoot, backupRoot, globs: includeGlobs });
}

/** Makes the backup of a plan and reads it back; a failure is part of the result. */
export function runBackup(plan: BackupPlan, options: BackupManagerOptions = {}): Promise<BackupResult> {
  const { sourceRoot, backupRoot } = plan;
  return toResult(() => makeLocked({ sourceRoot, backupRoot, plan, options }));
}

interface LockedBackup {
  readonly sourceRoot: string;
  readonly backupRoot: string;
  readonly plan: BackupPlan | undefined;
  readonly options: BackupManagerOptions;
}

/** The source is looked at first: a wrong one must not leave a new backup root behind. */
async function makeLocked({ sourceRoot, backupRoot, plan, options }: LockedBackup): Promise<BackupOutcome> {
  const services = options.services ?? machineBackupServices();
  const runId = newRunId();
  const roots = { sourceRoot, backupRoot, globs: options.includeGlobs };
  const planned = plan ?? buildBackupPlanWith(services, roots);
  const outcome = await withLockedRoot(
    services,
    { backupRoot, runId, expectedMark: options.expectedMark },
    () =>
      makeBackup(services, {
        ...roots,
        runId,
        plan: planned,
        strategy: options.strategy ?? new ArchiveBackupStrategy(),
        set: options.set,
        expectedMark: options.expectedMark,
        signal: options.signal,
        onProgress: options.onProgress,
      }),
  );
  outcome.verified?.close();
  return outcome;
}

function buildBackupPlanWith(
  { files }: BackupServices,
  request: {
    readonly sourceRoot: string;
    readonly backupRoot: string;
    readonly globs: readonly string[] | undefined;
  },
): BackupPlan {
  return planBackup(files, request);
}

async function toResult(make: () => Promise<BackupOutcome>): Promise<BackupResult> {
  try {
    const { manifest, manifestPath, names, root } = await make();
    return { success: true, backupRoot: `${root.path}/${names.archive}`, manifestPath, manifest };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = isOpsException(error) ? error.code : error.name;
    return { success: false, error: `${code}: ${error.message}` };
  }
}
