/**
 * Files as backup, clean-up and restore need them: synchronous, because a keep run is a process of its own and
 * synchronous calls are several times cheaper there. Every failure is an error with a `code` such as `ENOSPC`.
 * Paths are absolute. Names that are not valid UTF-8 are listed with their bytes.
 */
export interface KeepFiles {
  /** Facts of the name itself, never of what a link leads to; undefined when it does not exist. */
  facts(path: string): FileFacts | undefined;
  /** The path without any link in it. */
  realPath(path: string): string;
  /** Entries of a folder, in any order. */
  list(folder: string): readonly ListedName[];
  /** Opens an existing file for reading; never follows a link at the end and never waits for a pipe. */
  openRead(path: string): OpenedFile;
  /** Makes a file that must not exist yet; never follows a link. */
  createNew(path: string, mode: number): OpenedFile;
  /** Opens a file for writing at its end, made when it does not exist: logs and journals. Never follows a link. */
  openAppend(path: string, mode: number): OpenedFile;
  /** Makes a folder and its parents. */
  makeFolder(path: string, mode: number): void;
  /** Gives a file a second name that must not exist yet: the way a file is published without replacing another. */
  link(existing: string, name: string): void;
  rename(from: string, to: string): void;
  /** Removes one name of a file. Source data only through the delete gate, our own files only through `removeOwn`. */
  unlink(path: string): void;
  /** Removes an empty folder. */
  removeFolder(path: string): void;
  /** Makes the names in a folder, or in the one that a link leads to, durable. */
  syncFolder(path: string): void;
  setTimes(path: string, mtimeNs: bigint): void;
  setMode(path: string, mode: number): void;
  readLink(path: string): string;
  /** Room on the file system of a path, bytes. */
  space(path: string): { readonly freeBytes: number; readonly totalBytes: number };
}

/** An opened file. `close` may be called twice. */
export interface OpenedFile {
  facts(): FileFacts;
  /** Reads at most `length` bytes from `position`; fewer, or 0 at the end. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes at most `length` bytes at the end of what was written; may write fewer. */
  write(buffer: Uint8Array, offset: number, length: number): number;
  /** Cuts a file made by `createNew` back to a length; the next write goes there. */
  truncate(length: number): void;
  /** Makes the content durable. After an error the file must be given up: a second call may lie. */
  sync(): void;
  close(): void;
}

/** What the file system says of one name. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly nlink: number;
  /** Owner; absent where the system has none. */
  readonly uid?: number;
  readonly gid?: number;
}

/** One entry of a folder. */
export interface ListedName {
  /** As text; bytes that are not UTF-8 are shown as U+FFFD. */
  readonly name: string;
  /** Set only when the name is not valid UTF-8. */
  readonly bytes?: Uint8Array;
  readonly kind: FileFacts['kind'];
}

/**
 * One run at a time on a root. The operating system holds a lock and lets go when the process ends, however it ends,
 * so no lock can be stale. Who needs more than one takes them in the order of their paths.
 */
export interface KeepLocks {
  /**
   * Takes the lock of a file, which is made when it is missing and stays; the note beside it (`<lockFile>.json`) only
   * names the owner for messages.
   * @throws SYS-0126 naming the owner when another process holds it, SYS-0127 when the file cannot be used.
   */
  take(lockFile: string, owner: KeepLockOwner): KeepLock;
}

/** Who holds a lock, for the message that names it. */
export interface KeepLockOwner {
  readonly runId: string;
  readonly pid: number;
  readonly host: string;
  readonly bootId: string;
  readonly sinceMs: number;
}

/** A held lock; `release` may be called twice. */
export interface KeepLock {
  release(): void;
}
