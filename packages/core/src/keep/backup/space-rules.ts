import type { KeepFiles } from '../../ports/keep-files.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { backupError } from './backup-errors.ts';
import type { BackupManifest } from './backup-manifest.ts';
import type { BackupPlan } from './backup-plan.ts';
import type { BackupStrategy } from './backup-strategy.ts';

const RESERVE_BYTES = 64 * 1024 * 1024;
/** A line of a manifest and a header of an archive, bytes. */
const PER_FILE_BYTES = 900;
const MARGIN = 1.1;

/** What a new backup is compared with to guess its size. */
export interface SizeGuess {
  readonly bytes: number;
  readonly files: number;
  readonly strategy: Pick<BackupStrategy, 'name' | 'codec'>;
  /** Manifests of earlier backups, newest first. */
  readonly earlier: readonly BackupManifest[];
}

/**
 * How many bytes a backup will need, with a margin. Copies and stored archives are as long as their files; a packed
 * archive shrinks as the last full one did, and is taken as not shrinking at all before there is one. An incremental
 * backup with something to build on is as long as the longest of the chain so far.
 */
export function guessBackupBytes({ bytes, files, strategy, earlier }: SizeGuess): number {
  const alike = earlier.filter(
    ({ codec, strategy: name }) => codec === strategy.codec && name === strategy.name,
  );
  const full = alike.find(({ depth }) => depth === 0);
  const ratio = full === undefined || full.sourceBytes === 0 ? 1 : full.archiveBytes / full.sourceBytes;
  const shrunk = strategy.codec === 'store' ? bytes : bytes * Math.min(1, ratio);
  const added = alike.filter(({ depth }) => depth > 0).map(({ archiveBytes }) => archiveBytes);
  const content =
    strategy.name === 'incremental' && added.length > 0 ? Math.min(shrunk, Math.max(...added) * 2) : shrunk;
  return Math.ceil((content + files * PER_FILE_BYTES) * MARGIN);
}

/**
 * Refuses to start when a backup would not fit. Free space is shared and may go while the backup runs, so that running
 * out in the middle is dealt with as well.
 * @throws SYS-0140 naming what is needed and what is free.
 */
export function requireSpace(
  files: KeepFiles,
  backupRoot: string,
  {
    plan,
    strategy,
    reserveBytes = RESERVE_BYTES,
  }: {
    readonly plan: BackupPlan;
    readonly strategy: BackupStrategy;
    readonly reserveBytes?: number | undefined;
  },
): void {
  const earlier = readCatalogue(files, backupRoot).backups.flatMap(({ manifest }) =>
    manifest?.source === plan.sourceRoot ? [manifest] : [],
  );
  const needed =
    guessBackupBytes({ bytes: plan.files.bytes, files: plan.files.count, strategy, earlier }) + reserveBytes;
  const { freeBytes } = files.space(backupRoot);
  if (freeBytes >= needed) return;
  const message = `backup root ${backupRoot}: ${freeBytes} bytes are free, ${needed} are needed; free space or prune`;
  throw backupError('SYS-0140', message, { data: { backupRoot, freeBytes, neededBytes: needed } });
}
