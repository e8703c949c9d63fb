import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { archiveError } from './archive-errors.ts';
import { ZSTD_MAGIC, ZSTD_WINDOW } from './block-unpacking.ts';
import { isSkippableMagic, zstdFrames } from './zstd-frames.ts';

/** Bytes read or unpacked at a time. */
const PIECE_BYTES = 256 * 1024;
const GZIP_MAGIC = 0x8b1f;

/** Sees the unpacked stream piece by piece. */
export type TakePiece = (piece: Buffer) => void;
/** Sees the bytes of the file as they are read. */
export type SeePacked = (packed: Uint8Array) => void;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Unpacks a file whose codec is recognised by its first bytes: gzip, zstd or nothing.
 * @throws SYS-0122 when it ends too early or something follows the end, SYS-0120 when it is damaged.
 */
export async function unpackForeign(file: OpenedFile, see: SeePacked, take: TakePiece): Promise<void> {
  const size = file.facts().size;
  const magic = Buffer.alloc(4);
  const known = file.read(magic, 0, 4, 0) === 4;
  const first = magic.readUInt32LE(0);
  const part = (span: Span) => pieces(file, span, see);
  if (known && (first === ZSTD_MAGIC || isSkippableMagic(first))) {
    // The runtime stops after the first of several frames and says nothing, so each gets a decoder of its own.
    for (const frame of zstdFrames(file, size)) {
      const decoder = frame.isSkippable
        ? undefined
        : createZstdDecompress({ chunkSize: PIECE_BYTES, params: ZSTD_WINDOW });
      await pass(part(frame), decoder, frame.isSkippable ? () => undefined : take);
    }
    return;
  }
  const packed = known && magic.readUInt16LE(0) === GZIP_MAGIC;
  await pass(
    part({ start: 0, end: size }),
    packed ? createGunzip({ chunkSize: PIECE_BYTES }) : undefined,
    take,
  );
}

async function pass(
  source: Iterable<Buffer>,
  decoder: Transform | undefined,
  take: TakePiece,
): Promise<void> {
  if (decoder === undefined) {
    for (const piece of source) take(piece);
    return;
  }
  let failed = false;
  try {
    await pipeline(
      Readable.from(source, { objectMode: false }),
      decoder,
      async (unpacked: AsyncIterable<Buffer>) => {
        for await (const piece of unpacked) {
          // What the taker throws is its own business; only the decoder's errors are damage.
          try {
            take(piece);
          } catch (error) {
            failed = true;
            throw error;
          }
        }
      },
    );
  } catch (cause) {
    if (failed || !(cause instanceof Error && 'code' in cause && isDamage(cause.code))) throw cause;
    const truncated = cause.message === 'unexpected end of file';
    throw archiveError(truncated ? 'SYS-0122' : 'SYS-0120', `archive: cannot be unpacked: ${cause.message}`, {
      cause,
    });
  }
}

/** Errors of the decoders begin like this; those of the file system do not. */
function isDamage(code: unknown): boolean {
  return typeof code === 'string' && /^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB)/.test(code);
}

/** The bytes of a file in pieces that may be kept until the next one is asked for. */
function* pieces(file: OpenedFile, { start, end }: Span, see: SeePacked): Generator<Buffer> {
  for (let at = start; at < end; ) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - at));
    const count = file.read(piece, 0, piece.length, at);
    if (count <= 0) throw archiveError('SYS-0122', `archive: the file ends at ${at}; expected: ${end}`);
    const read = piece.subarray(0, count);
    see(read);
    yield read;
    at += count;
  }
}
