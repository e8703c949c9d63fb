import { posix } from 'node:path';
import type { FileFacts, KeepFiles } from '../../ports/keep-files.ts';
import { systemCode } from '../backup/backup-errors.ts';

const PRIVATE = 0o700;
/** What a file takes on disk comes in pieces of this length, bytes. */
const PAGE_BYTES = 4096;

/** Bytes a file of a length takes on disk, with its entry. */
export function diskBytesOf(size: number): number {
  return Math.ceil(size / PAGE_BYTES) * PAGE_BYTES + PAGE_BYTES;
}

/** Makes a folder and those above it, each durable before the next. */
export function makeWay(files: KeepFiles, folder: string): void {
  if (files.facts(folder) !== undefined) return;
  makeWay(files, posix.dirname(folder));
  files.makeFolder(folder, PRIVATE);
  files.syncFolder(posix.dirname(folder));
}

/** Calls `visit` for every name below a folder that is no folder, in no order; links are named, never followed. */
export function visitFiles(
  files: KeepFiles,
  root: string,
  visit: (path: string, kind: string) => void,
): void {
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const { name, kind } of files.list(folder === '' ? root : `${root}/${folder}`)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (kind === 'folder') open.push(path);
      else visit(path, kind);
    }
  }
}

/** A path without links as far as it exists; what is missing stays as it is. */
export function realPlace(files: KeepFiles, path: string): string {
  let there = path;
  while (there !== '/' && files.facts(there) === undefined) there = posix.dirname(there);
  return posix.join(files.realPath(there), path.slice(there.length));
}

/** Facts of a name; undefined also when something on the way to it is no folder. */
export function factsBelow(files: KeepFiles, path: string): FileFacts | undefined {
  try {
    return files.facts(path);
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
