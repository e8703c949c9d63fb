import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { FileFacts, KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import type { ExpiredFile, KeptReason } from './retention-policy.ts';

/** What one file is proven against. */
export interface ProofRequest {
  /** The data set, without any link in it. */
  readonly root: string;
  readonly file: ExpiredFile;
  /** What the verified backup says of it. */
  readonly entry: ManifestEntry | undefined;
  /** The frozen instant of the run. */
  readonly nowMs: number;
  /** The folder's path without links, looked at a moment ago. */
  realFolder(folder: string): string;
  /** Where names of a folder are reached for the last look and for what follows it. */
  heldFolder(folder: string): string;
  heldBy(path: string): string | undefined;
}

const PIECE_BYTES = 1024 * 1024;
const piece = Buffer.allocUnsafe(PIECE_BYTES);

/**
 * Why a file must stay; undefined when this very file, with this very content, is in the verified backup. Reads the
 * content once more. Right before it returns, the way to the name and the name are looked at again.
 */
export function findObstacle(files: KeepFiles, request: ProofRequest): KeptReason | undefined {
  const { root, file, entry } = request;
  const path = `${root}/${file.path}`;
  if (!isPlainPath(file.path)) return { why: 'outside-root', detail: file.path };
  const held = request.heldBy(file.path);
  if (held !== undefined) return { why: 'held', detail: held };
  if (entry === undefined || entry.extra === true || entry.path !== file.path)
    return { why: 'not-in-backup' };
  if (entry.state !== 'stable') return { why: 'not-stable' };
  let opened: OpenedFile;
  try {
    const folder = request.realFolder(posix.dirname(path));
    if (folder !== posix.dirname(path)) return { why: 'outside-root', detail: folder };
    opened = files.openRead(path);
  } catch (error) {
    return openProblem(error);
  }
  try {
    const obstacle = difference(opened.facts(), entry) ?? restless(opened.facts(), request);
    if (obstacle !== undefined) return obstacle;
    const same = digestOf(opened, entry.size) === entry.sha256;
    const after = difference(opened.facts(), entry);
    if (after !== undefined) return after;
    // Nobody wrote to it: either this read or the one of the backup was wrong, or the disk forgot.
    if (!same) return { why: 'content-differs' };
  } catch (error) {
    return readProblem(error);
  } finally {
    closeQuietly(opened);
  }
  return lastLook(files, { ...request, entry }, path);
}

/** Where the name is and what it is, right before it goes: a folder may have been exchanged while the file was read. */
function lastLook(
  files: KeepFiles,
  { heldFolder, entry }: Pick<ProofRequest, 'heldFolder'> & { readonly entry: ManifestEntry },
  path: string,
): KeptReason | undefined {
  try {
    const held = heldFolder(posix.dirname(path));
    const folder = files.realPath(held);
    if (folder !== posix.dirname(path)) return { why: 'outside-root', detail: folder };
    const named = files.facts(`${held}/${posix.basename(path)}`);
    return named === undefined ? { why: 'gone' } : difference(named, entry);
  } catch (error) {
    return openProblem(error);
  }
}

/** True for obstacles that say that a file could not be read or verified, rather than that it changed. */
export function isUnverifiable(reason: KeptReason): boolean {
  return reason.why === 'unreadable' || reason.why === 'content-differs';
}

/** Relative, '/' between names, nothing that leads elsewhere. */
export function isPlainPath(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((name) => !['', '.', '..'].includes(name));
}

function openProblem(error: unknown): KeptReason {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { why: 'gone' };
  if (code === 'ELOOP') return { why: 'changed', detail: 'it is a link now' };
  return readProblem(error);
}

/** Only what the system says is about the file; anything else is a bug and goes on up. */
function readProblem(error: unknown): KeptReason {
  if (systemCode(error) === undefined) throw error;
  return { why: 'unreadable', detail: problemText(error) };
}

/** What differs between a file and what the verified backup holds; nothing is compared loosely. */
function difference(facts: FileFacts, entry: ManifestEntry): KeptReason | undefined {
  if (facts.kind !== 'file') return { why: 'not-a-file', detail: facts.kind };
  const differs = (
    [
      ['device', String(facts.dev) === entry.dev],
      ['inode', String(facts.ino) === entry.ino],
      ['size', facts.size === entry.size],
      ['time of change', String(facts.mtimeNs) === entry.mtimeNs],
      ['time of status change', String(facts.ctimeNs) === entry.ctimeNs],
    ] as const
  ).find(([, same]) => !same);
  if (differs !== undefined) return { why: 'changed', detail: differs[0] };
  // Content with another name is not gone when this name goes, and somebody may write through that name.
  return facts.nlink === 1 ? undefined : { why: 'other-names', detail: String(facts.nlink) };
}

function restless(facts: FileFacts, { file, nowMs }: ProofRequest): KeptReason | undefined {
  const changedAtNs = facts.mtimeNs > facts.ctimeNs ? facts.mtimeNs : facts.ctimeNs;
  const ageMs = nowMs - Number(changedAtNs / 1_000_000n);
  return ageMs < file.quietMs ? { why: 'quiet', ageMs, limitMs: file.quietMs, rule: file.rule } : undefined;
}

function digestOf(opened: OpenedFile, size: number): string {
  const digest = createHash('sha256');
  for (let at = 0; at < size; ) {
    const count = opened.read(piece, 0, Math.min(PIECE_BYTES, size - at), at);
    if (count === 0) break;
    digest.update(piece.subarray(0, count));
    at += count;
  }
  return digest.digest('hex');
}

function closeQuietly(opened: OpenedFile): void {
  try {
    opened.close();
  } catch {
    // It was only read; nothing can be lost by a failing close.
  }
}
