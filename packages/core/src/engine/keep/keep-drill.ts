import { backupError } from '../../keep/backup/backup-errors.ts';
import { DATABASE_ENTRY } from '../../keep/backup/backup-names.ts';
import { openBackupRoot } from '../../keep/backup/backup-root.ts';
import { allChecks, type DrillCheck, lastLineParses } from '../../keep/restore/drill-checks.ts';
import { restoreError } from '../../keep/restore/restore-errors.ts';
import { drillFailure, runDrill } from '../../keep/restore/run-drill.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun, KeepServices } from './keep-acts.ts';
import type { KeepSourceReport } from './keep-request.ts';
import { markOf, requireBackup, setOf } from './keep-roots.ts';

/**
 * Proves that the newest verified backup of a source comes back, and measures how long that takes: every byte is read
 * and compared, or with `full` restored into the drill root and compared there. What was found out is put on record.
 * @throws SYS-0186 when it does not come back; INP-0804, INP-0843 when there is nothing to try or nowhere.
 */
export async function drillSource(run: KeepRun, source: BackupSourceConfig): Promise<KeepSourceReport> {
  const backup = requireBackup(run);
  const { services, request, signal, log } = run;
  requireRoot(run, source, backup);
  const record = await runDrill(services, {
    runId: request.runId,
    backupRoot: backup.to,
    stateFolder: request.stateFolder,
    drillRoot: request.full ? requireDrillRoot(backup) : undefined,
    sets: [setOf(source)],
    check: allChecks([lastLineParses(services.files), databaseIsWhole(services)]),
    signal,
    onProgress: (_set, { stage, files, totalFiles, bytes, totalBytes }) => {
      const total = totalBytes > 0 ? { total: totalBytes } : {};
      const count = stage === 'write' ? `${files}/${totalFiles}` : `${totalFiles}`;
      const message = `${source.id}: ${stage} ${count} files`;
      run.progress({ done: Math.min(bytes, totalBytes), ...total, unit: 'B', message });
    },
  });
  const failure = drillFailure(record);
  if (failure !== undefined) throw failure;
  const [drilled] = record.sets;
  const { backupId, files = 0, bytes = 0, recoveryMs = 0 } = drilled ?? {};
  log(
    `${source.id}: every file equal, ${files} files, ${bytes} bytes, ${record.kind === 'full' ? 'restored' : 'read'} in ${(recoveryMs / 1000).toFixed(2)} s`,
  );
  return {
    source: source.id,
    status: 'completed',
    ...(backupId === undefined ? {} : { backupId }),
    files,
    bytes,
    durationMs: recoveryMs,
    problems: [],
  };
}

/** The engine's own database, which goes with every backup, opens and is whole. */
function databaseIsWhole({ databaseProblem }: KeepServices): DrillCheck {
  return (path, entry) =>
    entry.extra === true && entry.path === DATABASE_ENTRY ? databaseProblem?.(path) : undefined;
}

/** A disk that is not mounted is not taken for a root without backups. */
function requireRoot({ services, request }: KeepRun, source: BackupSourceConfig, { to }: BackupConfig): void {
  const { files } = services;
  const expectedMark = markOf({ services, request }, to);
  if (expectedMark === undefined && files.facts(to) === undefined) {
    throw backupError('INP-0804', `${source.id} has no backup in ${to}; run a backup first`, {
      data: { source: source.id, backupRoot: to },
    });
  }
  openBackupRoot(files, { runId: request.runId, backupRoot: to, expectedMark });
}

function requireDrillRoot({ drillRoot }: BackupConfig): string {
  if (drillRoot !== undefined) return drillRoot;
  throw restoreError('INP-0843', 'backup.drillRoot: missing; a full drill needs a folder to restore into');
}
