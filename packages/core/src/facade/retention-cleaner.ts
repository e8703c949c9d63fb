import { posix } from 'node:path';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { nodeKeepFiles } from '../adapters/files-node/keep-files.ts';
import { nodeFolderPins } from '../adapters/files-node/pinned-folders.ts';
import { VerifiedBackup } from '../keep/backup/verify-backup.ts';
import { type CleanupPlan, type PlanOptions, planCleanup } from '../keep/retention/cleanup-plan.ts';
import { executeCleanup as deleteProven } from '../keep/retention/delete-gate.ts';
import { openJournal } from '../keep/retention/delete-journal.ts';
import type { DeletedFile, DeletionReport } from '../keep/retention/delete-request.ts';
import type { HeldPaths } from '../keep/retention/hold-rules.ts';
import { readHeld } from '../keep/retention/holds-file.ts';
import type { ExpiredFile, KeptFile, KeptReason, SeenFile } from '../keep/retention/retention-policy.ts';
import { type Judgement, judgeFiles } from '../keep/retention/retention-rules.ts';
import { scanExpired as scan } from '../keep/retention/scan-expired.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeepFiles } from '../ports/keep-files.ts';
import { type AnyRetentionPolicy, rulesOf } from './retention-policies.ts';

export { expiredText, keptText } from '../keep/retention/kept-text.ts';
export {
  type CleanupPlan,
  type DeletedFile,
  type DeletionReport,
  type ExpiredFile,
  type KeptFile,
  type KeptReason,
  type PlanOptions,
  planCleanup,
};

/** The world a cleaner works in, and where it keeps its journal and finds holds. */
export interface CleanerOptions {
  readonly files?: KeepFiles | undefined;
  readonly clock?: Clock | undefined;
  /** Default: `.qts-ops-state` in the root of the backup. */
  readonly stateFolder?: string | undefined;
}

/** Permission to delete, and on the strength of what. */
export interface ApplyOptions {
  /** False (default): nothing is deleted, as in a dry run. */
  readonly allowDelete?: boolean | undefined;
  /** Required with `allowDelete`: only what it holds may go. */
  readonly backup?: VerifiedBackup | undefined;
  /** True: a file that cannot be read stays and the others go. Default false: then nothing goes. */
  readonly deleteVerifiedSubset?: boolean | undefined;
}

/** Finds files of a data set that may go, and deletes them when it is allowed to and a verified backup holds them. */
export class RetentionCleaner {
  readonly #policy: AnyRetentionPolicy;
  readonly #options: CleanerOptions;

  constructor(policy: AnyRetentionPolicy, options: CleanerOptions = {}) {
    this.#policy = policy;
    this.#options = options;
  }

  /** The files that may go by the rules; nothing is deleted. */
  dryRun(files: readonly SeenFile[]): readonly ExpiredFile[] {
    return this.judge(files).expired;
  }

  /** The same with the reason of every file that stays. */
  judge(files: readonly SeenFile[]): Judgement & { readonly keptFiles: readonly KeptFile[] } {
    const keptFiles: KeptFile[] = [];
    const held = this.#held();
    const judgement = judgeFiles(files, rulesOf(this.#policy), {
      nowMs: clockOf(this.#options).now(),
      heldBy: (path) => held?.heldBy(path),
      onKept: ({ path, size }, reason) => void keptFiles.push({ path, size, reason }),
    });
    return { ...judgement, keptFiles };
  }

  /**
   * Without permission the expired files, as `dryRun`; with it the files that are really gone.
   * @throws INP-0824 when deleting is allowed without a verified backup, or with one that was used before.
   */
  apply(files: readonly SeenFile[], options: ApplyOptions = {}): readonly ExpiredFile[] {
    const expired = this.dryRun(files);
    if (options.allowDelete !== true) return expired;
    const gone = new Set(this.#delete(expired, options).deleted.map((file) => file.path));
    return expired.filter((file) => gone.has(file.path));
  }

  /** Like `apply` with permission, and says of every expired file what became of it and why. @throws INP-0824. */
  applyWithReport(files: readonly SeenFile[], options: Omit<ApplyOptions, 'allowDelete'>): DeletionReport {
    return this.#delete(this.dryRun(files), options);
  }

  #delete(expired: readonly ExpiredFile[], { backup, deleteVerifiedSubset }: ApplyOptions): DeletionReport {
    if (!VerifiedBackup.is(backup)) {
      throw opsException(
        'INP-0824',
        'backup: missing or not verified; allowed: the result of a verification',
      );
    }
    return executeCleanup(planCleanup(expired, backup), { ...this.#options, deleteVerifiedSubset });
  }

  #held(): HeldPaths | undefined {
    const { stateFolder } = this.#options;
    if (stateFolder === undefined) return undefined;
    return readHeld(filesOf(this.#options), stateFolder, clockOf(this.#options).now());
  }
}

/** What is scanned for files that may go. */
export interface ScanOptions extends CleanerOptions {
  readonly dataRoot: string;
  readonly policy: AnyRetentionPolicy;
  /** Folders that do not belong to the data. */
  readonly excluded?: readonly string[] | undefined;
}

/** Finds what may go by the rules; deletes nothing. @throws SYS-0160 when the data cannot be read whole. */
export function scanExpired(options: ScanOptions): Judgement {
  const { dataRoot, policy, stateFolder, excluded = [] } = options;
  const [files, nowMs] = [filesOf(options), clockOf(options).now()];
  const held = stateFolder === undefined ? undefined : readHeld(files, stateFolder, nowMs);
  return scan(files, {
    ...{ dataRoot, policy: rulesOf(policy), nowMs },
    excluded: [...excluded, ...(stateFolder === undefined ? [] : [stateFolder])],
    heldBy: (path) => held?.heldBy(path),
  });
}

/**
 * Deletes what a plan lets go; each file is proven again at that moment.
 * @throws INP-0824 when the plan was not made with a verified backup, or its backup was used before.
 */
export function executeCleanup(
  plan: CleanupPlan,
  options: CleanerOptions & Pick<ApplyOptions, 'deleteVerifiedSubset'> = {},
): DeletionReport {
  const { backup } = plan;
  if (!VerifiedBackup.is(backup)) {
    throw opsException(
      'INP-0824',
      'plan: made without a verified backup; allowed: the result of planCleanup',
    );
  }
  const [files, nowMs] = [filesOf(options), clockOf(options).now()];
  const stateFolder = options.stateFolder ?? defaultStateFolder(backup.backupRoot);
  const { runId, backupId, sourceRoot: dataRoot } = backup;
  const journal = openJournal(files, { stateFolder, dataRoot, runId, backupId });
  const held = readHeld(files, stateFolder, nowMs);
  const report = deleteProven(
    files,
    {
      ...{ plan, runId, dataRoot, nowMs },
      grip: options.files === undefined ? nodeFolderPins(files) : undefined,
      heldBy: (path) => held.heldBy(path),
      deleteVerifiedSubset: options.deleteVerifiedSubset ?? false,
    },
    journal,
  );
  if (report.stopped === undefined) journal.close();
  return report;
}

/** Where a run without an engine keeps its state. */
export function defaultStateFolder(backupRoot: string): string {
  return posix.join(backupRoot, '.qts-ops-state');
}

function filesOf({ files }: CleanerOptions): KeepFiles {
  return files ?? nodeKeepFiles();
}

function clockOf({ clock }: CleanerOptions): Clock {
  return clock ?? systemClock;
}
