import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomId } from '../src/adapters/clock-system/random-id.ts';
import { nodeKeepLocks } from '../src/adapters/files-node/keep-lock.ts';
import { nodeFolderPins } from '../src/adapters/files-node/pinned-folders.ts';
import type { BackupServices } from '../src/keep/backup/backup-services.ts';
import { verifyBackup } from '../src/keep/backup/verify-backup.ts';
import { type FileBatches, writeBatch } from '../src/keep/restore/file-batches.ts';
import { checkedFolderPins } from '../src/keep/restore/folder-pins.ts';
import { restoreBackup } from '../src/keep/restore/restore-backup.ts';
import type { RestoreReport, RestoreRequest, RestoreServices } from '../src/keep/restore/restore-request.ts';
import type { KeepFiles } from '../src/ports/keep-files.ts';
import type { KeepWorld } from '../src/testing/memory-files-keep.ts';
import { memoryLocks } from '../src/testing/memory-files-keep.ts';
import { machineServices } from './machine-services.ts';

const LOCK_OWNER = { pid: 1, host: 'desk-1', bootId: 'boot-1' };

/** Services of this machine for restores. */
export function restoreServices(changes: Partial<BackupServices> = {}): RestoreServices {
  const backup = machineServices(changes);
  return {
    ...{ files: backup.files, archives: backup.archives, clock: backup.clock },
    ...{ pins: nodeFolderPins(backup.files), locks: nodeKeepLocks(), lockOwner: LOCK_OWNER },
    verifyBackup: (request) => verifyBackup(backup, request),
  };
}

/** Services of a machine in memory; `files` lets a test put faults in between. */
export function worldRestoreServices(world: KeepWorld, files: KeepFiles = world.files): RestoreServices {
  const backup = world.backupServices(files);
  return {
    ...{ files, archives: backup.archives, clock: backup.clock },
    ...{ pins: checkedFolderPins(files), locks: memoryLocks(), lockOwner: LOCK_OWNER },
    verifyBackup: (request) => verifyBackup(backup, request),
  };
}

/** Does on this thread what another one would do: one file in each turn, between whatever else goes on. */
export function batchesBehind(files: KeepFiles): FileBatches {
  return {
    filesMax: 1,
    async write({ files: listed, ...batch }) {
      for (const one of listed) {
        await nextTurn();
        writeBatch(files, { ...batch, files: [one] });
      }
    },
    close: async () => undefined,
  };
}

/** A restore on this machine with everything left at its default. */
export function restore(
  roots: { readonly folder: string; readonly backups: string },
  {
    services = restoreServices(),
    ...request
  }: Partial<RestoreRequest> & {
    readonly id: string;
    readonly services?: RestoreServices;
  },
): Promise<RestoreReport> {
  return restoreBackup(services, {
    runId: randomId(),
    backupRoot: roots.backups,
    target: { kind: 'folder', folder: `${roots.folder}/restored` },
    ...request,
  });
}
