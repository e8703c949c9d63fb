import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';

/**
 * Writes many small files at a time. What each costs is the way into the system and back, so an adapter may do it on
 * other threads. Calls may overlap.
 */
export interface FileBatches {
  /** No batch may have more files; absent: as many as the caller likes. */
  readonly filesMax?: number | undefined;
  /** Writes new files whole; the content of each is durable when it resolves. Rejects with a `FileFailure`. */
  write(batch: FileBatch): Promise<void>;
  /** Lets go of what it needs; whoever calls it waits for every batch first. */
  close(): Promise<void>;
}

/** Files that are written together. */
export interface FileBatch {
  readonly folder: string;
  /** The contents, one behind the other; not touched until the batch is written. */
  readonly bytes: Uint8Array;
  readonly files: readonly BatchFile[];
}

/** One of them. */
export interface BatchFile {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** As text: it is a whole number of 64 bits. */
  readonly mtimeNs: string;
  /** Where its content begins in `bytes`. */
  readonly at: number;
  readonly length: number;
}

/** What the system said of one file of a batch. */
export class FileFailure extends Error {
  override readonly name = 'FileFailure';
  /** Such as `ENOSPC`. */
  readonly code: string;
  /** Name of the file in the batch. */
  readonly file: string;

  constructor(message: string, { code, file }: { readonly code: string; readonly file: string }) {
    super(message);
    this.code = code;
    this.file = file;
  }
}

/** Writes one batch; see `FileBatches.write`. */
export function writeBatch(files: KeepFiles, batch: FileBatch): void {
  for (const one of batch.files) {
    try {
      writeOne(files, batch, one);
    } catch (error) {
      const code = systemCode(error);
      throw code === undefined ? error : new FileFailure(problemText(error), { code, file: one.name });
    }
  }
}

function writeOne(files: KeepFiles, batch: FileBatch, { name, mode, mtimeNs, at, length }: BatchFile): void {
  const path = `${batch.folder}/${name}`;
  const file = files.createNew(path, mode);
  try {
    writeAll(file, batch.bytes.subarray(at, at + length));
    files.setTimes(path, BigInt(mtimeNs));
    file.sync();
  } finally {
    file.close();
  }
}

function writeAll(file: OpenedFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += file.write(bytes, done, bytes.length - done);
}
