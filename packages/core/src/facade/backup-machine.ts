import { tarArchives } from '../adapters/archive-tar/tar-archives.ts';
import { randomId } from '../adapters/clock-system/random-id.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { nodeKeepFiles } from '../adapters/files-node/keep-files.ts';
import { nodeKeepLocks } from '../adapters/files-node/keep-lock.ts';
import { nodeProcesses } from '../adapters/processes-node/process-table.ts';
import { VERSION } from '../engine/version.ts';
import { ROOT_LOCK } from '../keep/backup/backup-names.ts';
import { openBackupRoot, type RootRequest } from '../keep/backup/backup-root.ts';
import type { BackupServices } from '../keep/backup/backup-services.ts';

/** The services of this machine for backups. */
export function machineBackupServices(): BackupServices {
  const { host } = nodeProcesses().self();
  return {
    files: nodeKeepFiles(),
    archives: tarArchives(),
    clock: systemClock,
    host,
    toolVersion: VERSION,
  };
}

/** A new id for a run. */
export function newRunId(): string {
  return randomId();
}

/**
 * Does something that writes into a backup root while no other run does.
 * @throws SYS-0126 naming the other run, SYS-0127, SYS-0142, BAT-0504 when it is not the expected root.
 */
export async function withLockedRoot<T>(
  services: BackupServices,
  request: RootRequest,
  work: () => Promise<T>,
): Promise<T> {
  const root = openBackupRoot(services.files, request);
  const { pid, host, bootId } = nodeProcesses().self();
  const owner = { runId: request.runId, pid, host, bootId, sinceMs: services.clock.now() };
  const lock = nodeKeepLocks().take(`${root.path}/${ROOT_LOCK}`, owner);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
