import { archiveStrategy, incrementalStrategy } from '../../keep/backup/archive-strategy.ts';
import type { CatalogueEntry } from '../../keep/backup/backup-catalogue.ts';
import { DATABASE_ENTRY, ROOT_LOCK, setNameOf } from '../../keep/backup/backup-names.ts';
import { openBackupRoot } from '../../keep/backup/backup-root.ts';
import type { BackupProgress, ExtraFile } from '../../keep/backup/backup-run.ts';
import type { BackupStrategy } from '../../keep/backup/backup-strategy.ts';
import { fileStrategy } from '../../keep/backup/file-strategy.ts';
import { realPathOf } from '../../keep/maintenance/root-places.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { takeLock } from '../../ports/lock-wait.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { knownMark } from './known-roots.ts';

/** The backup settings of a run. @throws LOG-0101 when the engine asked for an act that needs them without any. */
export function requireBackup({ request }: KeepRun): BackupConfig {
  if (request.backup !== undefined) return request.backup;
  throw opsException('LOG-0101', `${request.act} was asked for without a configured backup`);
}

/** First part of the names of a source's backups. */
export function setOf(source: BackupSourceConfig): string {
  return setNameOf(source.id);
}

/** First part of the names of the backups that hold only what expired: they never stand for the whole source. */
export function expiredSetOf(source: BackupSourceConfig): string {
  return `${setOf(source)}-expired`;
}

/** A path without any link in it, or as it was given where it leads nowhere. */
export function realPathOr(files: KeepFiles, path: string): string {
  return realPathOf(files, path) ?? path;
}

/** True for a backup of a source, whole or of what expired in it. */
export function isOfSource(
  { id, names }: Pick<CatalogueEntry, 'id' | 'names'>,
  source: BackupSourceConfig,
): boolean {
  return [setOf(source), expiredSetOf(source)].some((set) => names.stem === `${set}-${id}`);
}

/** How the backups of a config are made. */
export function strategyOf({ strategy, codec, level, reverifyAfterMs }: BackupConfig): BackupStrategy {
  const packing = codec === 'store' ? { codec } : { codec, level };
  switch (strategy) {
    case 'archive':
      return archiveStrategy(packing);
    case 'incremental':
      return incrementalStrategy({ ...packing, reverifyAfterMs });
    case 'file':
      return fileStrategy();
    default:
      return strategy satisfies never;
  }
}

/** The engine's own store as an extra entry of a backup; nothing where it is not wanted or there is none. */
export function databaseExtras({ services, request }: KeepRun): readonly ExtraFile[] {
  const { storePath, backup } = request;
  if (storePath === undefined || backup?.database !== true) return [];
  const make: ExtraFile['make'] = (target, signal) => services.copyDatabase(storePath, target, signal);
  return [{ path: DATABASE_ENTRY, make }];
}

/** The mark a backup root must have; undefined for one that was never used. */
export function markOf(
  { services, request }: Pick<KeepRun, 'services' | 'request'>,
  backupRoot: string,
): string | undefined {
  return knownMark(services.files, request.stateFolder, backupRoot);
}

/**
 * Does something in a backup root while no other run does.
 * @throws SYS-0126 naming the other run, SYS-0142, BAT-0504 when it is not the expected root.
 */
export async function withRoot<T>(run: KeepRun, backupRoot: string, work: () => Promise<T>): Promise<T> {
  const { services, request } = run;
  const { path } = openBackupRoot(services.files, {
    runId: request.runId,
    backupRoot,
    expectedMark: markOf(run, backupRoot),
  });
  const { runId, act } = request;
  // Copying as files come looks again soon anyway, and must not fall behind for one place.
  const patient = act === 'real-time' ? { ...services, lockWait: undefined } : services;
  const lock = await takeLock(patient, { lockFile: `${path}/${ROOT_LOCK}`, runId, signal: run.signal });
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Progress of a backup as the record of the run shows it: bytes, with the stage in words. */
export function showProgress(run: KeepRun, source: BackupSourceConfig): (progress: BackupProgress) => void {
  return ({ stage, bytes, totalBytes, files, totalFiles }) => {
    const count = stage === 'write' ? `${files}/${totalFiles}` : `${totalFiles}`;
    const message = `${source.id}: ${stage === 'verify-copy' ? 'verify copy' : stage} ${count} files`;
    const total = totalBytes > 0 ? { total: totalBytes } : {};
    run.progress({ done: Math.min(bytes, totalBytes), ...total, unit: 'B', message });
  };
}
