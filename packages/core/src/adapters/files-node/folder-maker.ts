import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and every missing one above it, with these rights. One step at a time: `mkdir` with `recursive` tries for
 * ever where the system says that nothing is there and lets nothing be made, as below /proc.
 * @throws what the system says, such as ENOENT, EACCES or, where a file is in the way, EEXIST or ENOTDIR.
 */
export function makeFolders(path: string, mode: number): void {
  const missing: string[] = [];
  let folder = resolve(path);
  while (!existsSync(folder) && dirname(folder) !== folder) {
    missing.push(folder);
    folder = dirname(folder);
  }
  for (const one of missing.toReversed()) makeFolder(one, mode);
  if (missing.length === 0) makeFolder(folder, mode);
}

/** Two programs may make the same folder at once. */
function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
