import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import { isInside } from '../backup/source-scan.ts';
import '../retention/retention-errors.ts';

/** Folders of the state folder in which the engine keeps what it must not lose. */
const ENGINE_FOLDERS = ['maintenance', 'output'];

/** A path without any link in it; undefined when it leads nowhere or cannot be looked at. */
export function realPathOf(files: KeepFiles, path: string): string | undefined {
  return orUndefined(() => files.realPath(path));
}

/** Where the data, the backups and the state of a run are. */
export interface RunPlaces {
  readonly dataRoot: string;
  readonly backupRoot: string;
  readonly stateFolder: string;
}

/**
 * Data inside the backup root would be backups that expire; what the engine keeps could be its holds. Its logs are data.
 * @throws INP-0801.
 */
export function requireApart(files: KeepFiles, { dataRoot, backupRoot, stateFolder }: RunPlaces): void {
  const data = realPathOf(files, dataRoot);
  const state = realPathOf(files, stateFolder) ?? stateFolder;
  if (data === undefined) return;
  const ours = ENGINE_FOLDERS.map((name) => `${state}/${name}`);
  for (const folder of [backupRoot, ...ours, ...(data === state ? [stateFolder] : [])]) {
    if (!isInside(realPathOf(files, folder) ?? folder, data)) continue;
    throw opsException('INP-0801', `data ${dataRoot} is or lies inside ${folder}; choose folders apart`, {
      data: { dataRoot, folder },
    });
  }
}

/** What cannot be looked at is taken to be on the same disk: a warning too many does no harm. */
export function onSameDisk(
  files: KeepFiles,
  { dataRoot, backupRoot }: { readonly dataRoot: string; readonly backupRoot: string },
): boolean {
  const [data, backups] = [dataRoot, backupRoot].map((root) =>
    orUndefined(() => files.facts(files.realPath(root))?.dev),
  );
  return data === undefined || backups === undefined || data === backups;
}

/** True for a file that nobody touched since an instant, and for one that cannot be looked at: that proves nothing. */
export function mayBeUntouched(files: KeepFiles, path: string, sinceMs: number): boolean {
  try {
    const facts = files.facts(path);
    return facts?.kind === 'file' && Number(facts.ctimeNs / 1_000_000n) < sinceMs;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return true;
  }
}

/** True when a name of the data set is not there. @throws SYS-0160 when nobody can tell. */
export function isGone(files: KeepFiles, dataRoot: string, path: string): boolean {
  try {
    return files.facts(`${dataRoot}/${path}`) === undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw opsException('SYS-0160', `data ${dataRoot}: ${problemText(error)}`, {
      data: { dataRoot },
      cause: error,
    });
  }
}

function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
