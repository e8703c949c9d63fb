import { type CatalogueEntry, readCatalogue } from '../../keep/backup/backup-catalogue.ts';
import { VerifiedBackup } from '../../keep/backup/verify-backup.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import type { KeepSourceReport } from './keep-request.ts';
import { isOfSource, requireBackup, withRoot } from './keep-roots.ts';

/**
 * Reads every backup of a source back that was verified too long ago, never, or was touched since; the oldest first.
 * Those of what expired are among them: they may hold the only copy of what was deleted.
 */
export async function verifySource(run: KeepRun, source: BackupSourceConfig): Promise<KeepSourceReport> {
  const backup = requireBackup(run);
  const { services, signal } = run;
  const startedAtMs = services.clock.now();
  const roots = [backup.to, ...(backup.copyTo === undefined ? [] : [backup.copyTo])];
  const failures: unknown[] = [];
  let files = 0;
  let count = 0;
  for (const backupRoot of roots) {
    if (services.files.facts(backupRoot) === undefined) continue;
    await withRoot(run, backupRoot, async () => {
      const due = dueIn(run, { backupRoot, source, reverifyAfterMs: backup.reverifyAfterMs });
      const total = due.reduce((sum, { manifest }) => sum + (manifest?.sourceBytes ?? 0), 0);
      let done = 0;
      for (const [index, entry] of due.entries()) {
        signal.throwIfAborted();
        const message = `${source.id}: verify ${index + 1}/${due.length} backups`;
        const show = (bytes: number) => run.progress({ done: done + bytes, total, unit: 'B', message });
        files += await verifyOne(run, { backupRoot, entry, show }, failures);
        done += entry.manifest?.sourceBytes ?? 0;
        count += 1;
      }
    });
  }
  if (failures.length > 0) throw failures[0];
  const durationMs = services.clock.now() - startedAtMs;
  const status = count === 0 ? 'nothing_to_do' : 'completed';
  return { source: source.id, status, files, durationMs, problems: [] };
}

interface Due {
  readonly backupRoot: string;
  readonly source: BackupSourceConfig;
  readonly reverifyAfterMs: number;
}

function dueIn(
  { services, request }: KeepRun,
  { backupRoot, source, reverifyAfterMs }: Due,
): readonly CatalogueEntry[] {
  const { backups } = readCatalogue(services.files, backupRoot);
  const nowMs = services.clock.now();
  // What was asked for by name is verified whatever its age.
  const isDue = ({ state, verified }: CatalogueEntry) =>
    request.full || state !== 'verified' || nowMs - (verified?.atMs ?? 0) >= reverifyAfterMs;
  return backups
    .filter((entry) => isOfSource(entry, source) && isDue(entry))
    .toSorted((a, b) => (a.verified?.atMs ?? 0) - (b.verified?.atMs ?? 0));
}

interface VerifiedNow {
  readonly backupRoot: string;
  readonly entry: CatalogueEntry;
  /** Told how many bytes of it were read back. */
  readonly show: (bytes: number) => void;
}

async function verifyOne(
  run: KeepRun,
  { backupRoot, entry, show }: VerifiedNow,
  failures: unknown[],
): Promise<number> {
  const { services, request, signal, log, note } = run;
  try {
    const verified = await VerifiedBackup.verify(services, {
      backupRoot,
      id: entry.id,
      runId: request.runId,
      signal,
      onProgress: show,
    });
    const files = verified.manifest.recordCount;
    verified.close();
    return files;
  } catch (error) {
    signal.throwIfAborted();
    if (!isOpsException(error)) throw error;
    failures.push(error);
    log(`backup ${entry.id}: ${error.code}: ${error.message}`);
    note({
      source: request.sources.find((one) => isOfSource(entry, one))?.id ?? entry.names.stem,
      code: error.code,
      message: `backup ${entry.id}: ${error.message}`,
      standing: true,
    });
    return 0;
  }
}
