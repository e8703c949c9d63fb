import { createHash } from 'node:crypto';
import type { FileFacts, KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { type DigestReading, digestInTurns, WorkTurns } from '../../ports/work-turns.ts';
import type { ReadHeader } from './archive-port.ts';
import type { BackupManifest, ManifestEntry } from './backup-manifest.ts';
import type { BackupServices } from './backup-services.ts';
import { peekBlocks } from './manifest-file.ts';
import { damaged } from './manifest-lines.ts';
import type { ManifestPass } from './manifest-pass.ts';

/** A backup whose bytes are to be compared with its manifest. */
export interface ContentToCheck {
  readonly manifest: BackupManifest;
  readonly manifestFile: OpenedFile;
  readonly pass: ManifestPass;
  /** The archive file or the folder of copies. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  /** Told now and then: bytes compared so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

const READ_BYTES = 1024 * 1024;

/**
 * Reads every byte a backup holds itself and compares files, order, lengths and digests with the manifest: nothing may
 * be missing, differ or be too many. @returns the facts of the archive or folder that was read.
 */
export function checkContent(services: BackupServices, content: ContentToCheck): Promise<FileFacts> {
  return content.manifest.strategy === 'file'
    ? checkCopies(services, content)
    : checkArchive(services, content);
}

async function checkArchive(
  { files, archives }: BackupServices,
  content: ContentToCheck,
): Promise<FileFacts> {
  const { manifest, manifestFile, pass } = content;
  const blocks = peekBlocks(manifestFile, manifest);
  const file = files.openRead(content.path);
  try {
    const facts = file.facts();
    if (facts.kind !== 'file' || facts.size !== manifest.archiveBytes) {
      throw damaged(`the archive has ${facts.size} bytes, not ${manifest.archiveBytes}`);
    }
    let expected: ManifestEntry | undefined;
    const totals = await archives.read(
      { file, codec: manifest.codec, blocks },
      {
        entry(header) {
          expected = pass.next();
          compareHeader(header, expected);
        },
        body: () => undefined,
        end(sha256) {
          if (sha256 !== expected?.sha256) throw differs(expected, `digest ${sha256}`);
        },
      },
      { signal: content.signal, onProgress: content.onProgress },
    );
    if (totals.sha256 !== manifest.checksum || totals.bytes !== manifest.archiveBytes) {
      throw damaged(`the archive has digest ${totals.sha256}, not ${manifest.checksum}`);
    }
    return facts;
  } finally {
    file.close();
  }
}

function compareHeader(header: ReadHeader, expected: ManifestEntry | undefined): void {
  if (expected === undefined)
    throw damaged(`the archive holds ${header.path}, which the manifest does not list`);
  const { block, offset } = header.place;
  if (header.path !== expected.path) throw differs(expected, `path ${header.path}`);
  if (header.size !== expected.size) throw differs(expected, `size ${header.size}`);
  if (block !== expected.block || offset !== expected.offset)
    throw differs(expected, `place ${block}:${offset}`);
}

async function checkCopies({ files, clock }: BackupServices, content: ContentToCheck): Promise<FileFacts> {
  const { manifest, pass, path: folder, signal } = content;
  const facts = files.facts(folder);
  if (facts?.kind !== 'folder') throw damaged(`${folder} is not a folder`);
  const digests = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const turns = new WorkTurns(clock, signal);
  let bytes = 0;
  let count = 0;
  for (let entry = pass.next(); entry !== undefined; entry = pass.next()) {
    await turns.spendFile();
    await checkCopy(files, { full: `${folder}/${entry.path}`, entry, buffer, turns });
    digests.update(entry.sha256);
    bytes += entry.size;
    count++;
    content.onProgress?.(bytes);
  }
  const sha256 = digests.digest('hex');
  if (sha256 !== manifest.checksum || bytes !== manifest.archiveBytes) {
    throw damaged(`the copies have digest ${sha256}, not ${manifest.checksum}`);
  }
  const found = countFiles(files, folder);
  if (found !== count) throw damaged(`the folder holds ${found} files, the manifest lists ${count}`);
  return facts;
}

interface CopyToCheck extends DigestReading {
  readonly full: string;
  readonly entry: ManifestEntry;
}

/** A copy counts only as a regular file with one name and an inode of its own. */
async function checkCopy(files: KeepFiles, { full, entry, ...reading }: CopyToCheck): Promise<void> {
  const file = files.openRead(full);
  try {
    const { kind, size, nlink, dev, ino } = file.facts();
    if (kind !== 'file' || nlink !== 1) throw differs(entry, `a ${kind} with ${nlink} names`);
    if (String(dev) === entry.dev && String(ino) === entry.ino)
      throw differs(entry, 'the source file itself');
    if (size !== entry.size) throw differs(entry, `size ${size}`);
    const { sha256 } = await digestInTurns(file, reading);
    if (sha256 !== entry.sha256) throw differs(entry, `digest ${sha256}`);
  } finally {
    file.close();
  }
}

function countFiles(files: KeepFiles, root: string): number {
  let count = 0;
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const { name, kind } of files.list(folder)) {
      if (kind === 'folder') open.push(`${folder}/${name}`);
      else if (kind === 'file') count++;
      // A link on the way would let bytes that lie elsewhere pass for a copy.
      else throw damaged(`${folder}/${name} is a ${kind}, not a copy`);
    }
  }
  return count;
}

function differs(entry: ManifestEntry | undefined, found: string): Error {
  return damaged(`${entry?.path ?? 'a file'} differs in the backup: ${found}`);
}
