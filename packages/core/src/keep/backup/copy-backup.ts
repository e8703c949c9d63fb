import { posix } from 'node:path';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { closeQuietly, removeQuietly } from './archive-strategy.ts';
import { type CatalogueEntry, readCatalogue, requireBackup } from './backup-catalogue.ts';
import { backupError } from './backup-errors.ts';
import type { BackupManifest, ManifestEntry } from './backup-manifest.ts';
import { partialName } from './backup-names.ts';
import { guardRoot, openBackupRoot, rootError } from './backup-root.ts';
import type { BackupProgress } from './backup-run.ts';
import type { BackupServices } from './backup-services.ts';
import { readManifestLines, writeAll } from './manifest-file.ts';
import { publishFile, publishFolder } from './publish.ts';
import { verifyBackup } from './verify-backup.ts';

/** Which backup to copy, and where. */
export interface CopyRequest {
  readonly backupRoot: string;
  readonly id: string;
  /** The second place: a folder on another disk or mount. */
  readonly toRoot: string;
  readonly runId: string;
  /** Mark of the second place as earlier copies knew it. */
  readonly expectedMark?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
}

/** What became of one copy. */
export interface CopyReport {
  /** Ids that were copied now, ancestors first; empty when everything was there and verified. */
  readonly copied: readonly string[];
  readonly bytes: number;
  /** True when both places are on one file system: the copy does not survive the disk. */
  readonly sameDisk: boolean;
  /** Mark of the second place. */
  readonly mark: string;
}

const PIECE_BYTES = 1024 * 1024;
/** A stop is heard and progress is told at least so often, bytes; a multiple of a piece. */
const PAUSE_BYTES = 8 * PIECE_BYTES;

/**
 * Copies a backup, and the ancestors that hold some of its files, to a second place, and reads the copies back there.
 * A copy is published like a backup: archive first, then the manifest. What is there and verified is left as it is; a
 * broken copy is never replaced, it is an error. The caller holds the locks of both roots.
 * @throws INP-0804 when there is no such backup, SYS-0104 when a copy or its original cannot be read back, BAT-0504,
 * SYS-0141, SYS-0142; the reason of the signal.
 */
export async function copyBackup(services: BackupServices, request: CopyRequest): Promise<CopyReport> {
  const { files } = services;
  const { backupRoot, toRoot, runId, expectedMark } = request;
  const entry = requireBackup(files, backupRoot, request.id);
  const rootDev = guardRoot(backupRoot, () => files.facts(files.realPath(backupRoot))?.dev);
  const root = openBackupRoot(files, { backupRoot: toRoot, runId, expectedMark });
  const chain = chainOf(files, backupRoot, entry);
  const copied: string[] = [];
  let bytes = 0;
  for (const one of chain) {
    const there = readCatalogue(files, root.path).backups.find(({ id }) => id === one.id);
    if (there === undefined) {
      try {
        await copyFiles(services, request, { entry: one, toRoot: root.path });
      } catch (error) {
        throw rootError(root.path, error);
      }
      copied.push(one.id);
      bytes += one.bytes;
    }
    if (there?.state === 'verified') continue;
    const verify = {
      ...{ backupRoot: root.path, id: one.id, runId, signal: request.signal },
      onProgress: (done: number) => request.onProgress?.(progressOf(one, 'verify-copy', done)),
    };
    // Ancestors were read back just now, or are known as verified.
    (await verifyBackup(services, { ...verify, trustAncestorsForMs: Number.MAX_SAFE_INTEGER })).close();
  }
  const sameDisk = guardRoot(root.path, () => rootDev === files.facts(root.path)?.dev);
  return { copied, bytes, sameDisk, mark: root.mark };
}

function progressOf(
  { bytes: packed, manifest }: CatalogueEntry,
  stage: 'copy' | 'verify-copy',
  bytes: number,
): BackupProgress {
  const totalBytes = stage === 'copy' ? packed : (manifest?.sourceBytes ?? 0);
  return { stage, files: 0, totalFiles: manifest?.recordCount ?? 0, bytes, totalBytes };
}

/** Ancestors first, so that no copy ever lacks what it builds on. */
function chainOf(files: KeepFiles, backupRoot: string, entry: CatalogueEntry): readonly CatalogueEntry[] {
  const { backups } = readCatalogue(files, backupRoot);
  const holders = (entry.manifest?.holders ?? []).map((id) => {
    const holder = backups.find((backup) => backup.id === id);
    if (holder !== undefined) return holder;
    throw backupError('SYS-0104', `backup ${entry.id} in ${backupRoot}: its ancestor ${id} is missing`, {
      data: { id: entry.id, ancestor: id },
    });
  });
  return [...holders.toSorted((a, b) => a.madeAtMs - b.madeAtMs), entry];
}

interface CopyPlace {
  readonly entry: CatalogueEntry;
  readonly toRoot: string;
}

