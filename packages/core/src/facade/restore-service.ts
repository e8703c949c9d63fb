import { nodeFileBatches } from '../adapters/files-node/batch-threads.ts';
import { nodeKeepLocks } from '../adapters/files-node/keep-lock.ts';
import { nodeFolderPins } from '../adapters/files-node/pinned-folders.ts';
import { nodeProcesses } from '../adapters/processes-node/process-table.ts';
import { readCatalogue } from '../keep/backup/backup-catalogue.ts';
import type { BackupServices } from '../keep/backup/backup-services.ts';
import { verifyBackup } from '../keep/backup/verify-backup.ts';
import { type BackupChoice, chooseBackup } from '../keep/restore/choose-backup.ts';
import type { DrillRecord } from '../keep/restore/drill-record.ts';
import { restoreBackup } from '../keep/restore/restore-backup.ts';
import type { RestoreReport, RestoreRequest, RestoreServices } from '../keep/restore/restore-request.ts';
import { type DrillRequest, runDrill } from '../keep/restore/run-drill.ts';
import { machineBackupServices, newRunId } from './backup-machine.ts';

/** A restore without what the service knows itself; without an id the newest verified backup is meant. */
export interface RestoreOptions extends Omit<RestoreRequest, 'runId' | 'backupRoot' | 'id'>, BackupChoice {
  readonly id?: string | undefined;
}

/** A drill without what the service knows itself. */
export type DrillOptions = Omit<DrillRequest, 'runId' | 'backupRoot'>;

/** Brings files back from a backup root, and tries out whether that would work. */
export class RestoreService {
  readonly #backupRoot: string;
  readonly #services: RestoreServices;

  constructor(backupRoot: string, services: RestoreServices = machineRestoreServices()) {
    this.#backupRoot = backupRoot;
    this.#services = services;
  }

  /** Restores files; see `restoreBackup` for how it can fail. @throws INP-0842 when no backup can be chosen. */
  async restore({ id, set, atMs, ...request }: RestoreOptions): Promise<RestoreReport> {
    const catalogue = () => readCatalogue(this.#services.files, this.#backupRoot);
    return restoreBackup(this.#services, {
      ...request,
      runId: newRunId(),
      backupRoot: this.#backupRoot,
      id: id ?? chooseBackup(catalogue(), { set, atMs }).id,
    });
  }

  /** Tries backups out; see `runDrill` for how it can fail. */
  async drill(request: DrillOptions): Promise<DrillRecord> {
    return runDrill(this.#services, { ...request, runId: newRunId(), backupRoot: this.#backupRoot });
  }
}

/** The services of this machine for restores and drills. */
export function machineRestoreServices(backup: BackupServices = machineBackupServices()): RestoreServices {
  const { pid, host, bootId } = nodeProcesses().self();
  const { files, archives, clock } = backup;
  return {
    ...{ files, archives, clock },
    ...{ pins: nodeFolderPins(files), locks: nodeKeepLocks(), lockOwner: { pid, host, bootId } },
    openBatches: nodeFileBatches(files),
    verifyBackup: (request) => verifyBackup(backup, request),
  };
}
