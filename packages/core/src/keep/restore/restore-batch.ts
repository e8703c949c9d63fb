import type { KeepFiles } from '../../ports/keep-files.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { type BatchFile, type FileBatches, writeBatch } from './file-batches.ts';

/** So many files get their names together: one hold, and one sync of each folder, covers them. */
export const BATCH_FILES = 256;
/** Longer files are written piece by piece, not gathered, bytes. */
export const SMALL_BYTES = 64 * 1024;
const BATCH_BYTES = 1024 * 1024;

/** A file that is complete under a name of its own. */
export interface WholePartial {
  readonly entry: ManifestEntry;
  readonly name: string;
}

/** Files that go on together; the small ones are not written yet. */
export class RestoreBatch {
  /** All of them, in the order they came. */
  readonly whole: WholePartial[] = [];
  readonly small: BatchFile[] = [];
  /** Shared, so that another thread can write it without a copy. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  #used = 0;

  constructor(bytes = new Uint8Array(new SharedArrayBuffer(BATCH_BYTES))) {
    this.bytes = bytes;
  }

  isFull(filesMax = BATCH_FILES): boolean {
    return this.whole.length >= Math.min(filesMax, BATCH_FILES);
  }

  /** True when a small file of that length can be gathered here. */
  holds(length: number): boolean {
    return this.#used + length <= this.bytes.length;
  }

  /** Where the next byte goes. */
  get used(): number {
    return this.#used;
  }

  /** More of a small file, for which there is room. */
  append(chunk: Uint8Array): void {
    this.bytes.set(chunk, this.#used);
    this.#used += chunk.length;
  }

  /** Path of the entry that a file of the batch stands for. */
  pathOf(name: string): string | undefined {
    return this.whole.find((one) => one.name === name)?.entry.path;
  }

  /** Forgets what came after a place. */
  cutBack(used: number): void {
    this.#used = used;
  }
}

/** Batches on the thread of the caller. */
export function plainBatches(files: KeepFiles): FileBatches {
  return {
    write: async (batch) => writeBatch(files, batch),
    close: async () => undefined,
  };
}
