import { createHash, hash } from 'node:crypto';
import type { FileFacts, KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import type {
  ArchiveBlock,
  BackupManifest,
  FullManifest,
  ManifestEntry,
  ManifestFoot,
  ManifestHead,
  SkippedEntry,
} from './backup-manifest.ts';
import {
  blockLine,
  damaged,
  endLine,
  entryLine,
  footLine,
  headLine,
  type ManifestLine,
  parseManifestLine,
  skippedLine,
} from './manifest-lines.ts';

/** Text that is gathered before it is written, characters. */
const WRITE_CHARACTERS = 256 * 1024;
const READ_BYTES = 1024 * 1024;
/** A line is a path of at most a few thousand bytes and numbers; anything longer is no manifest. */
const LINE_BYTES_MAX = 1024 * 1024;
const NEWLINE = 0x0a;

/** Writes a manifest line by line into a file that was just made; the caller syncs, publishes and closes it. */
export class ManifestWriter {
  readonly #file: OpenedFile;
  readonly #sourceDev: string;
  readonly #hash = createHash('sha256');
  #text: string;
  #written = 0;

  constructor(file: OpenedFile, head: ManifestHead) {
    this.#file = file;
    this.#sourceDev = head.sourceDev;
    this.#text = headLine(head);
  }

  entry(entry: ManifestEntry): void {
    this.#add(entryLine(entry, this.#sourceDev));
  }

  skipped(skipped: SkippedEntry): void {
    this.#add(skippedLine(skipped));
  }

  /** Ends the manifest with the blocks of the archive and the foot; gives the digest that its last line holds. */
  finish(
    blocks: readonly ArchiveBlock[],
    foot: Omit<ManifestFoot, 'blocksAt'>,
  ): { readonly sha256: string; readonly blocksAt: number } {
    this.#flush();
    const blocksAt = this.#written;
    for (const block of blocks) this.#add(blockLine(block));
    this.#add(footLine({ ...foot, blocksAt }));
    this.#flush();
    const sha256 = this.#hash.digest('hex');
    writeAll(this.#file, Buffer.from(endLine(sha256)));
    return { sha256, blocksAt };
  }

  #add(line: string): void {
    this.#text += line;
    if (this.#text.length >= WRITE_CHARACTERS) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    this.#hash.update(bytes);
    writeAll(this.#file, bytes);
    this.#written += bytes.length;
  }
}

/** Writes all of a buffer, however little the system takes at a time. */
export function writeAll(file: OpenedFile, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += file.write(bytes, done, bytes.length - done);
}

/** A line with the place of its first byte in the file. */
export interface PlacedLine {
  readonly at: number;
  readonly line: ManifestLine;
}

/**
 * Reads a manifest from beginning to end with little memory: the head first, then entries and names left out in the
 * order of the source, blocks, the foot, and the digest of all of it.
 * @throws SYS-0143 when a line is missing, damaged or too many, and when the digest differs.
 */
export function* readManifestLines(file: OpenedFile): Generator<PlacedLine, void, void> {
  const digest = createHash('sha256');
  // The last line has a known length, so that everything before it is hashed in large pieces.
  const hashedBytes = file.facts().size - endLine('0'.repeat(64)).length;
  const hashPiece = (piece: Buffer, at: number) => {
    if (at < hashedBytes) digest.update(piece.subarray(0, hashedBytes - at));
  };
  let sourceDev = '';
  let stage: 'start' | 'body' | 'foot' | 'end' = 'start';
  for (const { at, bytes } of rawLines(file, { onPiece: hashPiece })) {
    if (stage === 'end') throw damaged('it goes on after its last line');
    const line = parseManifestLine(bytes.toString('utf8'), sourceDev);
    if (line.kind === 'end') {
      if (stage !== 'foot') throw damaged('it ends before its foot');
      const sha256 = digest.digest('hex');
      if (sha256 !== line.sha256) throw damaged(`its digest is ${sha256}, its last line says ${line.sha256}`);
      stage = 'end';
    } else {
      if ((stage === 'start') !== (line.kind === 'head')) throw damaged(`line ${line.kind} is out of place`);
      if (stage === 'foot') throw damaged('it has lines after its foot');
      if (line.kind === 'head') sourceDev = line.head.sourceDev;
      stage = line.kind === 'foot' ? 'foot' : 'body';
    }
    yield { at, line };
  }
  if (stage !== 'end') throw damaged('it is cut off');
}

/** How lines are read. */
export interface RawLineOptions {
  /** True: a last line without its end is passed over. */
  readonly mayBeCut?: boolean;
  /** Sees the bytes as they are read, before any of their lines. */
  readonly onPiece?: (piece: Buffer, at: number) => void;
}

/**
 * The lines of a file, without their ends. The bytes are good until the next line is asked for.
 * @throws SYS-0143 for a line without end, unless the last may be cut off.
 */
export function* rawLines(
  file: OpenedFile,
  { mayBeCut = false, onPiece }: RawLineOptions = {},
): Generator<{ readonly at: number; readonly bytes: Buffer }, void, void> {
  let buffer = Buffer.allocUnsafe(READ_BYTES);
  let filled = 0;
  let position = 0;
  let lineAt = 0;
  for (;;) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    if (buffer.length > 2 * LINE_BYTES_MAX) throw damaged(`a line is longer than ${LINE_BYTES_MAX} bytes`);
    const got = file.read(buffer, filled, buffer.length - filled, position);
    if (got === 0) break;
    onPiece?.(buffer.subarray(filled, filled + got), position);
    position += got;
    filled += got;
    let start = 0;
    for (
      let stop = buffer.indexOf(NEWLINE);
      stop !== -1 && stop < filled;
      stop = buffer.indexOf(NEWLINE, start)
    ) {
      yield { at: lineAt, bytes: buffer.subarray(start, stop) };
      lineAt += stop - start + 1;
      start = stop + 1;
    }
    buffer.copyWithin(0, start, filled);
    filled -= start;
  }
  if (filled > 0 && !mayBeCut) throw damaged('its last line is cut off');
}

/** Head and foot of a manifest, with the file it was read from. */
export interface LoadedManifest {
  readonly manifest: BackupManifest;
  readonly blocks: readonly ArchiveBlock[];
  readonly facts: FileFacts;
  /** Digest of all its lines but the last. */
  readonly sha256: string;
}

/** Reads a whole manifest and hands its entries and left-out names to `visit`, in order. */
export function loadManifest(
  files: KeepFiles,
  path: string,
  visit: (placed: PlacedLine) => void = () => undefined,
): LoadedManifest {
  const file = files.openRead(path);
  try {
    const blocks: ArchiveBlock[] = [];
    let head: ManifestHead | undefined;
    let foot: ManifestFoot | undefined;
    let sha256 = '';
    let entries = 0;
    for (const placed of readManifestLines(file)) {
      const { line } = placed;
      if (line.kind === 'head') head = line.head;
      else if (line.kind === 'block') blocks.push(line.block);
      else if (line.kind === 'foot') foot = line.foot;
      else if (line.kind === 'end') sha256 = line.sha256;
      else {
        if (line.kind === 'entry') entries++;
        visit(placed);
      }
    }
    if (head === undefined || foot === undefined) throw damaged('it has no head or no foot');
    if (entries !== foot.recordCount)
      throw damaged(`it lists ${entries} files and counts ${foot.recordCount}`);
    return { manifest: { ...head, ...foot }, blocks, facts: file.facts(), sha256 };
  } finally {
    file.close();
  }
}

/** Reads a manifest with everything in memory: for small backups and for tests. */
export function loadFullManifest(files: KeepFiles, path: string): FullManifest {
  const entries: ManifestEntry[] = [];
  const skipped: SkippedEntry[] = [];
  const { manifest, blocks } = loadManifest(files, path, ({ line }) => {
    if (line.kind === 'entry') entries.push(line.entry);
    if (line.kind === 'skipped') skipped.push(line.skipped);
  });
  return { ...manifest, entries, skipped, blocks };
}

/** Head and foot, without reading the files between them and without checking the digest: for lists, and to begin. */
export function peekManifest(file: OpenedFile): BackupManifest {
  const { size } = file.facts();
  const first = readAt(file, 0, Math.min(size, PEEK_BYTES)).toString('utf8');
  const tail = readAt(file, Math.max(0, size - PEEK_BYTES), Math.min(size, PEEK_BYTES)).toString('utf8');
  const head = parseManifestLine(first.slice(0, Math.max(0, first.indexOf('\n'))), '');
  const [footText = '', endText = '', rest] = tail.split('\n').slice(-3);
  if (rest !== '') throw damaged('its last line is cut off');
  const foot = parseManifestLine(footText, '');
  const end = parseManifestLine(endText, '');
  if (head.kind !== 'head' || foot.kind !== 'foot' || end.kind !== 'end')
    throw damaged('it has no head or no foot');
  return { ...head.head, ...foot.foot };
}

/** The block table, without reading the files before it; the digest of the manifest is not checked here. */
export function peekBlocks(file: OpenedFile, { blocksAt }: ManifestFoot): readonly ArchiveBlock[] {
  const { size } = file.facts();
  const lines = readAt(file, blocksAt, Math.max(0, size - blocksAt))
    .toString('utf8')
    .split('\n');
  return lines.slice(0, -3).map((line) => {
    const parsed = parseManifestLine(line, '');
    if (parsed.kind !== 'block') throw damaged(`a ${parsed.kind} stands between the blocks`);
    return parsed.block;
  });
}

const PEEK_BYTES = 64 * 1024;

/** Reads a stretch of a file; shorter when the file ends before. */
export function readAt(file: OpenedFile, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = file.read(bytes, filled, length - filled, at + filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}

/** SHA-256 of a text, hexadecimal. */
export function textDigest(text: string): string {
  return hash('sha256', text, 'hex');
}
