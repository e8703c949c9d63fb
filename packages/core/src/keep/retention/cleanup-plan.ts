import type { VerifiedBackup } from '../backup/verify-backup.ts';
import type { ExpiredFile, KeptFile } from './retention-policy.ts';

/** What may be deleted on the strength of one verified backup. Carries the proof itself. */
export interface CleanupPlan {
  readonly backup: VerifiedBackup;
  readonly removable: readonly ExpiredFile[];
  readonly kept: readonly KeptFile[];
  /** Set when nothing may go: a file that was due could not be read or verified. */
  readonly refused?: string;
}

/** How strict a plan is. */
export interface PlanOptions {
  /** Files the backup wanted and could not keep, with the reason: unreadable, changing. */
  readonly unverified?: ReadonlyMap<string, string> | undefined;
  /** True: such a file is kept and the others may go. False (default): it makes the run delete nothing. */
  readonly deleteVerifiedSubset?: boolean | undefined;
}

/** Parts expired files into those that a verified backup holds and those that stay, each with its reason. */
export function planCleanup(
  expired: readonly ExpiredFile[],
  backup: VerifiedBackup,
  options: PlanOptions = {},
): CleanupPlan {
  const removable: ExpiredFile[] = [];
  const kept: KeptFile[] = [];
  const unverified: string[] = [];
  for (const file of expired) {
    const entry = backup.covers(file.path);
    const problem = options.unverified?.get(file.path);
    if (problem !== undefined) {
      unverified.push(file.path);
      kept.push(keptFile(file, { why: 'unreadable', detail: problem }));
    } else if (entry === undefined || entry.extra === true)
      kept.push(keptFile(file, { why: 'not-in-backup' }));
    else if (entry.state !== 'stable') kept.push(keptFile(file, { why: 'not-stable' }));
    else removable.push(file);
  }
  const first = unverified[0];
  if (first === undefined || options.deleteVerifiedSubset === true) return { backup, removable, kept };
  const more = unverified.length > 1 ? ` and ${unverified.length - 1} more` : '';
  return {
    backup,
    removable: [],
    kept: [...kept, ...removable.map((file) => keptFile(file, { why: 'strict', detail: `${first}${more}` }))],
    refused: `${first}${more}`,
  };
}

/** A candidate that stays, with its reason. */
export function keptFile(file: Pick<ExpiredFile, 'path' | 'size'>, reason: KeptFile['reason']): KeptFile {
  return { path: file.path, size: file.size, reason };
}
