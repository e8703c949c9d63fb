import type {
  ArchivePlace,
  ArchiveReadOptions,
  ArchiveSource,
  ArchiveTotals,
  ArchiveVisitor,
} from '../../keep/backup/archive-port.ts';
import { archiveError } from './archive-errors.ts';

import { BlockWindow, checkBlockTable } from './block-table.ts';
import { EntryParser } from './entry-parsing.ts';

/** How much is unpacked before it is needed, in blocks. */
export interface ReadAhead extends ArchiveReadOptions {
  readonly concurrency: number;
}

/** Reads a whole archive of ours; see `ArchivePort.read`. */
export async function readWhole(
  source: ArchiveSource,
  visitor: ArchiveVisitor,
  options: ReadAhead,
): Promise<ArchiveTotals> {
  checkBlockTable(source);
  const window = new BlockWindow(source);
  const parser = new EntryParser(visitor);
  let unpacked = 0;
  for (const [index, block] of source.blocks.entries()) {
    options.signal?.throwIfAborted();
    // Blocks are read in order: the digest is that of the file.
    for (let ahead = 0; ahead <= options.concurrency; ahead += 1) window.want(index + ahead);
    const bytes = await window.take(index);
    await parser.wholeBlock(bytes, index, index === source.blocks.length - 1);
    window.release(bytes);
    unpacked += block.unpacked;
    options.onProgress?.(unpacked);
  }
  const last = source.blocks.at(-1);
  return {
    bytes: last === undefined ? 0 : last.at + last.length,
    sha256: window.digest(),
    entries: parser.entries,
  };
}

/** Reads single entries; see `ArchivePort.readEntries`. */
export async function readPlaces(
  source: ArchiveSource,
  places: readonly ArchivePlace[],
  options: ReadAhead & { readonly visitor: ArchiveVisitor },
): Promise<void> {
  checkBlockTable(source);
  const sorted = places.toSorted((a, b) => a.block - b.block || a.offset - b.offset);
  const window = new BlockWindow(source);
  const parser = new EntryParser(options.visitor);
  let bytes: Uint8Array = new Uint8Array(0);
  let held = -1;
  let unpacked = 0;
  const load = async (index: number) => {
    await options.visitor.pressure?.();
    options.signal?.throwIfAborted();
    if (held !== -1) window.release(bytes);
    bytes = await window.take(index);
    held = index;
    unpacked += bytes.length;
    options.onProgress?.(unpacked);
  };
  for (const [number, place] of sorted.entries()) {
    if (held > place.block) throw overlapping(place);
    wantNext(window, sorted, { from: number, held, concurrency: options.concurrency });
    if (held < place.block) await load(place.block);
    parser.oneEntry(bytes, place.block, place.offset);
    while (parser.isInside) {
      const rest = blocksOf(source, held, parser.remaining);
      for (let ahead = 1; ahead <= Math.min(rest, options.concurrency); ahead += 1) window.want(held + ahead);
      await load(held + 1);
      parser.moreOfEntry(bytes);
    }
  }
}

/** Starts with the blocks of the next places. */
function wantNext(
  window: BlockWindow,
  sorted: readonly ArchivePlace[],
  at: { readonly from: number; readonly held: number; readonly concurrency: number },
): void {
  let last = at.held;
  let count = 0;
  for (let index = at.from; index < sorted.length && count < at.concurrency; index += 1) {
    const block = sorted[index]?.block ?? last;
    if (block === last) continue;
    window.want(block);
    last = block;
    count += 1;
  }
}

/** How many blocks after `held` hold the next `remaining` bytes. */
function blocksOf(source: ArchiveSource, held: number, remaining: number): number {
  let count = 0;
  for (let left = remaining; left > 0; count += 1) {
    const block = source.blocks[held + count + 1];
    if (block === undefined) break;
    left -= block.unpacked;
  }
  return count;
}

function overlapping({ block, offset }: ArchivePlace): Error {
  return archiveError('SYS-0121', `archive: place ${offset} of block ${block} lies inside another entry`);
}
