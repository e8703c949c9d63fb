import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { checkedFolderPins, type FolderPins } from '../../keep/restore/folder-pins.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const HELD = '/proc/self/fd';

/**
 * Folders held by their descriptors, where the system can reach names through one: a link that somebody puts in the
 * way afterwards leads nowhere. Elsewhere the way is looked at before each use.
 */
export function nodeFolderPins(files: KeepFiles): FolderPins {
  return existsSync(HELD) ? { open: hold } : checkedFolderPins(files);
}

function hold(path: string): { readonly path: string; close(): void } {
  const descriptor = openSync(path, FOLDER);
  let open = true;
  return {
    // The descriptor itself is a link; the '.' behind it is the folder, which may be opened without following links.
    path: `${HELD}/${descriptor}/.`,
    close() {
      if (!open) return;
      open = false;
      closeSync(descriptor);
    },
  };
}
