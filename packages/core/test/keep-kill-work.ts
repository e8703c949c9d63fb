import { hostname } from 'node:os';
import { randomId } from '../src/adapters/clock-system/random-id.ts';
import { nodeFileBatches } from '../src/adapters/files-node/batch-threads.ts';
import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { nodeKeepLocks } from '../src/adapters/files-node/keep-lock.ts';
import { nodeFolderPins } from '../src/adapters/files-node/pinned-folders.ts';
import { archiveStrategy, incrementalStrategy } from '../src/keep/backup/archive-strategy.ts';
import { makeBackup } from '../src/keep/backup/backup-run.ts';
import { fileStrategy } from '../src/keep/backup/file-strategy.ts';
import { verifyBackup } from '../src/keep/backup/verify-backup.ts';
import { performMaintenance } from '../src/keep/maintenance/maintenance-run.ts';
import { restoreBackup } from '../src/keep/restore/restore-backup.ts';
import type { RestoreServices } from '../src/keep/restore/restore-request.ts';
import { dataRetentionPolicy } from '../src/keep/retention/named-policies.ts';
import type { KeepFiles } from '../src/ports/keep-files.ts';
import { faultyThread } from './faulty-threads.ts';
import { machineServices } from './machine-services.ts';

/** What a process does that may be killed; everything lies in one folder. */
export interface KilledWork {
  readonly kind: 'backup' | 'verify' | 'cleanup' | 'restore';
  readonly folder: string;
  /** Index into the strategies. */
  readonly strategy: number;
  /** Backup to verify or to restore. */
  readonly id?: string;
  /** Name of the folder to restore into. */
  readonly into?: string;
  /** Small files go through a thread; it ends the process before so many calls of its own, 0: never. */
  readonly threadAt?: number;
}

const STRATEGIES = [
  archiveStrategy({ blockBytes: 65_536 }),
  archiveStrategy({ codec: 'zstd', blockBytes: 65_536 }),
  incrementalStrategy({ codec: 'zstd', blockBytes: 65_536 }),
  fileStrategy(),
] as const;

/** Does the work with the real files, locks and clock of this machine; the root of the backups is locked as always. */
export async function performKilled(work: KilledWork, files: KeepFiles = nodeKeepFiles()): Promise<void> {
  const { kind, folder, id = '' } = work;
  const services = machineServices({ files });
  const strategy = STRATEGIES[work.strategy] ?? STRATEGIES[0];
  const runId = randomId();
  const backupRoot = `${folder}/backups`;
  const dataRoot = `${folder}/data`;
  const machine = {
    locks: nodeKeepLocks(),
    lockOwner: { pid: process.pid, host: hostname(), bootId: 'unknown' },
  };
  if (kind === 'backup') {
    (await makeBackup(services, { runId, sourceRoot: dataRoot, backupRoot, strategy })).verified?.close();
  } else if (kind === 'verify') {
    (await verifyBackup(services, { backupRoot, id, runId })).close();
  } else if (kind === 'cleanup') {
    await performMaintenance(
      { ...services, ...machine, makeBackup: (request) => makeBackup(services, request) },
      {
        ...{ runId, dataRoot, backupRoot, strategy, stateFolder: `${folder}/state` },
        ...{ policy: dataRetentionPolicy(), backUp: 'expired-only' },
      },
    );
  } else {
    await restoreBackup(
      {
        ...services,
        ...machine,
        pins: nodeFolderPins(files),
        ...batchesOf(work, files),
        verifyBackup: (request) => verifyBackup(services, request),
      },
      { runId, backupRoot, id, target: { kind: 'folder', folder: `${folder}/${work.into ?? 'restored'}` } },
    );
  }
}

function batchesOf({ threadAt }: KilledWork, files: KeepFiles): Pick<RestoreServices, 'openBatches'> {
  if (threadAt === undefined) return {};
  const entry = threadAt === 0 ? undefined : faultyThread({ at: threadAt, does: 'kill' });
  return { openBatches: nodeFileBatches(files, { filesMin: 1, filesMax: 2, entry }) };
}
