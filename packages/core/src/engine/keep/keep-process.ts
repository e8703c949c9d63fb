import { constants, setPriority } from 'node:os';
import { tarArchives } from '../../adapters/archive-tar/tar-archives.ts';
import { sinceMachineBootMs } from '../../adapters/clock-system/boot-reading.ts';
import { systemClock } from '../../adapters/clock-system/system-clock.ts';
import { nodeFileBatches } from '../../adapters/files-node/batch-threads.ts';
import { nodeKeepFiles } from '../../adapters/files-node/keep-files.ts';
import { nodeKeepLocks } from '../../adapters/files-node/keep-lock.ts';
import { nodeFolderPins } from '../../adapters/files-node/pinned-folders.ts';
import { keepYoungHeapSmall } from '../../adapters/files-node/small-heap.ts';
import { readClockState } from '../../adapters/health-node/clock-reader.ts';
import { nodeProcesses } from '../../adapters/processes-node/process-table.ts';
import { copySqliteDatabase, sqliteProblem } from '../../adapters/store-sql/sqlite-backup.ts';
import { verifyBackup } from '../../keep/backup/verify-backup.ts';
import type { LockWait } from '../../ports/lock-wait.ts';
import type { TargetContext } from '../../ports/target.ts';
import { VERSION } from '../version.ts';
import { type KeepServices, performKeepAct } from './keep-acts.ts';
import type { KeepReport, KeepRequest } from './keep-request.ts';

/** An operator may read a backup back or restore while a run is due; such a run waits so long, and its own timeout stands besides. */
const LOCK_WAIT_MS = 5 * 60_000;

/** Entry of the process of a keep run. It is given all it needs, writes only files, and never opens the store to write. */
export function runKeepProcess({ params, signal, progress, log }: TargetContext): Promise<KeepReport> {
  setPriority(constants.priority.PRIORITY_LOW);
  keepYoungHeapSmall();
  // Made by the same version of the engine, and crossed as JSON.
  const request = params['request'] as unknown as KeepRequest;
  const lockWait = { limitMs: LOCK_WAIT_MS, onWait: log };
  return performKeepAct({ services: machineKeepServices(lockWait), request, signal, progress, log });
}

/** This machine as a keep run sees it. */
export function machineKeepServices(lockWait?: LockWait): KeepServices {
  const { host, bootId, pid } = nodeProcesses().self();
  const files = nodeKeepFiles();
  const backup = { files, archives: tarArchives(), clock: systemClock, host, toolVersion: VERSION };
  return {
    ...backup,
    pins: nodeFolderPins(files),
    openBatches: nodeFileBatches(files),
    verifyBackup: (request) => verifyBackup(backup, request),
    locks: nodeKeepLocks(),
    lockOwner: { host, bootId, pid },
    lockWait,
    copyDatabase: copySqliteDatabase,
    databaseProblem: sqliteProblem,
    time: {
      bootId,
      sinceBootMs: sinceMachineBootMs,
      isTimeSynced: async () => (await readClockState()).synchronised === true,
    },
  };
}
