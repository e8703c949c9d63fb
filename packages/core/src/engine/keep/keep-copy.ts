import { copyBackup } from '../../keep/backup/copy-backup.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { leaveHolds } from './keep-holds.ts';
import { markOf, requireBackup, showProgress, withRoot } from './keep-roots.ts';

/**
 * Copies a backup of a source, and the holds, to the second place and reads it back there; nothing where none is configured. The caller holds the
 * lock of the first place.
 * @throws what `copyBackup` throws: a copy that failed is a backup that failed.
 */
export async function copyToSecondPlace(run: KeepRun, source: BackupSourceConfig, id: string): Promise<void> {
  const { to, copyTo } = requireBackup(run);
  if (copyTo === undefined) return;
  const { services, request, signal, log, note } = run;
  await withRoot(run, copyTo, async () => {
    const report = await copyBackup(services, {
      backupRoot: to,
      id,
      toRoot: copyTo,
      expectedMark: markOf(run, copyTo),
      runId: request.runId,
      signal,
      onProgress: showProgress(run, source),
    });
    leaveHolds(run, source, copyTo);
    if (report.copied.length > 0)
      log(`copied to ${copyTo}: ${report.copied.join(', ')} (${report.bytes} bytes)`);
    if (!report.sameDisk) return;
    const message = `${copyTo} is on the same disk as ${to}: the copies do not survive it; choose another disk`;
    for (const source of request.sources)
      note({ source: source.id, code: 'BAT-0525', message, standing: true });
  });
}