async function copyFiles(
  { files, clock }: BackupServices,
  request: CopyRequest,
  { entry, toRoot }: CopyPlace,
): Promise<void> {
  const { backupRoot, runId, signal } = request;
  let done = 0;
  const count = (bytes: number) => {
    done += bytes;
  };
  const pause = () => {
    request.onProgress?.(progressOf(entry, 'copy', done));
    return clock.nextTurn();
  };
  const pace = { signal, count, pause };
  const { names, manifest } = entry;
  if (manifest === undefined) throw broken(entry, backupRoot);
  requireRoom(files, toRoot, entry);
  const archive = { partial: partialName(names.archive, runId), name: names.archive };
  const manifestName = { partial: partialName(names.manifest, runId), name: names.manifest };
  try {
    if (manifest.strategy === 'file') {
      await copyFolder(
        files,
        { from: `${backupRoot}/${names.archive}`, to: `${toRoot}/${archive.partial}`, ...pace },
        {
          manifestPath: `${backupRoot}/${names.manifest}`,
        },
      );
    } else
      await copyFile(files, {
        from: `${backupRoot}/${names.archive}`,
        to: `${toRoot}/${archive.partial}`,
        ...pace,
      });
    await copyFile(files, {
      from: `${backupRoot}/${names.manifest}`,
      to: `${toRoot}/${manifestName.partial}`,
      ...pace,
    });
    publishAs(manifest)(files, toRoot, archive);
    publishFile(files, toRoot, manifestName);
  } catch (error) {
    removeQuietly({ files, backupRoot: toRoot, partial: archive.partial });
    removeQuietly({ files, backupRoot: toRoot, partial: manifestName.partial });
    throw error;
  }
}

function publishAs({ strategy }: BackupManifest): typeof publishFile {
  return strategy === 'file' ? publishFolder : publishFile;
}

interface FileCopy {
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal | undefined;
  readonly count: (bytes: number) => void;
  readonly pause: () => Promise<void>;
}

/** Byte by byte into a new file: never a link, and never a shortcut of the file system that shares the content. */
async function copyFile(files: KeepFiles, { from, to, signal, count, pause }: FileCopy): Promise<void> {
  const source = files.openRead(from);
  try {
    const target = files.createNew(to, 0o600);
    try {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      for (let position = 0; ; ) {
        if (position % PAUSE_BYTES === 0) await pause();
        signal?.throwIfAborted();
        const got = source.read(piece, 0, piece.length, position);
        if (got === 0) break;
        writeAll(target, piece.subarray(0, got));
        position += got;
        count(got);
      }
      target.sync();
      target.close();
    } catch (error) {
      closeQuietly(target);
      throw error;
    }
  } finally {
    source.close();
  }
}

/** The files of the manifest and no others. */
async function copyFolder(
  files: KeepFiles,
  copy: FileCopy,
  { manifestPath }: { readonly manifestPath: string },
): Promise<void> {
  const folders = new Set<string>(['.']);
  files.makeFolder(copy.to, 0o700);
  const manifest = files.openRead(manifestPath);
  try {
    // Line by line: a folder may hold a million files. Whether the manifest is whole is for the reading back to say.
    for (const { line } of readManifestLines(manifest)) {
      if (line.kind === 'entry') await copyEntry(files, copy, { entry: line.entry, folders });
    }
  } finally {
    manifest.close();
  }
  for (const folder of folders) files.syncFolder(`${copy.to}/${folder}`);
}

async function copyEntry(
  files: KeepFiles,
  copy: FileCopy,
  { entry, folders }: { readonly entry: ManifestEntry; readonly folders: Set<string> },
): Promise<void> {
  const { path } = entry;
  for (let folder = posix.dirname(path); !folders.has(folder); folder = posix.dirname(folder))
    folders.add(folder);
  files.makeFolder(`${copy.to}/${posix.dirname(path)}`, 0o700);
  await copyFile(files, { ...copy, from: `${copy.from}/${path}`, to: `${copy.to}/${path}` });
  setLike(files, `${copy.to}/${path}`, entry);
}

function setLike(files: KeepFiles, path: string, { mode, mtimeNs }: ManifestEntry): void {
  files.setMode(path, (mode & 0o777) | 0o400);
  files.setTimes(path, BigInt(mtimeNs));
}

function requireRoom(files: KeepFiles, toRoot: string, { id, bytes }: CatalogueEntry): void {
  const { freeBytes } = files.space(toRoot);
  if (freeBytes >= bytes) return;
  const message = `backup root ${toRoot}: ${freeBytes} bytes are free, the copy of ${id} needs ${bytes}`;
  throw backupError('SYS-0140', message, { data: { backupRoot: toRoot, freeBytes, neededBytes: bytes } });
}

function broken({ id, problem }: CatalogueEntry, backupRoot: string): Error {
  return backupError(
    'SYS-0104',
    `backup ${id} in ${backupRoot} cannot be copied: ${problem ?? 'it is broken'}`,
    {
      data: { id, backupRoot },
    },
  );
}
