import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The file operations that durability rests on, one call each, so that a test can end the process
 * before any of them or in the middle of a write.
 */
export interface Disk {
  readonly open: (path: string, flags: 'a' | 'w' | 'r' | 'r+') => number;
  readonly write: (fd: number, data: Uint8Array) => void;
  readonly sync: (fd: number) => void;
  readonly truncate: (fd: number, bytes: number) => void;
  readonly close: (fd: number) => void;
  readonly rename: (from: string, to: string) => void;
  readonly makeFolder: (path: string) => void;
}

/** The real file system. */
export const nodeDisk: Disk = {
  open: (path, flags) => fs.openSync(path, flags),
  write: (fd, data) => fs.writeFileSync(fd, data),
  sync: (fd) => fs.fsyncSync(fd),
  truncate: (fd, bytes) => fs.ftruncateSync(fd, bytes),
  close: (fd) => fs.closeSync(fd),
  rename: (from, to) => fs.renameSync(from, to),
  makeFolder: (path) => fs.mkdirSync(path),
};

/** Replaces a file so that a reader or a power cut sees the old text or the new one, never a mixture. */
export function replaceFile(disk: Disk, path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  withFile(disk, { path: temporary, flags: 'w' }, (fd) => {
    disk.write(fd, Buffer.from(text));
    disk.sync(fd);
  });
  disk.rename(temporary, path);
  syncFolder(disk, dirname(path));
}

/** Removes the temporary files of killed writers; only for a folder that has no other writer at the moment. */
export function removeLeftovers(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (/\.\d+\.tmp$/.test(name)) fs.rmSync(join(folder, name), { force: true });
  }
}

/** Appends text with one write and returns only when it is on the disk; a new file needs `syncFolder` as well. */
export function appendToFile(disk: Disk, path: string, text: string): void {
  withFile(disk, { path, flags: 'a' }, (fd) => {
    disk.write(fd, Buffer.from(text));
    disk.sync(fd);
  });
}

/** Cuts a file back to a length; a missing or shorter file is left alone, because there is nothing to take back. */
export function cutFile(disk: Disk, path: string, bytes: number): void {
  if (fileBytes(path) <= bytes) return;
  withFile(disk, { path, flags: 'r+' }, (fd) => {
    disk.truncate(fd, bytes);
    disk.sync(fd);
  });
}

/** Makes a folder and its missing parents, and makes their names durable. */
export function ensureFolder(disk: Disk, path: string): void {
  if (fs.existsSync(path)) return;
  const parent = dirname(path);
  ensureFolder(disk, parent);
  disk.makeFolder(path);
  syncFolder(disk, parent);
}

/** Makes new or renamed entries of a folder durable; Windows cannot open folders and does this by itself. */
export function syncFolder(disk: Disk, path: string): void {
  if (process.platform === 'win32') return;
  withFile(disk, { path, flags: 'r' }, (fd) => disk.sync(fd));
}

/** Length of a file in bytes, 0 when it does not exist. */
export function fileBytes(path: string): number {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The whole text of a file, or nothing when it does not exist. */
export function readIfPresent(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function withFile(
  disk: Disk,
  { path, flags }: { path: string; flags: 'a' | 'w' | 'r' | 'r+' },
  use: (fd: number) => void,
) {
  const fd = disk.open(path, flags);
  try {
    use(fd);
  } finally {
    disk.close(fd);
  }
}
