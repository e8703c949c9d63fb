import { type BackupOutcome, type BackupRequest, makeBackup } from '../../keep/backup/backup-run.ts';
import { performMaintenance } from '../../keep/maintenance/maintenance-run.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import { clockEvidenceOf } from './clock-evidence.ts';
import type { KeepRun } from './keep-acts.ts';
import { copyToSecondPlace } from './keep-copy.ts';
import { aliasesOf, learnHolds, leaveHolds } from './keep-holds.ts';
import type { KeepSourceReport } from './keep-request.ts';
import { expiredSetOf, markOf, requireBackup, showProgress, strategyOf } from './keep-roots.ts';
import { retentionPolicyOf } from './source-policy.ts';

/** Deletes what expired in a source and is held by a backup that was verified just before; see `performMaintenance`. */
export async function maintainSource(run: KeepRun, source: BackupSourceConfig): Promise<KeepSourceReport> {
  const backup = requireBackup(run);
  const { services, request, signal, note } = run;
  learnHolds(run, source);
  const report = await performMaintenance(
    { ...services, makeBackup: (wanted) => backUpTwice(run, source, wanted) },
    {
      runId: request.runId,
      dataRoot: source.path,
      backupRoot: backup.to,
      stateFolder: request.stateFolder,
      policy: retentionPolicyOf(source, request.retention, request.timeZone),
      backUp: 'expired-only',
      strategy: strategyOf(backup),
      set: expiredSetOf(source),
      expectedMark: markOf(run, backup.to),
      reserveBytes: backup.reserveBytes,
      clockEvidence: await clockEvidenceOf(run, source.path),
      copyRoots: backup.copyTo === undefined ? [] : [backup.copyTo],
      aliases: aliasesOf(services.files, source, backup.sources),
      signal,
      onProgress: showProgress(run, source),
    },
  );
  for (const { code, message, standing } of report.alerts) {
    note({ source: source.id, code, message, standing });
  }
  if (report.error?.startsWith('BAT-0529') === true) {
    run.log(
      `${source.id}: stopped after ${report.deletion.deleted.length} deletions; the cleanup log names them`,
    );
    signal.throwIfAborted();
  }
  if (report.status === 'backup_failed') {
    throw opsException(
      'BAT-0520',
      report.error ?? `the backup of ${source.path} failed; nothing was deleted`,
      {
        data: { source: source.id, runId: request.runId },
      },
    );
  }
  const { deleted, kept } = report.deletion;
  return {
    source: source.id,
    status: report.status,
    ...(report.backup === undefined
      ? {}
      : {
          backupId: report.backup.id,
          manifestSha256: report.backup.manifestSha256,
          files: report.backup.recordCount,
        }),
    deletedFiles: deleted.length,
    deletedBytes: deleted.reduce((sum, file) => sum + file.size, 0),
    keptFiles: kept.length,
    problems: report.error === undefined ? [] : [report.error],
  };
}

/** Deleting rests on both copies where two are configured: a copy that fails deletes nothing. */
async function backUpTwice(
  run: KeepRun,
  source: BackupSourceConfig,
  wanted: BackupRequest,
): Promise<BackupOutcome> {
  const outcome = await makeBackup(run.services, wanted);
  try {
    leaveHolds(run, source, wanted.backupRoot);
    await copyToSecondPlace(run, source, outcome.manifest.id);
    return outcome;
  } catch (error) {
    outcome.verified?.close();
    throw error;
  }
}
