import type { OpenedFile } from '../../ports/keep-files.ts';
import type { ArchiveBlock, BackupCodec } from './backup-manifest.ts';

/**
 * Archives as the chapter needs them. An archive is a tar stream cut into blocks that are compressed one by one, so
 * that several cores work on it, an ordinary `tar` reads it, and one file can be read without the rest. All calls on
 * one writer or reader come from one place at a time.
 */
export interface ArchivePort {
  /** Starts an archive in an empty file made by `createNew`; syncing and closing that file is the caller's. */
  write(file: OpenedFile, options: ArchiveWriteOptions): ArchiveWriter;
  /**
   * Reads all of an archive that we wrote, strictly: every block at its place and of its exact length unpacked, every
   * header valid, no name twice, the end where it belongs, not one byte more. Bodies come as they lie in memory.
   * @throws SYS-0120, SYS-0121, SYS-0122; what the visitor throws, and what reading the file throws, as it is.
   */
  read(source: ArchiveSource, visitor: ArchiveVisitor, options?: ArchiveReadOptions): Promise<ArchiveTotals>;
  /**
   * Reads single entries at known places and unpacks only the blocks they lie in, each once.
   * The visitor sees them ordered by place.
   * @throws the same as `read`.
   */
  readEntries(
    source: ArchiveSource,
    places: readonly ArchivePlace[],
    options: ArchiveReadOptions & { readonly visitor: ArchiveVisitor },
  ): Promise<void>;
  /**
   * Reads an archive without its block table through an independent parser in strict mode: for archives of other
   * origin, and to check our own a second time. The codec is recognised by the content.
   * @throws SYS-0121, SYS-0122, SYS-0123 (unsafe name, name twice, more than the limits allow).
   */
  readForeign(file: OpenedFile, visitor: ForeignVisitor, options: ForeignReadOptions): Promise<ArchiveTotals>;
}

/** How an archive is packed. */
export interface ArchiveWriteOptions {
  readonly codec: BackupCodec;
  /** gzip 1 to 9, zstd 1 to 19; without meaning for `store`. */
  readonly level: number;
  /** Length of a block unpacked, bytes, 64 KiB to 64 MiB; default 4 MiB, 1 MiB where memory is tight. */
  readonly blockBytes?: number | undefined;
  /** Blocks that are compressed at the same time, 1 to 16; default: one more than there are processors, at most 4. */
  readonly concurrency?: number | undefined;
}

/** One regular file as its header describes it. */
export interface ArchiveHeader {
  /** Relative, '/' between names; never empty, '.', '..' or a NUL in it. */
  readonly path: string;
  /** Exact length of the body, bytes. */
  readonly size: number;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  /** Kept to the second; the exact time is the manifest's. Times before 1970 are kept as 1970. */
  readonly mtimeMs: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Where the header of an entry begins. */
export interface ArchivePlace {
  /** Index in the block table. */
  readonly block: number;
  /** In the unpacked block, bytes. */
  readonly offset: number;
}

/**
 * Writes one archive. For every file: `await pressure()` if it is not undefined, `begin`, the body, `end`; for a long
 * body `pressure()` again between pieces. Nothing is a promise for each file: `pressure` is undefined nearly always.
 *
 * The body goes in either as `body(chunk)`, which copies, or without a copy: `room()` is free space of the block
 * itself, the caller reads the file into it, and `filled(length)` says how much of it is now body.
 *
 * Every call throws what went wrong in the background before (a full disk keeps its `ENOSPC`); a writer that threw is
 * of no more use than for `discard`.
 */
export interface ArchiveWriter {
  /** Starts an entry and says where. @throws SYS-0124 when the path cannot stand in an archive or stands there already. */
  begin(header: ArchiveHeader): ArchivePlace;
  /** Adds to the body of the entry; copies. */
  body(chunk: Uint8Array): void;
  /**
   * Space for the next bytes of the body, at most as many as are missing; empty when none is. Valid until the next
   * call. A piece is at most a block long.
   */
  room(): Uint8Array;
  /** Takes the first `length` bytes of the last `room()` as body. */
  filled(length: number): void;
  /** Ends the entry, whose body must be complete. @returns SHA-256 of the body as it stands in the archive, hexadecimal. */
  end(): string;
  /**
   * Takes the entry that was begun last and not ended, out of the archive again, as if it had never been begun; for a
   * file that changed or failed while it was read. The same path may be begun again.
   */
  abandon(): Promise<void>;
  /** Undefined while more may be written; otherwise to be awaited before the next call. */
  pressure(): Promise<void> | undefined;
  /** Writes the end and waits until the last block is in the file. The file is not synced yet. */
  finish(): Promise<ArchiveResult>;
  /** Waits for what still runs and gives up; never throws. For every way out that is not `finish`. */
  discard(): Promise<void>;
}

/** What `finish` knows of the archive. */
export interface ArchiveResult extends ArchiveTotals {
  readonly blocks: readonly ArchiveBlock[];
}

/** An archive as a whole. */
export interface ArchiveTotals {
  /** Length of the archive file. */
  readonly bytes: number;
  /** SHA-256 of the archive file as it was written or read, hexadecimal. */
  readonly sha256: string;
  readonly entries: number;
}

/** An archive of ours together with what its manifest says about it. */
export interface ArchiveSource {
  readonly file: OpenedFile;
  readonly codec: BackupCodec;
  readonly blocks: readonly ArchiveBlock[];
}

/** How to read an archive. */
export interface ArchiveReadOptions {
  /** Ends the pass between two blocks; it then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Blocks that are unpacked at the same time, 1 to 16; the default is that of writing. */
  readonly concurrency?: number | undefined;
  /** Told after each block: unpacked bytes so far. */
  readonly onProgress?: ((unpackedBytes: number) => void) | undefined;
}

/** An entry of our own archives as it was read. */
export interface ReadHeader {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs: number;
  readonly place: ArchivePlace;
}

/** Sees the entries of an archive one after the other. What it throws ends the pass. */
export interface ArchiveVisitor {
  entry(header: ReadHeader): void;
  /** The next piece of the body, never empty. The memory is used again after the call. */
  body(chunk: Uint8Array): void;
  /** The body was complete; `sha256` is its digest, hexadecimal. */
  end(sha256: string): void;
  /** Asked between two entries: reading goes on when what it gives is settled. Undefined: at once. */
  pressure?(): Promise<void> | undefined;
}

/** An entry of an archive of other origin. Names were checked: relative, no '..', no NUL, none twice. */
export interface ForeignHeader {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';
  /** Bytes of the body; 0 unless a file. */
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs: number;
  /** What a link says; not checked. */
  readonly target?: string;
}

/** Sees the entries of an archive of other origin. What it throws ends the pass. */
export interface ForeignVisitor {
  entry(header: ForeignHeader): void;
  body(chunk: Uint8Array): void;
  end(sha256: string): void;
}

/** Bounds of an archive that nobody vouches for. */
export interface ForeignReadOptions {
  /** Unpacked bytes of the whole stream. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  readonly signal?: AbortSignal | undefined;
}
