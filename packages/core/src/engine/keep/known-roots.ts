import { posix } from 'node:path';
import { z } from 'zod';
import { readMark } from '../../keep/backup/backup-root.ts';
import { readOwnText, replaceOwnText } from '../../keep/retention/state-lines.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';

/** Marks of the backup roots as earlier runs knew them: a disk that is not mounted is not taken for a new, empty root. */
export const KNOWN_ROOTS_FILE = 'maintenance/known-backup-roots.json';

const KnownRootsSchema = z.record(z.string(), z.string());

/** The mark a backup root must have; undefined for one that was never used. @throws SYS-0161. */
export function knownMark(files: KeepFiles, stateFolder: string, backupRoot: string): string | undefined {
  return readKnown(files, stateFolder)[backupRoot];
}

/** Remembers a root that was used for the first time. @throws SYS-0161. */
export function rememberRoot(
  files: KeepFiles,
  { stateFolder, runId }: { readonly stateFolder: string; readonly runId: string },
  backupRoot: string,
): void {
  const known = readKnown(files, stateFolder);
  const mark = files.facts(backupRoot) === undefined ? undefined : readMark(files, backupRoot);
  if (mark === undefined || known[backupRoot] !== undefined) return;
  const text = `${JSON.stringify({ ...known, [backupRoot]: mark }, undefined, 2)}\n`;
  replaceOwnText(files, posix.join(stateFolder, KNOWN_ROOTS_FILE), { text, runId });
}

function readKnown(files: KeepFiles, stateFolder: string): Readonly<Record<string, string>> {
  const text = readOwnText(files, posix.join(stateFolder, KNOWN_ROOTS_FILE));
  if (text === undefined) return {};
  try {
    return KnownRootsSchema.parse(JSON.parse(text));
  } catch {
    // A damaged note refuses no backup; the next run writes it anew.
    return {};
  }
}
