import { nodeKeepLocks } from '../adapters/files-node/keep-lock.ts';
import { nodeFolderPins } from '../adapters/files-node/pinned-folders.ts';
import { nodeProcesses } from '../adapters/processes-node/process-table.ts';
import { archiveStrategy } from '../keep/backup/archive-strategy.ts';
import { makeBackup } from '../keep/backup/backup-run.ts';
import type { MaintenanceReport } from '../keep/maintenance/maintenance-report.ts';
import type { MaintenanceRequest, MaintenanceServices } from '../keep/maintenance/maintenance-request.ts';
import { performMaintenance } from '../keep/maintenance/maintenance-run.ts';
import { machineBackupServices, newRunId } from './backup-machine.ts';
import { defaultStateFolder } from './retention-cleaner.ts';
import { type AnyRetentionPolicy, FileRetentionPolicy, rulesOf } from './retention-policies.ts';

export type {
  MaintenanceAlert,
  MaintenanceReport,
  MaintenanceStatus,
} from '../keep/maintenance/maintenance-report.ts';

/** What both entries may be told besides their roots. */
export interface MaintenanceOptions
  extends Partial<
    Pick<
      MaintenanceRequest,
      | 'runId'
      | 'strategy'
      | 'set'
      | 'expectedMark'
      | 'reserveBytes'
      | 'deleteVerifiedSubset'
      | 'massBound'
      | 'clockEvidence'
      | 'copyRoots'
      | 'signal'
      | 'onProgress'
    >
  > {
  readonly backupRoot: string;
  /** Where the cleanup log and the holds are; default: `.qts-ops-state` in the backup root. */
  readonly stateFolder?: string | undefined;
  /** Default: the machine. */
  readonly services?: MaintenanceServices | undefined;
}

/** What `runMaintenanceAutomation` works on. */
export interface AutomationOptions extends MaintenanceOptions {
  readonly datasetRoot: string;
  readonly policy: AnyRetentionPolicy;
}

/** What `runMaintenance` works on. */
export interface CoordinatorOptions extends MaintenanceOptions {
  readonly dataRoot: string;
  /** Default: every file after 7 days. */
  readonly policy?: AnyRetentionPolicy | undefined;
  /** What to back up; default: every file. What is not backed up is not deleted. */
  readonly includeBackupGlobs?: readonly string[] | undefined;
}

/**
 * The specification's entry over a data set: scan, back up exactly what expired, verify, delete that. When nothing
 * expired, no archive is made. See `performMaintenance` for what it throws.
 */
export function runMaintenanceAutomation(options: AutomationOptions): Promise<MaintenanceReport> {
  return perform(options, {
    dataRoot: options.datasetRoot,
    policy: options.policy,
    backUp: 'expired-only',
  });
}

/**
 * The specification's entry over files: back up, then scan, then delete what is both expired and in the verified
 * backup. See `performMaintenance` for what it throws.
 */
export function runMaintenance(options: CoordinatorOptions): Promise<MaintenanceReport> {
  const { dataRoot, policy = new FileRetentionPolicy(), includeBackupGlobs } = options;
  return perform(options, { dataRoot, policy, backUp: 'everything', includeBackupGlobs });
}

interface Entry extends Pick<MaintenanceRequest, 'dataRoot' | 'backUp' | 'includeBackupGlobs'> {
  readonly policy: AnyRetentionPolicy;
}

function perform(options: MaintenanceOptions, entry: Entry): Promise<MaintenanceReport> {
  const { services = machineServices(), stateFolder, runId = newRunId(), ...rest } = options;
  return performMaintenance(services, {
    ...rest,
    runId,
    strategy: options.strategy ?? archiveStrategy(),
    stateFolder: stateFolder ?? defaultStateFolder(options.backupRoot),
    dataRoot: entry.dataRoot,
    backUp: entry.backUp,
    includeBackupGlobs: entry.includeBackupGlobs,
    policy: rulesOf(entry.policy),
  });
}

/** This machine, for programs that use the specification's functions without an engine. */
function machineServices(): MaintenanceServices {
  const { host, bootId, pid } = nodeProcesses().self();
  const backup = machineBackupServices();
  return {
    files: backup.files,
    clock: backup.clock,
    locks: nodeKeepLocks(),
    pins: nodeFolderPins(backup.files),
    lockOwner: { host, bootId, pid },
    makeBackup: (request) => makeBackup(backup, request),
  };
}
