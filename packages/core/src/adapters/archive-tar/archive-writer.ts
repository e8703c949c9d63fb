import { createHash, type Hash, hash } from 'node:crypto';
import type {
  ArchiveHeader,
  ArchivePlace,
  ArchiveResult,
  ArchiveWriter,
} from '../../keep/backup/archive-port.ts';
import { archiveError } from './archive-errors.ts';

import { BlockPipeline, type PipelineParts } from './block-pipeline.ts';
import { shownPath } from './entry-path.ts';
import { encodeHeader, paddedLength, TAR_END } from './header-writing.ts';
import { PathSet } from './path-set.ts';

const NOTHING = new Uint8Array(0);

/** The entry being written. */
interface OpenEntry {
  readonly path: string;
  readonly place: ArchivePlace;
  /** Where its body begins in its block; of use only when it ends in the same one. */
  readonly bodyAt: number;
  /** Set for a body that does not fit into one block. */
  readonly digest: Hash | undefined;
  /** Bytes of the body that have not come yet. */
  missing: number;
}

/**
 * Lays entries into blocks. An entry that does not fit into what is left of a block begins a new one, so a block can
 * be dropped or read without its neighbours, and only bodies longer than a block are cut.
 */
export class TarArchiveWriter implements ArchiveWriter {
  readonly #pipeline: BlockPipeline;
  readonly #blockBytes: number;
  readonly #concurrency: number;
  readonly #paths = new PathSet();
  #block: Buffer;
  #used = 0;
  #entries = 0;
  #open: OpenEntry | undefined;
  #ended = false;

  constructor(parts: PipelineParts) {
    this.#pipeline = new BlockPipeline(parts);
    this.#blockBytes = parts.blockBytes;
    this.#concurrency = parts.concurrency;
    this.#block = this.#pipeline.takeBlock();
  }

  begin(header: ArchiveHeader): ArchivePlace {
    this.#pipeline.check();
    if (this.#ended || this.#open !== undefined)
      throw new Error('begin: an entry is open or the end is written');
    const head = encodeHeader(header);
    if (this.#paths.has(header.path)) {
      const message = `path ${shownPath(header.path)} stands in the archive already; each path may come once`;
      throw archiveError('SYS-0124', message, { data: { path: header.path } });
    }
    const length = head.length + paddedLength(header.size);
    if (this.#used > 0 && this.#used + length > this.#blockBytes) this.#submit();
    const place = { block: this.#pipeline.count, offset: this.#used };
    const long = this.#used + length > this.#blockBytes;
    this.#pipeline.markBefore(long ? place.block : undefined);
    this.#block.set(head, this.#used);
    this.#used += head.length;
    this.#open = {
      path: header.path,
      place,
      bodyAt: this.#used,
      digest: long ? createHash('sha256') : undefined,
      missing: header.size,
    };
    return place;
  }

  body(chunk: Uint8Array): void {
    if (chunk.length > this.#entry().missing) throw new RangeError(`body: longer than the header said`);
    for (let at = 0; at < chunk.length; ) {
      const room = this.room();
      const piece = chunk.subarray(at, at + room.length);
      room.set(piece);
      this.filled(piece.length);
      at += piece.length;
    }
  }

  room(): Uint8Array {
    const { missing } = this.#entry();
    if (missing === 0) return NOTHING;
    if (this.#used === this.#blockBytes) this.#submit();
    return this.#block.subarray(this.#used, Math.min(this.#blockBytes, this.#used + missing));
  }

  filled(length: number): void {
    const entry = this.#entry();
    const most = Math.min(entry.missing, this.#blockBytes - this.#used);
    if (!(length >= 0 && length <= most)) throw new RangeError(`filled: ${length}; allowed: 0 to ${most}`);
    entry.digest?.update(this.#block.subarray(this.#used, this.#used + length));
    this.#used += length;
    entry.missing -= length;
  }

  end(): string {
    const { path, bodyAt, digest, missing } = this.#entry();
    if (missing > 0) throw new Error(`end: ${missing} bytes of ${shownPath(path)} are missing`);
    // One call over bytes that lie together is several times faster for small files than a digest in steps.
    const sha256 = digest?.digest('hex') ?? hash('sha256', this.#block.subarray(bodyAt, this.#used), 'hex');
    const padded = paddedLength(this.#used);
    this.#block.fill(0, this.#used, padded);
    this.#used = padded;
    this.#paths.add(path);
    this.#entries += 1;
    this.#open = undefined;
    this.#pipeline.markBefore(undefined);
    return sha256;
  }

  async abandon(): Promise<void> {
    const { place } = this.#entry();
    if (this.#pipeline.count > place.block) await this.#pipeline.rewind(place.block);
    this.#pipeline.markBefore(undefined);
    this.#used = place.offset;
    this.#open = undefined;
  }

  pressure(): Promise<void> | undefined {
    this.#pipeline.check();
    return this.#pipeline.isBusy ? this.#pipeline.waitBelow(this.#concurrency) : undefined;
  }

  async finish(): Promise<ArchiveResult> {
    if (this.#ended || this.#open !== undefined)
      throw new Error('finish: an entry is open or the end is written');
    this.#pipeline.check();
    this.#ended = true;
    if (this.#used + TAR_END > this.#blockBytes) this.#submit();
    this.#block.fill(0, this.#used, this.#used + TAR_END);
    this.#used += TAR_END;
    this.#pipeline.submit(this.#block, this.#used);
    await this.#pipeline.waitBelow(1);
    return { ...this.#pipeline.result(), entries: this.#entries };
  }

  async discard(): Promise<void> {
    this.#ended = true;
    this.#open = undefined;
    await this.#pipeline.settle();
  }

  #submit(): void {
    this.#pipeline.submit(this.#block, this.#used);
    this.#block = this.#pipeline.takeBlock();
    this.#used = 0;
  }

  #entry(): OpenEntry {
    this.#pipeline.check();
    if (this.#open === undefined) throw new Error('no entry is open');
    return this.#open;
  }
}
