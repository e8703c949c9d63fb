import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { FileFacts, KeepFiles, ListedName, OpenedFile } from '../../ports/keep-files.ts';
import { makeFolders } from './folder-maker.ts';

/** A link at the end is an error, a pipe without a writer does not wait, and children do not inherit it. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MAKE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A root may be a link to a folder; making names durable changes nothing, wherever it leads. */
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const NS_PER_S = 1_000_000_000n;

/** The files of the machine. The only place of the product where names are removed. */
export function nodeKeepFiles(): KeepFiles {
  return {
    facts,
    realPath: (path) => realpathSync.native(path),
    list,
    openRead: (path) => openedFile(openSync(path, READ)),
    createNew,
    openAppend,
    makeFolder: makeFolders,
    link: linkSync,
    rename: renameSync,
    unlink: unlinkSync,
    removeFolder: (path) => rmdirSync(path),
    syncFolder,
    setTimes,
    setMode: chmodSync,
    readLink: (path) => readlinkSync(path),
    space,
  };
}

function facts(path: string): FileFacts | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : toFacts(stats);
}

function toFacts(stats: BigIntStats): FileFacts {
  return {
    kind: kindOf(stats),
    dev: stats.dev,
    ino: stats.ino,
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    mode: Number(stats.mode) & 0o7777,
    nlink: Number(stats.nlink),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  };
}

function kindOf(entry: BigIntStats | Dirent | Dirent<Buffer>): FileFacts['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}

/** Asks for text first; only a folder with a name that is not text is read again as bytes. */
function list(folder: string): readonly ListedName[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (!entries.some((entry) => entry.name.includes('\uFFFD'))) {
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  }
  return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).map((entry) => {
    const name = entry.name.toString('utf8');
    const exact = Buffer.from(name, 'utf8').equals(entry.name);
    return { name, ...(exact ? {} : { bytes: entry.name }), kind: kindOf(entry) };
  });
}

function createNew(path: string, mode: number): OpenedFile {
  const file = openSync(path, MAKE, mode);
  try {
    // The mask of the process must not take rights away that a restored file had.
    fchmodSync(file, mode);
    return openedFile(file);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function openAppend(path: string, mode: number): OpenedFile {
  const file = openSync(path, APPEND, mode);
  return openedFile(file, Number(fstatSync(file, { bigint: true }).size));
}

/** `end` is where the next write goes. */
function openedFile(descriptor: number, end = 0): OpenedFile {
  let position = end;
  let open = true;
  // After closing, the number may already be that of another file.
  const own = () => {
    if (open) return descriptor;
    throw Object.assign(new Error('EBADF: the file is closed'), { code: 'EBADF' });
  };
  return {
    facts: () => toFacts(fstatSync(own(), { bigint: true })),
    read: (buffer, offset, length, at) => readSync(own(), buffer, offset, length, at),
    write(buffer, offset, length) {
      const written = writeSync(own(), buffer, offset, length, position);
      position += written;
      return written;
    },
    truncate(length) {
      ftruncateSync(own(), length);
      position = length;
    },
    sync: () => fsyncSync(own()),
    close() {
      if (!open) return;
      // The descriptor is given back even when closing fails; a second try could close a stranger's file.
      open = false;
      closeSync(descriptor);
    },
  };
}

function syncFolder(path: string): void {
  const folder = openSync(path, FOLDER);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Node takes seconds as a number: the result is exact to about 0.3 µs, not to the nanosecond. */
function setTimes(path: string, mtimeNs: bigint): void {
  const seconds = Number(mtimeNs / NS_PER_S) + Number(mtimeNs % NS_PER_S) / Number(NS_PER_S);
  lutimesSync(path, seconds, seconds);
}

function space(path: string): { readonly freeBytes: number; readonly totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(path, { bigint: true });
  return { freeBytes: Number(bavail * bsize), totalBytes: Number(blocks * bsize) };
}
