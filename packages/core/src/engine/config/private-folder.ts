import { makeFolders } from '../../adapters/files-node/folder-maker.ts';

/**
 * Makes a folder that only this account can use, and every missing one above it; one that is there stays as it is.
 * @throws what the system says, such as ENOENT below /proc, EACCES or, where a file is in the way, EEXIST or ENOTDIR.
 */
export function makePrivateFolder(path: string): void {
  makeFolders(path, 0o700);
}
