import {
  constants,
  gzip,
  type ZlibOptions,
  type ZstdOptions,
  zstdCompress,
  zstdCompressSync,
} from 'node:zlib';
import type { BackupCodec } from '../../keep/backup/backup-manifest.ts';

/** Is given the packed block or what went wrong; may be called before `PackBlock` returns. */
export type PackDone = (error: Error | null, packed: Uint8Array) => void;
/** Packs one block into a piece that unpacks by itself. The block must stay as it is until then. */
export type PackBlock = (block: Uint8Array, done: PackDone) => void;

/** How many pieces of a block are tried, and their length in bytes. */
const PROBES = 4;
const PROBE_BYTES = 16_384;
/** A block whose pieces stay longer than this share of themselves is kept as it is. */
const DENSE_SHARE = 0.97;
/** The fastest useful level of zstd; it notices itself what cannot be packed. */
const ZSTD_FASTEST = -5;

/** Packs blocks on the threads of the runtime. */
export function blockPacker(codec: BackupCodec, level: number): PackBlock {
  switch (codec) {
    case 'store':
      return (block, done) => done(null, block);
    case 'gzip':
      return (block, done) => gzip(block, gzipOptions(block, isDense(block) ? 0 : level), done);
    case 'zstd':
      return (block, done) => {
        zstdCompress(block, zstdOptions(block, isDense(block) ? ZSTD_FASTEST : level), done);
      };
    default:
      return codec satisfies never;
  }
}

/** The room for the result is given in one piece: each further one would be a round through the event loop. */
function gzipOptions(block: Uint8Array, level: number): ZlibOptions {
  const room = level === 0 ? block.length + (block.length >>> 8) + 1024 : (block.length >>> 1) + 1024;
  return { level, chunkSize: room };
}

/** With the checksum: without it a flipped bit would unpack without a word. */
function zstdOptions(block: Uint8Array, level: number): ZstdOptions {
  return {
    chunkSize: (block.length >>> (level < 0 ? 0 : 1)) + 1024,
    pledgedSrcSize: block.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  };
}

/** True for content that packing does not make smaller, such as images or packed files: it is not worth the time. */
function isDense(block: Uint8Array): boolean {
  if (block.length < PROBES * PROBE_BYTES) return false;
  const stride = Math.floor((block.length - PROBE_BYTES) / (PROBES - 1));
  const probe = Buffer.allocUnsafe(PROBES * PROBE_BYTES);
  for (let index = 0; index < PROBES; index += 1) {
    const at = index * stride;
    probe.set(block.subarray(at, at + PROBE_BYTES), index * PROBE_BYTES);
  }
  const packed = zstdCompressSync(probe, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return packed.length > probe.length * DENSE_SHARE;
}
