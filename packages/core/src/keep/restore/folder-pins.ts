import { posix } from 'node:path';
import type { KeepFiles } from '../../ports/keep-files.ts';

/**
 * Holds folders open, so that names in them stay in the very folder that was looked at, whatever happens to the way
 * that led there.
 */
export interface FolderPins {
  /**
   * Holds a folder. The last name of the path is never followed when it is a link.
   * @throws an error with code ELOOP or ENOTDIR when it is no folder.
   */
  open(path: string): PinnedFolder;
}

/** A folder that is held. */
export interface PinnedFolder {
  /** A path by which names in the folder are reached; good until `close`. */
  readonly path: string;
  /** May be called twice. */
  close(): void;
}

/**
 * For systems that cannot hold a folder: the way is looked at, and there is a moment between the look and the use.
 * Roots must be given without any link in them.
 */
export function checkedFolderPins(files: KeepFiles): FolderPins {
  return {
    open(path) {
      const plain = posix.normalize(path);
      if (files.facts(plain)?.kind !== 'folder' || files.realPath(plain) !== plain) {
        throw Object.assign(new Error(`ELOOP: no folder, or a link on the way, open '${plain}'`), {
          code: 'ELOOP',
        });
      }
      return { path: plain, close: () => undefined };
    },
  };
}
