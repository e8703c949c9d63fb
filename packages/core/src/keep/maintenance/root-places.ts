import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import '../retention/retention-errors.ts';

/** A path without any link in it; undefined when it leads nowhere or cannot be looked at. */
export function realPathOf(files: KeepFiles, path: string): string | undefined {
  return orUndefined(() => files.realPath(path));
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
