import { createHash, type Hash } from 'node:crypto';
import type { ArchiveBlock } from '../../keep/backup/backup-manifest.ts';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { freeBlock } from './block-memory.ts';
import type { PackBlock } from './block-packing.ts';

/** What a pipeline works with. */
export interface PipelineParts {
  readonly file: OpenedFile;
  readonly pack: PackBlock;
  /** Unpacked, bytes. */
  readonly blockBytes: number;
  /** Blocks under way at which a writer should wait. */
  readonly concurrency: number;
}

interface Job {
  readonly block: Buffer;
  readonly used: number;
  packed?: Uint8Array;
}

interface Mark {
  readonly hash: Hash;
  readonly bytes: number;
}

/** Packs blocks several at a time and writes them in their order; the digest is that of the bytes written. */
export class BlockPipeline {
  readonly #parts: PipelineParts;
  readonly #jobs: Job[] = [];
  readonly #free: Buffer[] = [];
  readonly #blocks: ArchiveBlock[] = [];
  #hash = createHash('sha256');
  #bytes = 0;
  #failure: Error | undefined;
  #waiting: (() => void)[] = [];
  #markAt: number | undefined;
  #mark: Mark | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** How many blocks were handed over: the index of the next one. */
  get count(): number {
    return this.#blocks.length + this.#jobs.length;
  }

  get isBusy(): boolean {
    return this.#jobs.length >= this.#parts.concurrency;
  }

  /** @throws what went wrong in the background. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** An empty block to fill; its content is whatever was there. */
  takeBlock(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#parts.blockBytes);
  }

  /** Takes a block over; it comes back through `takeBlock`. */
  submit(block: Buffer, used: number): void {
    this.check();
    const job: Job = { block, used };
    this.#jobs.push(job);
    this.#parts.pack(block.subarray(0, used), (error, packed) => {
      if (error === null) job.packed = packed;
      else this.#failure ??= error;
      this.#writeReady();
    });
  }

  /** Waits until fewer blocks are under way than `below`. @throws what went wrong in the background. */
  async waitBelow(below: number): Promise<void> {
    while (this.#failure === undefined && this.#jobs.length >= below) await this.#change();
    this.check();
  }

  /** Waits until nothing uses the blocks any more. */
  async settle(): Promise<void> {
    while (this.#jobs.some((job) => job.packed === undefined) && this.#failure === undefined) {
      await this.#change();
    }
  }

  /** Remembers how things stand before the block of that index is written, for `rewind`; undefined forgets. */
  markBefore(index: number | undefined): void {
    this.#markAt = index;
    this.#mark = undefined;
  }

  /** Makes everything from the marked block on as if it had not been handed over. */
  async rewind(index: number): Promise<void> {
    await this.waitBelow(1);
    if (this.#blocks.length <= index) return;
    if (this.#mark === undefined) throw new Error(`block ${index} was not marked`);
    this.#parts.file.truncate(this.#mark.bytes);
    this.#hash = this.#mark.hash;
    this.#bytes = this.#mark.bytes;
    this.#blocks.length = index;
    this.markBefore(undefined);
  }

  /** What was written; to be called once, at the end. */
  result(): { readonly bytes: number; readonly sha256: string; readonly blocks: readonly ArchiveBlock[] } {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex'), blocks: this.#blocks };
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Writes the packed blocks whose turn it is. */
  #writeReady(): void {
    try {
      for (let job = this.#jobs[0]; job?.packed !== undefined; job = this.#jobs[0]) {
        if (this.#failure !== undefined) break;
        this.#write(job.packed, job.used);
        // What was not packed is the block itself, which is used again.
        if (job.packed.buffer !== job.block.buffer) freeBlock(job.packed);
        this.#jobs.shift();
        if (this.#free.length <= this.#parts.concurrency) this.#free.push(job.block);
      }
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #write(packed: Uint8Array, unpacked: number): void {
    if (this.#blocks.length === this.#markAt) this.#mark = { hash: this.#hash.copy(), bytes: this.#bytes };
    this.#hash.update(packed);
    writeAll(this.#parts.file, packed);
    this.#blocks.push({ at: this.#bytes, length: packed.length, unpacked });
    this.#bytes += packed.length;
  }
}

/** A system may take fewer bytes than it was given; it then gets the rest. */
function writeAll(file: OpenedFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const written = file.write(bytes, at, bytes.length - at);
    if (written <= 0) throw Object.assign(new Error('EIO: nothing was written'), { code: 'EIO' });
    at += written;
  }
}
