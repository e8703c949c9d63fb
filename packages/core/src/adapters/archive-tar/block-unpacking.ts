import { constants, gunzip, type ZlibOptions, zstdDecompress } from 'node:zlib';
import type { BackupCodec } from '../../keep/backup/backup-manifest.ts';

/** How a block may be broken, as a sentence for the message that names the block. */
export type UnpackFault = { readonly fault: string; readonly cause?: unknown };

/** A flag in the fifth byte of a zstd frame: its content has a checksum. */
const ZSTD_CHECKSUM = 0b100;

/** What both decoders share. */
type Unpack = (
  packed: Uint8Array,
  options: Pick<ZlibOptions, 'info' | 'chunkSize' | 'maxOutputLength'>,
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** What the runtime calls back with when asked for `info`; its types leave this out. */
interface UnpackInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Unpacks one block on the threads of the runtime. It must be exactly one gzip member or zstd frame with nothing
 * behind it, and become exactly as long as it was.
 */
export function unpackBlock(
  codec: BackupCodec,
  packed: Uint8Array,
  unpacked: number,
): Promise<Uint8Array | UnpackFault> {
  switch (codec) {
    case 'store':
      return Promise.resolve(packed.length === unpacked ? packed : wrongLength(packed.length, unpacked));
    case 'gzip':
      return inflate(gunzip, packed, unpacked);
    case 'zstd':
      return hasChecksum(packed)
        ? inflate(zstdDecompress, packed, unpacked)
        : Promise.resolve({ fault: 'is not a zstd frame with a checksum' });
    default:
      return codec satisfies never;
  }
}

/** One byte more than expected: the result then comes in one piece, and a longer one is noticed. */
function inflate(unpack: Unpack, packed: Uint8Array, unpacked: number): Promise<Uint8Array | UnpackFault> {
  const options = { info: true, chunkSize: Math.max(unpacked + 1, 64), maxOutputLength: unpacked + 1 };
  return new Promise((resolve) => {
    unpack(packed, options, (error, result) => {
      if (error !== null) {
        resolve({ fault: `cannot be unpacked: ${error.message}`, cause: error });
        return;
      }
      // `info` makes the runtime hand over this pair instead of the buffer.
      const { buffer, engine } = result as unknown as UnpackInfo;
      if (buffer.length !== unpacked) resolve(wrongLength(buffer.length, unpacked));
      // The runtime stops without a word at what is no further member.
      else if (engine.bytesWritten !== packed.length) resolve({ fault: 'has bytes behind its end' });
      else resolve(buffer);
    });
  });
}

function wrongLength(found: number, unpacked: number): UnpackFault {
  return { fault: `unpacks to ${found} bytes or more; expected: ${unpacked}` };
}

function hasChecksum(packed: Uint8Array): boolean {
  const magic = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  if (packed.length < 9 || magic.readUInt32LE(0) !== ZSTD_MAGIC) return false;
  return ((packed[4] ?? 0) & ZSTD_CHECKSUM) !== 0;
}

/** First bytes of a zstd frame, as a little-endian number. */
export const ZSTD_MAGIC = 0xfd2fb528;
/** Bits of the window a frame may ask for: 128 MiB, the most that ordinary archives use. */
export const ZSTD_WINDOW = { [constants.ZSTD_d_windowLogMax]: 27 } as const;
