import { isOpsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { guardTarget, restoreError } from './restore-errors.ts';
import { type RestorePlan, wantedEntries } from './restore-plan.ts';
import type { OpenTarget } from './restore-target.ts';
import { factsBelow, visitFiles } from './target-folders.ts';
import { STAGING_FOLDER } from './target-note.ts';

/** What must be in the target now. */
export interface ExpectedFiles {
  readonly plan: RestorePlan;
  readonly target: Pick<OpenTarget, 'root' | 'inPlace'>;
  /** Paths that a salvage could not bring back; they must not be there, or were there before. */
  readonly lost: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Compares the names and lengths in the target with what was asked for: nothing may be missing, and in a folder of its
 * own nothing may be too many. The content of each was compared before it got its name.
 * @throws SYS-0185 naming the first difference.
 */
export function checkSetEquality(files: KeepFiles, expected: ExpectedFiles): void {
  const { plan, target, lost, signal } = expected;
  guardTarget(target.root, () => {
    const missing = countMissing(files, expected);
    if (missing.count > lost)
      throw unequal(target.root, `${missing.count - lost} files are missing, first ${missing.first}`);
    if (target.inPlace) return;
    signal?.throwIfAborted();
    let found = 0;
    let stranger: string | undefined;
    visitFiles(files, target.root, (path, kind) => {
      if (path.startsWith(`${STAGING_FOLDER}/`)) return;
      found += 1;
      if (kind !== 'file') stranger ??= `${path} is a ${kind}`;
    });
    if (stranger !== undefined) throw unequal(target.root, stranger);
    const asked = plan.files - missing.count;
    if (found !== asked) throw unequal(target.root, `it holds ${found} files, ${asked} were restored`);
  });
}

/** True when a folder holds exactly the names and lengths that are asked for. */
export function holdsAll(files: KeepFiles, expected: Pick<ExpectedFiles, 'plan' | 'target'>): boolean {
  try {
    checkSetEquality(files, { ...expected, lost: 0, signal: undefined });
    return true;
  } catch (error) {
    if (isOpsException(error) && error.code === 'SYS-0185') return false;
    throw error;
  }
}

function countMissing(
  files: KeepFiles,
  { plan, target, signal }: ExpectedFiles,
): { count: number; first: string } {
  const manifest = files.openRead(plan.manifestPath);
  const missing = { count: 0, first: '' };
  try {
    for (const { path, size } of wantedEntries(plan, manifest)) {
      signal?.throwIfAborted();
      const facts = factsBelow(files, `${target.root}/${path}`);
      if (facts?.kind === 'file' && facts.size === size) continue;
      if (missing.count === 0) missing.first = path;
      missing.count += 1;
    }
    return missing;
  } finally {
    manifest.close();
  }
}

function unequal(root: string, what: string): Error {
  return restoreError('SYS-0185', `restore into ${root}: ${what}`, { data: { target: root } });
}
