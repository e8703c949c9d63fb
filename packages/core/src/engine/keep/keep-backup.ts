import { makeBackup } from '../../keep/backup/backup-run.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { copyToSecondPlace } from './keep-copy.ts';
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
  const { services, request, signal } = run;
  return withRoot(run, backup.to, async () => {
    const outcome = await makeBackup(services, {
      runId: request.runId,
      sourceRoot: source.path,
      backupRoot: backup.to,
      strategy: strategyOf(backup),
      set: setOf(source),
      globs: source.include,
      leftOut: [backup.copyTo, backup.drillRoot].filter((folder) => folder !== undefined),
      extras: databaseExtras(run),
      expectedMark: markOf(run, backup.to),
      reserveBytes: backup.reserveBytes,
      signal,
      onProgress: showProgress(run, source),
    });
    await forgetCopied(run, source, outcome.verified);
    outcome.verified?.close();
    const { manifest } = outcome;
    const problems = skippedProblems(outcome.skipped);
    if (problems.length > 0) {
      const message = `backup ${manifest.id} of ${source.path}: ${problems.join('; ')}`;
      run.note({ source: source.id, code: 'BAT-0507', message, standing: true });
    }
    await copyToSecondPlace(run, manifest.id);
    return {
      source: source.id,
      status: problems.length === 0 ? 'completed' : 'partial',
      backupId: manifest.id,
      files: manifest.recordCount,
      bytes: manifest.sourceBytes,
      prunedBackups: await pruneSource(run, source),
      durationMs: manifest.durationMs,
      problems,
    };
  });
}

/** Links and special files are left out by design; what could not be read needs a person. */
function skippedProblems(skipped: ReadonlyMap<string, number>): string[] {
  return ['unreadable', 'changing', 'not-utf8'].flatMap((reason) => {
    const count = skipped.get(reason) ?? 0;
    return count === 0 ? [] : [`${count} files left out: ${reason}`];
  });
}
