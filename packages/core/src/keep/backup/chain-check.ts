import type { FileFacts } from '../../ports/keep-files.ts';
import { digestInTurns, WorkTurns } from '../../ports/work-turns.ts';
import { type CatalogueEntry, readCatalogue } from './backup-catalogue.ts';
import type { BackupManifest, ManifestEntry } from './backup-manifest.ts';
import type { BackupServices } from './backup-services.ts';
import { checkContent } from './content-check.ts';
import { peekManifest, readManifestLines } from './manifest-file.ts';
import type { ManifestIndex } from './manifest-index.ts';
import { damaged } from './manifest-lines.ts';
import { ManifestCursor, ManifestPass } from './manifest-pass.ts';

/** Which backup to check, and how far. */
export interface CheckRequest {
  readonly backupRoot: string;
  readonly id: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /**
   * Ancestors whose last verification is at most this old, and whose files look as they did then, are not read again,
   * ms. What they hold is not covered by the proof. Default 0: everything is read.
   */
  readonly trustAncestorsForMs?: number | undefined;
  /** Source files that are read once more and compared: candidates of a deletion. */
  readonly sourcePaths?: Iterable<string> | undefined;
}

/** What a check has seen. */
export interface CheckedBackup {
  readonly backupRoot: string;
  readonly manifest: BackupManifest;
  readonly manifestPath: string;
  readonly manifestSha256: string;
  readonly index: ManifestIndex;
  /** Ids of the backups of the chain that were read in this check. */
  readonly readIds: ReadonlySet<string>;
  /** Every file the proof stands on. */
  readonly watched: readonly { readonly path: string; readonly facts: FileFacts }[];
}

/**
 * Compares a backup and its ancestors with their manifests; a chain is one backup, so it is good or not as a whole.
 * @throws what is wrong, as it was found.
 */
export async function checkBackup(
  services: BackupServices,
  request: CheckRequest,
  entry: CatalogueEntry,
): Promise<CheckedBackup> {
  const own = await checkOne(services, request, entry);
  const readIds = new Set([entry.id]);
  const watched = [...own.watched];
  if (own.holders.size > 0) {
    const catalogue = readCatalogue(services.files, request.backupRoot);
    const holders = [...own.holders].map((id) => {
      const holder = catalogue.backups.find((backup) => backup.id === id);
      if (holder === undefined) throw damaged(`the ancestor ${id} is missing`);
      return holder;
    });
    for (const holder of holders) {
      if (isTrusted(services, request, holder)) continue;
      watched.push(...(await checkOne(services, request, holder)).watched);
      readIds.add(holder.id);
    }
    compareChain(services, request.backupRoot, { entry, holders });
  }
  await checkSources(services, request, own);
  return { ...own, readIds, watched };
}

type CheckedAlone = Omit<CheckedBackup, 'readIds'> & { readonly holders: ReadonlySet<string> };

async function checkOne(
  services: BackupServices,
  { backupRoot, signal, onProgress }: CheckRequest,
  { names, id }: CatalogueEntry,
): Promise<CheckedAlone> {
  const manifestPath = `${backupRoot}/${names.manifest}`;
  const manifestFile = services.files.openRead(manifestPath);
  try {
    const facts = manifestFile.facts();
    const manifest = peekManifest(manifestFile);
    if (manifest.id !== id) throw damaged(`${names.manifest} is the manifest of ${manifest.id}`);
    if (manifest.archiveName !== names.archive)
      throw damaged(`its archive is called ${manifest.archiveName}`);
    const pass = new ManifestPass(manifestFile);
    const path = `${backupRoot}/${names.archive}`;
    const archiveFacts = await checkContent(services, {
      manifest,
      manifestFile,
      pass,
      path,
      signal,
      onProgress,
    });
    const manifestSha256 = pass.finish();
    const watched = [
      { path: manifestPath, facts },
      { path, facts: archiveFacts },
    ];
    return {
      backupRoot,
      manifest,
      manifestPath,
      manifestSha256,
      index: pass.index,
      holders: pass.holders,
      watched,
    };
  } finally {
    manifestFile.close();
  }
}

function isTrusted({ clock }: BackupServices, request: CheckRequest, holder: CatalogueEntry): boolean {
  const ageMs = clock.now() - (holder.verified?.atMs ?? Number.NEGATIVE_INFINITY);
  return holder.state === 'verified' && ageMs >= 0 && ageMs < (request.trustAncestorsForMs ?? 0);
}

/** What a backup leaves to an ancestor must stand in the ancestor's manifest just so. */
function compareChain(
  { files }: BackupServices,
  backupRoot: string,
  { entry, holders }: { readonly entry: CatalogueEntry; readonly holders: readonly CatalogueEntry[] },
): void {
  const opened = holders.map(({ id, names }) => ({
    id,
    file: files.openRead(`${backupRoot}/${names.manifest}`),
  }));
  const file = files.openRead(`${backupRoot}/${entry.names.manifest}`);
  try {
    const cursors = new Map(opened.map((holder) => [holder.id, new ManifestCursor(holder.file)]));
    for (const { line } of readManifestLines(file)) {
      if (line.kind !== 'entry' || line.entry.heldBy === undefined) continue;
      const held = cursors.get(line.entry.heldBy)?.seek(line.entry.path);
      if (!isHeldBy(line.entry, held)) {
        throw damaged(`${line.entry.path} is left to ${line.entry.heldBy}, which does not hold it`);
      }
    }
  } finally {
    for (const holder of opened) holder.file.close();
    file.close();
  }
}

function isHeldBy(entry: ManifestEntry, held: ManifestEntry | undefined): boolean {
  return (
    held !== undefined &&
    held.heldBy === undefined &&
    held.sha256 === entry.sha256 &&
    held.size === entry.size &&
    held.block === entry.block &&
    held.offset === entry.offset
  );
}

const READ_BYTES = 1024 * 1024;

/** A second reading of the source finds what the first, from which archive and manifest come, had read wrong. */
async function checkSources(
  { files, clock }: BackupServices,
  { sourcePaths, signal }: CheckRequest,
  checked: CheckedAlone,
): Promise<void> {
  if (sourcePaths === undefined) return;
  const { manifest, index } = checked;
  const reading = { buffer: Buffer.allocUnsafe(READ_BYTES), turns: new WorkTurns(clock, signal) };
  const manifestFile = files.openRead(checked.manifestPath);
  try {
    for (const path of sourcePaths) {
      const entry = index.find(manifestFile, path, manifest.sourceDev);
      if (entry === undefined)
        throw damaged(`${path} was to be compared with its source and is not in the backup`);
      const source = files.openRead(`${manifest.source}/${path}`);
      try {
        await reading.turns.spendFile();
        const { sha256, bytes } = await digestInTurns(source, reading);
        if (sha256 !== entry.sha256 || bytes !== entry.size) throw damaged(`${path} differs from its source`);
      } finally {
        source.close();
      }
    }
  } finally {
    manifestFile.close();
  }
}
