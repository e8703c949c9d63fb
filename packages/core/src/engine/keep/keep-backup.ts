import { type BackupOutcome, type BackupRequest, makeBackup } from '../../keep/backup/backup-run.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { copyToSecondPlace } from './keep-copy.ts';
import { holdsExtras, leaveHolds } from './keep-holds.ts';
import { pruneSource } from './keep-prune.ts';
import { forgetCopied } from './keep-real-time.ts';
import type { KeepSourceReport } from './keep-request.ts';
import {
  databaseExtras,
  markOf,
  requireBackup,
  setOf,
  showProgress,
  strategyOf,
  withRoot,
} from './keep-roots.ts';

/** Backs a source up, verifies the backup, copies it to the second place and prunes old backups. */
export async function backUpSource(run: KeepRun, source: BackupSourceConfig): Promise<KeepSourceReport> {
  const backup = requireBackup(run);
  const { request, signal } = run;
  return withRoot(run, backup.to, async () => {
    const wanted: BackupRequest = {
      runId: request.runId,
      sourceRoot: source.path,
      backupRoot: backup.to,
      strategy: strategyOf(backup),
      set: setOf(source),
      globs: source.include,
      leftOut: [backup.copyTo, backup.drillRoot].filter((folder) => folder !== undefined),
      extras: [...databaseExtras(run), ...holdsExtras(run)],
      expectedMark: markOf(run, backup.to),
      reserveBytes: backup.reserveBytes,
      signal,
      onProgress: showProgress(run, source),
    };
    const { outcome, pruned } = await makeWithRoom(run, source, wanted);
    await forgetCopied(run, source, outcome.verified);
    outcome.verified?.close();
    const { manifest } = outcome;
    const problems = skippedProblems(outcome.skipped);
    if (problems.length > 0) {
      const message = `backup ${manifest.id} of ${source.path}: ${problems.join('; ')}`;
      run.note({ source: source.id, code: 'BAT-0507', message, standing: true });
    }
    leaveHolds(run, source, backup.to);
    await copyToSecondPlace(run, source, manifest.id);
    return {
      source: source.id,
      status: problems.length === 0 ? 'completed' : 'partial',
      backupId: manifest.id,
      ...(outcome.verified === undefined ? {} : { manifestSha256: outcome.verified.manifestSha256 }),
      files: manifest.recordCount,
      bytes: manifest.sourceBytes,
      prunedBackups: pruned + (await pruneSource(run, source)),
      durationMs: manifest.durationMs,
      problems,
    };
  });
}

/** On a full disk old backups go first that would go after this one anyway, and it is tried once more. */
async function makeWithRoom(
  run: KeepRun,
  source: BackupSourceConfig,
  wanted: BackupRequest,
): Promise<{ readonly outcome: BackupOutcome; readonly pruned: number }> {
  try {
    return { outcome: await makeBackup(run.services, wanted), pruned: 0 };
  } catch (error) {
    if (!isOpsException(error) || !['SYS-0140', 'SYS-0141'].includes(error.code)) throw error;
    const pruned = await pruneSource(run, source);
    if (pruned === 0) throw error;
    run.log(`${source.id}: no room; pruned ${pruned} backups and tried again`);
    return { outcome: await makeBackup(run.services, wanted), pruned };
  }
}

/** Links and special files are left out by design; what could not be read needs a person. */
function skippedProblems(skipped: ReadonlyMap<string, number>): string[] {
  return ['unreadable', 'changing', 'not-utf8'].flatMap((reason) => {
    const count = skipped.get(reason) ?? 0;
    return count === 0 ? [] : [`${count} files left out: ${reason}`];
  });
}
