import { createHash, type Hash, hash } from 'node:crypto';
import type { ArchiveVisitor } from '../../keep/backup/archive-port.ts';
import { shownPath } from './entry-path.ts';
import { isZero, malformed, readOwnHeader, requireZeros } from './header-reading.ts';
import { paddedLength, TAR_END, TAR_UNIT } from './header-writing.ts';
import { PathSet } from './path-set.ts';

/** What is left of an entry whose body goes on in the next block. */
interface OpenBody {
  remaining: number;
  readonly filling: number;
  readonly digest: Hash;
}

/** Reads the entries of our own archives out of their unpacked blocks. */
export class EntryParser {
  readonly #visitor: ArchiveVisitor;
  readonly #paths = new PathSet();
  #open: OpenBody | undefined;
  #entries = 0;

  constructor(visitor: ArchiveVisitor) {
    this.#visitor = visitor;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Bytes of the open body that are still to come. */
  get remaining(): number {
    return this.#open?.remaining ?? 0;
  }

  get isInside(): boolean {
    return this.#open !== undefined;
  }

  /**
   * Reads a whole block; the last one must close the archive. Between two entries it waits for the visitor when that
   * one asks for it. @throws SYS-0121
   */
  async wholeBlock(bytes: Uint8Array, index: number, isLast: boolean): Promise<void> {
    const block = asBuffer(bytes);
    let at = this.#open === undefined ? 0 : this.#goOn(block);
    while (at < block.length) {
      const pressure = this.#visitor.pressure?.();
      if (pressure !== undefined) await pressure;
      if (block[at] === 0) {
        if (isLast && at + TAR_END === block.length && isZero(block, at, block.length)) return;
        throw malformed(at, `no header in block ${index}, although the end is not here,`);
      }
      at = this.#entry(block, index, at);
    }
    if (isLast) throw malformed(at, `no end of the archive in block ${index}`);
  }

  /** Reads the entry that begins at `offset`, or what the block holds of it. @throws SYS-0121 */
  oneEntry(bytes: Uint8Array, index: number, offset: number): void {
    const block = asBuffer(bytes);
    if (!(offset >= 0 && offset % TAR_UNIT === 0 && offset + TAR_UNIT <= block.length)) {
      throw malformed(offset, `no entry in block ${index}`);
    }
    this.#entry(block, index, offset);
  }

  /** Reads on in the next block. @throws SYS-0121 */
  moreOfEntry(bytes: Uint8Array): void {
    this.#goOn(asBuffer(bytes));
  }

  /** Where the next entry begins, or the end of the block. */
  #entry(block: Buffer, index: number, at: number): number {
    if (at + TAR_UNIT > block.length) throw malformed(at, `a piece of a header in block ${index}`);
    const { path, size, mode, mtimeMs, length } = readOwnHeader(block, at);
    if (!this.#paths.add(path)) throw malformed(at, `the path ${shownPath(path)} a second time`);
    this.#visitor.entry({ path, size, mode, mtimeMs, place: { block: index, offset: at } });
    const bodyAt = at + length;
    const end = bodyAt + size;
    const filling = paddedLength(size) - size;
    if (end <= block.length) {
      const body = block.subarray(bodyAt, end);
      if (body.length > 0) this.#visitor.body(body);
      return this.#close(block, { end, filling, sha256: hash('sha256', body, 'hex') });
    }
    this.#open = { remaining: size, filling, digest: createHash('sha256') };
    this.#take(this.#open, block.subarray(bodyAt));
    return block.length;
  }

  #goOn(block: Buffer): number {
    const open = this.#open;
    if (open === undefined) throw new Error('no body is open');
    const end = Math.min(open.remaining, block.length);
    this.#take(open, block.subarray(0, end));
    if (open.remaining > 0) return end;
    this.#open = undefined;
    return this.#close(block, { end, filling: open.filling, sha256: open.digest.digest('hex') });
  }

  #take(open: OpenBody, piece: Buffer): void {
    open.remaining -= piece.length;
    open.digest.update(piece);
    if (piece.length > 0) this.#visitor.body(piece);
  }

  #close(block: Buffer, body: { end: number; filling: number; sha256: string }): number {
    const at = body.end + body.filling;
    if (at > block.length) throw malformed(body.end, 'a body without its filling');
    requireZeros(block, body.end, at);
    this.#entries += 1;
    this.#visitor.end(body.sha256);
    return at;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
