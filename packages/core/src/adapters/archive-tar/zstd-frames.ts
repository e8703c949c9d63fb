import type { OpenedFile } from '../../ports/keep-files.ts';
import { archiveError } from './archive-errors.ts';
import { ZSTD_MAGIC } from './block-unpacking.ts';

/** One frame of a zstd file; a skippable one holds nothing of the content. */
export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
  readonly isSkippable: boolean;
}

const SKIPPABLE_FIRST = 0x184d2a50;
const SKIPPABLE_LAST = 0x184d2a5f;
const SINGLE_SEGMENT = 0b10_0000;
const CHECKSUM = 0b100;
const CHECKSUM_BYTES = 4;
/** Bytes of the dictionary id and of the content length, by the bits that name them. */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const LENGTH_BYTES = [0, 2, 4, 8] as const;
/** Kinds of blocks inside a frame: a run of one byte is one byte long, whatever it becomes. */
const RUN = 1;
const RESERVED = 3;

/** True for the first number of a frame that decoders step over. */
export function isSkippableMagic(magic: number): boolean {
  return magic >= SKIPPABLE_FIRST && magic <= SKIPPABLE_LAST;
}

/**
 * The frames of a file, found by their headers alone.
 * @throws SYS-0122 when one is cut off, SYS-0120 when something else stands where one should begin.
 */
export function* zstdFrames(file: OpenedFile, size: number): Generator<ZstdFrame> {
  for (let start = 0; start < size; ) {
    const magic = readNumber(file, { at: start, bytes: 4, size });
    const isSkippable = isSkippableMagic(magic);
    if (!isSkippable && magic !== ZSTD_MAGIC) {
      throw archiveError('SYS-0120', `archive: no zstd frame at byte ${start}`);
    }
    const end = isSkippable
      ? start + 8 + readNumber(file, { at: start + 4, bytes: 4, size })
      : frameEnd(file, start, size);
    if (end > size) throw cut(end);
    yield { start, end, isSkippable };
    start = end;
  }
}

function frameEnd(file: OpenedFile, start: number, size: number): number {
  const descriptor = readNumber(file, { at: start + 4, bytes: 1, size });
  const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
  const lengthBytes = LENGTH_BYTES[descriptor >>> 6] ?? 0;
  let at = start + 5 + (isSingle ? Math.max(1, lengthBytes) : 1 + lengthBytes);
  at += DICTIONARY_BYTES[descriptor & 0b11] ?? 0;
  for (let isLast = false; !isLast; ) {
    const block = readNumber(file, { at, bytes: 3, size });
    const kind = (block >>> 1) & 0b11;
    if (kind === RESERVED) throw archiveError('SYS-0120', `archive: no zstd block at byte ${at}`);
    at += 3 + (kind === RUN ? 1 : block >>> 3);
    isLast = (block & 1) === 1;
  }
  return at + ((descriptor & CHECKSUM) !== 0 ? CHECKSUM_BYTES : 0);
}

function readNumber(
  file: OpenedFile,
  { at, bytes, size }: { readonly at: number; readonly bytes: number; readonly size: number },
): number {
  const number = Buffer.alloc(bytes);
  if (at + bytes > size || file.read(number, 0, bytes, at) !== bytes) throw cut(at + bytes);
  return number.readUIntLE(0, bytes);
}

function cut(end: number): Error {
  return archiveError(
    'SYS-0122',
    `archive: it is cut off; its last zstd frame goes on to byte ${end} or further`,
  );
}
