import type { KeepFiles } from '../../ports/keep-files.ts';
import { type DigestReading, digestInTurns, WorkTurns } from '../../ports/work-turns.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { readManifestLines } from '../backup/manifest-file.ts';
import type { DrillCheck } from './drill-checks.ts';
import { restoreError } from './restore-errors.ts';
import type { RestoreServices } from './restore-request.ts';

/** A restored folder that is to be compared with what it was restored from. */
export interface RestoredFolder {
  readonly folder: string;
  readonly manifestPath: string;
  readonly check: DrillCheck | undefined;
  readonly signal: AbortSignal | undefined;
}

const READ_BYTES = 1024 * 1024;

/**
 * Reads every restored file back from the disk and compares it with the manifest, then asks the check.
 * @throws SYS-0185 naming the first file that differs, SYS-0186 naming the first that cannot be used.
 */
export async function compareRestored(
  { files, clock }: Pick<RestoreServices, 'files' | 'clock'>,
  restored: RestoredFolder,
): Promise<void> {
  const { folder, manifestPath, check, signal } = restored;
  const manifest = files.openRead(manifestPath);
  const turns = new WorkTurns(clock, signal);
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  try {
    for (const { line } of readManifestLines(manifest)) {
      if (line.kind !== 'entry') continue;
      await turns.spendFile();
      const { entry } = line;
      const path = `${folder}/${entry.path}`;
      await compareFile(files, path, { entry, buffer, turns });
      const problem = await check?.(path, entry);
      if (problem === undefined) continue;
      throw restoreError('SYS-0186', `restored file ${entry.path}: ${problem}`, {
        data: { path: entry.path },
      });
    }
  } finally {
    manifest.close();
  }
}

async function compareFile(
  files: KeepFiles,
  path: string,
  { entry, ...reading }: { readonly entry: ManifestEntry } & DigestReading,
): Promise<void> {
  const file = files.openRead(path);
  try {
    const { sha256 } = await digestInTurns(file, reading);
    if (sha256 === entry.sha256 && file.facts().size === entry.size) return;
    throw restoreError('SYS-0185', `restored file ${entry.path} has digest ${sha256}, not ${entry.sha256}`, {
      data: { path: entry.path },
    });
  } finally {
    file.close();
  }
}
