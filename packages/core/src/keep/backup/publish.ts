import type { KeepFiles } from '../../ports/keep-files.ts';
import { backupError } from './backup-errors.ts';

/**
 * Gives a finished and synced partial its final name. A link is made instead of a rename because it never replaces
 * what is there; the folder is synced before anything may rely on the name.
 */
export function publishFile(
  files: KeepFiles,
  backupRoot: string,
  { partial, name }: { readonly partial: string; readonly name: string },
): void {
  files.link(`${backupRoot}/${partial}`, `${backupRoot}/${name}`);
  files.unlink(`${backupRoot}/${partial}`);
  files.syncFolder(backupRoot);
}

/** The same for a folder of copies, which no file system links; a folder that is there already is never replaced. */
export function publishFolder(
  files: KeepFiles,
  backupRoot: string,
  { partial, name }: { readonly partial: string; readonly name: string },
): void {
  if (files.facts(`${backupRoot}/${name}`) !== undefined) {
    throw backupError(
      'SYS-0142',
      `backup root ${backupRoot}: ${name} is there already; nothing was replaced`,
    );
  }
  files.rename(`${backupRoot}/${partial}`, `${backupRoot}/${name}`);
  files.syncFolder(backupRoot);
}
