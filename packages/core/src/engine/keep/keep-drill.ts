import { readCatalogue } from '../../keep/backup/backup-catalogue.ts';
import { backupError } from '../../keep/backup/backup-errors.ts';
import { VerifiedBackup } from '../../keep/backup/verify-backup.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import type { KeepSourceReport } from './keep-request.ts';
import { requireBackup, setOf, withRoot } from './keep-roots.ts';

/** Proves that the newest verified backup of a source can be brought back, and measures how long that takes. */
export async function drillSource(run: KeepRun, source: BackupSourceConfig): Promise<KeepSourceReport> {
  const { to: backupRoot } = requireBackup(run);
  const { services, request, signal } = run;
  return withRoot(run, backupRoot, async () => {
    const { backups } = readCatalogue(services.files, backupRoot);
    const newest = backups.find(
      ({ id, names, state }) => names.stem === `${setOf(source)}-${id}` && state === 'verified',
    );
    if (newest === undefined) {
      throw backupError(
        'INP-0804',
        `${source.id} has no verified backup in ${backupRoot}; run a backup first`,
        {
          data: { source: source.id, backupRoot },
        },
      );
    }
    const startedMono = services.clock.mono();
    const verified = await VerifiedBackup.verify(services, {
      backupRoot,
      id: newest.id,
      runId: request.runId,
      signal,
    });
    const { recordCount, sourceBytes } = verified.manifest;
    verified.close();
    return {
      source: source.id,
      status: 'completed',
      backupId: newest.id,
      files: recordCount,
      bytes: sourceBytes,
      durationMs: services.clock.mono() - startedMono,
      problems: [],
    };
  });
}
