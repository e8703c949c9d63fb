import type { KeepFiles } from '../../ports/keep-files.ts';
import { backupError } from './backup-errors.ts';
import { parseBackupName, ROOT_MARKER } from './backup-names.ts';
import { isSafePath } from './manifest-lines.ts';

/**
 * Removes a file or folder that this chapter made: the only way in which it removes anything. `name` is a name of ours
 * in a marked backup root, or a path below the folder of a file backup. A folder goes with its content; links in it are
 * removed, never followed. Not there any more is no error.
 * @throws SYS-0144 for every other name and when the root has no mark.
 */
export function removeOwn(files: KeepFiles, backupRoot: string, name: string): boolean {
  const [first = '', ...inner] = name.split('/');
  const parsed = parseBackupName(first);
  if (parsed === undefined || !isSafePath(name)) throw refuse(backupRoot, name, 'it is not a name of ours');
  if (inner.length > 0 && parsed.part !== 'copies')
    throw refuse(backupRoot, name, 'it lies in no folder of ours');
  if (files.facts(`${backupRoot}/${ROOT_MARKER}`)?.kind !== 'file') {
    throw refuse(backupRoot, name, `the folder has no ${ROOT_MARKER}`);
  }
  for (let length = 1; length <= inner.length; length++) {
    const folder = [first, ...inner.slice(0, length - 1)].join('/');
    const facts = files.facts(`${backupRoot}/${folder}`);
    if (facts === undefined) return false;
    if (facts.kind !== 'folder') throw refuse(backupRoot, name, `${folder} is not a folder`);
  }
  const facts = files.facts(`${backupRoot}/${name}`);
  if (facts === undefined) return false;
  if (facts.kind !== 'folder') files.unlink(`${backupRoot}/${name}`);
  else if (parsed.part === 'copies') removeTree(files, `${backupRoot}/${name}`);
  else throw refuse(backupRoot, name, 'it is a folder where a file should be');
  return true;
}

/** Children before their folder; each folder is looked at again before it is entered. */
function removeTree(files: KeepFiles, root: string): void {
  const open: string[] = [root];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    let deeper = false;
    for (const { name, bytes } of files.list(folder)) {
      const path = `${folder}/${name}`;
      if (bytes !== undefined) throw refuse(root, path, 'it is not a name of ours');
      if (files.facts(path)?.kind === 'folder') {
        open.push(path);
        deeper = true;
      } else files.unlink(path);
    }
    if (deeper) continue;
    files.removeFolder(folder);
    open.pop();
  }
}

function refuse(backupRoot: string, name: string, why: string): Error {
  return backupError('SYS-0144', `backup root ${backupRoot}: ${name} is not removed: ${why}`, {
    data: { backupRoot, name },
  });
}
