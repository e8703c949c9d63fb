import { tarArchives } from '../src/adapters/archive-tar/tar-archives.ts';
import { randomId } from '../src/adapters/clock-system/random-id.ts';
import { systemClock } from '../src/adapters/clock-system/system-clock.ts';
import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { archiveStrategy } from '../src/keep/backup/archive-strategy.ts';
import { type BackupOutcome, type BackupRequest, makeBackup } from '../src/keep/backup/backup-run.ts';
import type { BackupServices } from '../src/keep/backup/backup-services.ts';

/** The services of this machine, for tests of backups. */
export function machineServices(changes: Partial<BackupServices> = {}): BackupServices {
  return {
    files: nodeKeepFiles(),
    archives: tarArchives(),
    clock: systemClock,
    host: 'desk-1',
    toolVersion: '0.1.0',
    ...changes,
  };
}

/** A backup of a source folder with everything left at its default. */
export function backUp(
  roots: { readonly source: string; readonly backups: string },
  { services = machineServices(), ...request }: Partial<BackupRequest> & { services?: BackupServices } = {},
): Promise<BackupOutcome> {
  return makeBackup(services, {
    runId: randomId(),
    sourceRoot: roots.source,
    backupRoot: roots.backups,
    strategy: archiveStrategy(),
    ...request,
  });
}
