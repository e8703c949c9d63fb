import type { KeepFiles } from '../../ports/keep-files.ts';
import { type Catalogue, type Leftover, readCatalogue } from './backup-catalogue.ts';
import { parseBackupName } from './backup-names.ts';
import { removeOwn } from './remove-own.ts';

/**
 * Which leftovers a run may remove while it holds the lock of the root: every partial of another run (that run is dead,
 * or the lock would not be ours), an archive without a manifest (it was never committed), and what a removal that was
 * cut short has left. An orphan is removed too: a record or hold of a backup that is gone.
 */
export function removableLeftovers({ leftovers }: Catalogue, ownRunId: string): readonly Leftover[] {
  return leftovers.filter(({ name }) => parseBackupName(name)?.partialOf !== ownRunId);
}

/** Removes what dead runs have left; the caller holds the lock of the root. @returns what was removed. */
export function removeLeftovers(files: KeepFiles, backupRoot: string, runId: string): readonly Leftover[] {
  const removable = removableLeftovers(readCatalogue(files, backupRoot), runId);
  // The mark of a removal goes last, so that a removal that is cut short again is still recognised.
  const ordered = [...removable].sort((a, b) => Number(isTombstone(a)) - Number(isTombstone(b)));
  for (const { name } of ordered) removeOwn(files, backupRoot, name);
  if (ordered.length > 0) files.syncFolder(backupRoot);
  return ordered;
}

function isTombstone({ name }: Leftover): boolean {
  return parseBackupName(name)?.part === 'removing';
}
