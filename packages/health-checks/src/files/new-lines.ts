import { createHash } from 'node:crypto';
import { type FileHandle, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openFile } from '../look/open-file.ts';

/** How far a file has been read, and which file it is. */
export interface ReadPosition {
  readonly dev: number;
  readonly ino: number;
  /** Begin of the first line that was not given out yet. */
  readonly offset: number;
  /** Digest of the first bytes: inode numbers are given again. */
  readonly head: string;
  /** How many bytes the digest covers. */
  readonly headBytes: number;
}

/** What is new in a file. */
export interface NewLines {
  readonly position: ReadPosition;
  readonly lines: readonly string[];
  /** New bytes that were passed over because there were too many. */
  readonly skippedBytes: number;
  /** The file is another one than before, or was cut. */
  readonly isRotated: boolean;
}

/** At most so many new bytes are read at one look; of more, the last ones. */
export const NEW_MAX_BYTES = 8_388_608;
/** Longer lines are cut: some patterns take time that grows with the square of the length. */
export const LINE_MAX_CHARACTERS = 4_096;

const HEAD_BYTES = 256;
const NEWLINE = 0x0a;

/** The end of a file, from which on lines are new. */
export async function endOf(path: string): Promise<ReadPosition> {
  await using file = await openFile(path);
  const facts = await file.stat();
  const head = await headOf(file, HEAD_BYTES);
  return { dev: facts.dev, ino: facts.ino, offset: facts.size, ...head };
}

/** The begin of a file. */
export async function beginOf(path: string): Promise<ReadPosition> {
  return { ...(await endOf(path)), offset: 0, head: digestOf(Buffer.alloc(0)), headBytes: 0 };
}

/**
 * Reads the whole lines that were added since a position. A file that was renamed meanwhile is read to its end first,
 * wherever it lies in the same folder; a file that was cut or replaced is read from its beginning.
 */
export async function readNewLines(path: string, from: ReadPosition): Promise<NewLines> {
  await using file = await openFile(path);
  const facts = await file.stat();
  const isSame = facts.dev === from.dev && facts.ino === from.ino;
  if (isSame && facts.size >= from.offset && (await hasHead(file, from))) {
    return { ...(await readFrom(file, from.offset)), isRotated: false };
  }
  const rest = isSame ? undefined : await restOfRenamed(path, from);
  const fresh = await readFrom(file, 0);
  return {
    position: fresh.position,
    lines: [...(rest?.lines ?? []), ...fresh.lines],
    skippedBytes: (rest?.skippedBytes ?? 0) + fresh.skippedBytes,
    isRotated: true,
  };
}

type Read = Omit<NewLines, 'isRotated'>;

async function readFrom(file: FileHandle, offset: number): Promise<Read> {
  const { dev, ino, size } = await file.stat();
  const startAt = Math.max(offset, size - NEW_MAX_BYTES);
  const bytes = Buffer.alloc(Math.max(0, size - startAt));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, startAt);
  // The last line without its line break is still being written; it is read when it is whole.
  const end = bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
  const isStuck = end === 0 && bytesRead >= NEW_MAX_BYTES;
  const nextOffset = startAt + (isStuck ? bytesRead : end);
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return {
    position: { dev, ino, offset: nextOffset, ...(await headOf(file, Math.min(HEAD_BYTES, nextOffset))) },
    lines: lines.map((line) => line.slice(0, LINE_MAX_CHARACTERS)),
    skippedBytes: startAt - offset,
  };
}

/** What was added to the earlier file between the last look and its renaming. */
async function restOfRenamed(path: string, from: ReadPosition): Promise<Read | undefined> {
  const folder = dirname(path);
  // Rotated files keep the name as their beginning: desk.log.1, desk.log-20261120.
  const names = (await readdir(folder)).filter((name) => name.startsWith(basename(path)));
  for (const name of names.slice(0, 1_000)) {
    const other = join(folder, name);
    const facts = await stat(other).catch(() => undefined);
    if (facts?.ino !== from.ino || facts.dev !== from.dev || other === path) continue;
    await using file = await openFile(other);
    if ((await file.stat()).size < from.offset || !(await hasHead(file, from))) return undefined;
    return await readFrom(file, from.offset);
  }
  return undefined;
}

async function hasHead(file: FileHandle, { head, headBytes }: ReadPosition): Promise<boolean> {
  return (await headOf(file, headBytes)).head === head;
}

async function headOf(file: FileHandle, length: number): Promise<{ head: string; headBytes: number }> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, 0);
  return { head: digestOf(bytes.subarray(0, bytesRead)), headBytes: bytesRead };
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
