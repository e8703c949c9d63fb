import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** The size at which the log of a database begins anew. */
const FILE_PAGES = 1000;

/** What a commit cannot be cheaper than: one page written over an older one and brought to the disk. */
export interface SyncedFile {
  /** Writes and syncs `count` times. */
  sync(count: number): void;
  close(): void;
}

/**
 * A file of full length: its size does not change when it is written, so that a sync has nothing to say about the file
 * itself. A growing file would make the limit look lower than what a database reaches.
 */
export function openSyncedFile(path: string): SyncedFile {
  const file = openSync(path, 'w');
  writeSync(file, Buffer.alloc(FILE_PAGES * PAGE_BYTES, 1));
  fsyncSync(file);
  const page = Buffer.alloc(PAGE_BYTES, 2);
  let next = 0;
  return {
    sync: (count) => {
      for (let n = 0; n < count; n++) {
        writeSync(file, page, 0, PAGE_BYTES, next * PAGE_BYTES);
        fsyncSync(file);
        next = (next + 1) % FILE_PAGES;
      }
    },
    close: () => closeSync(file),
  };
}
