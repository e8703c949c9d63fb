import { availableParallelism } from 'node:os';
import type { ArchivePort } from '../../keep/backup/archive-port.ts';
import { readPlaces, readWhole } from './archive-reader.ts';
import { TarArchiveWriter } from './archive-writer.ts';
import { blockPacker } from './block-packing.ts';
import { BLOCK_BYTES_MAX } from './block-table.ts';
import { readForeign } from './foreign-reader.ts';
import { TAR_UNIT } from './header-writing.ts';

const BLOCK_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES_MIN = 64 * 1024;
const CONCURRENCY_MAX = 16;
/** The runtime has four threads for packing unless told otherwise. */
const THREADS = 4;
const LEVELS = { gzip: 9, zstd: 19, store: 0 } as const;

/** Archives as tar files, packed in blocks. */
export function tarArchives(): ArchivePort {
  return {
    write(file, { codec, level, blockBytes = BLOCK_BYTES, concurrency }) {
      if (codec !== 'store') requireRange('level', level, { least: 1, most: LEVELS[codec] });
      requireRange('blockBytes', blockBytes, { least: BLOCK_BYTES_MIN, most: BLOCK_BYTES_MAX });
      if (blockBytes % TAR_UNIT !== 0)
        throw new RangeError(`blockBytes: ${blockBytes}; allowed: multiples of 512`);
      const pack = blockPacker(codec, level);
      return new TarArchiveWriter({ file, pack, blockBytes, concurrency: blocksAtOnce(concurrency) });
    },
    read: (source, visitor, options = {}) =>
      readWhole(source, visitor, { ...options, concurrency: blocksAtOnce(options.concurrency) }),
    readEntries: (source, places, options) =>
      readPlaces(source, places, { ...options, concurrency: blocksAtOnce(options.concurrency) }),
    readForeign,
  };
}

/** One more than there are processors, so that none waits while a result is written. */
function blocksAtOnce(asked: number | undefined): number {
  const count = asked ?? Math.min(THREADS, availableParallelism() + 1);
  requireRange('concurrency', count, { least: 1, most: CONCURRENCY_MAX });
  return count;
}

function requireRange(
  field: string,
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${field}: ${value}; allowed: ${least} to ${most}`);
}
