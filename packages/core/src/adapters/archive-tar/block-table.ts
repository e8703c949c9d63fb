import { createHash } from 'node:crypto';
import type { ArchiveSource } from '../../keep/backup/archive-port.ts';
import type { ArchiveBlock } from '../../keep/backup/backup-manifest.ts';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { archiveError } from './archive-errors.ts';
import { freeBlock } from './block-memory.ts';
import { unpackBlock } from './block-unpacking.ts';
import { TAR_UNIT } from './header-writing.ts';

/** Longest block we ever write, unpacked, bytes; a damaged table must not make us ask for more memory. */
export const BLOCK_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Checks that the blocks lie one behind the other, fill the file exactly, and have possible lengths.
 * @throws SYS-0122
 */
export function checkBlockTable({ file, blocks }: ArchiveSource): void {
  let end = 0;
  for (const [index, block] of blocks.entries()) {
    const offence = block.at === end ? lengthOffence(block) : `begins at ${block.at}; expected: ${end}`;
    if (offence !== undefined) throw badTable(`block ${index} ${offence}`);
    end += block.length;
  }
  const { size } = file.facts();
  if (blocks.length === 0 || size !== end) {
    throw badTable(`the file has ${size} bytes, its ${blocks.length} blocks have ${end}`);
  }
}

function lengthOffence({ length, unpacked }: ArchiveBlock): string | undefined {
  const whole = Number.isSafeInteger(length) && Number.isSafeInteger(unpacked);
  if (!whole || unpacked < TAR_UNIT || unpacked > BLOCK_BYTES_MAX || unpacked % TAR_UNIT !== 0) {
    return `is ${unpacked} bytes unpacked; allowed: multiples of ${TAR_UNIT} to ${BLOCK_BYTES_MAX}`;
  }
  if (length < 1 || length > unpacked + (unpacked >>> 6) + TAR_UNIT) {
    return `is ${length} bytes packed, ${unpacked} unpacked`;
  }
  return undefined;
}

/** Reads and unpacks blocks, some of them before they are asked for. */
export class BlockWindow {
  readonly #source: ArchiveSource;
  readonly #ahead = new Map<number, ReturnType<typeof unpackBlock>>();
  readonly #hash = createHash('sha256');
  /** Memory of packed blocks to be used again: without it a long pass leaves it to the collector, which is late. */
  readonly #spare: Buffer[] = [];
  readonly #longest: number;

  constructor(source: ArchiveSource) {
    this.#source = source;
    this.#longest = source.blocks.reduce((longest, { length }) => Math.max(longest, length), 0);
  }

  /** Starts to unpack a block. Blocks are read from the file in the order of these calls. */
  want(index: number): void {
    const block = this.#source.blocks[index];
    if (block === undefined || this.#ahead.has(index)) return;
    const memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#longest);
    const packed = readBlock(this.#source.file, index, { ...block, memory });
    this.#hash.update(packed);
    this.#ahead.set(index, this.#unpack(packed, block.unpacked, memory));
  }

  /** A block unpacked; given once. @throws SYS-0120 when it is damaged, SYS-0122 when the file ends in it. */
  async take(index: number): Promise<Uint8Array> {
    this.want(index);
    const unpacked = await this.#ahead.get(index);
    this.#ahead.delete(index);
    if (unpacked instanceof Uint8Array) return unpacked;
    const { fault, cause } = unpacked ?? { fault: 'is not in the table', cause: undefined };
    throw archiveError('SYS-0120', `archive: block ${index} ${fault}`, { data: { block: index }, cause });
  }

  /** Takes the memory of a block back, which nobody may look at any more. */
  release(bytes: Uint8Array): void {
    if (this.#source.codec === 'store') this.#spare.push(Buffer.from(bytes.buffer));
    else freeBlock(bytes);
  }

  async #unpack(packed: Uint8Array, unpacked: number, memory: Buffer): ReturnType<typeof unpackBlock> {
    const result = await unpackBlock(this.#source.codec, packed, unpacked);
    // What was not packed is handed on as it lies here, and comes back through `release`.
    if (result !== packed) this.#spare.push(memory);
    return result;
  }

  /** SHA-256 of all blocks that were read, in the order of `want`. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

function readBlock(
  file: OpenedFile,
  index: number,
  { at, length, memory }: ArchiveBlock & { readonly memory: Buffer },
): Uint8Array {
  const packed = memory.subarray(0, length);
  for (let filled = 0; filled < length; ) {
    const count = file.read(packed, filled, length - filled, at + filled);
    if (count <= 0) throw badTable(`the file ends in block ${index} at ${at + filled}`);
    filled += count;
  }
  return packed;
}

function badTable(what: string): Error {
  return archiveError('SYS-0122', `archive: ${what}; it was cut, grew, or belongs to another manifest`);
}
