import { createHash } from 'node:crypto';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { BackupPlan } from '../backup/backup-plan.ts';
import { PlannedFiles } from '../backup/planned-files.ts';
import type { ExpiredFile } from '../retention/retention-policy.ts';

/** Paths that a manifest names one by one; more are told as their number. */
const NAMED_PATHS_MAX = 20;

/** A plan of exactly these files, in the order of the tree as the scan gave them. */
export function planExpired(
  files: KeepFiles,
  roots: { readonly dataRoot: string; readonly backupRoot: string },
  expired: readonly ExpiredFile[],
): BackupPlan {
  const { dataRoot, backupRoot } = roots;
  const rootFacts = files.facts(dataRoot);
  const planned = new PlannedFiles();
  const digest = createHash('sha256').update(JSON.stringify([dataRoot, backupRoot, 'expired']));
  for (const { path } of expired) {
    const facts = files.facts(`${dataRoot}/${path}`);
    // What is gone or exchanged since the scan is not backed up, and what is not in the backup is not deleted.
    if (facts?.kind !== 'file') continue;
    const slash = path.lastIndexOf('/') + 1;
    planned.add(path.slice(0, slash), path.slice(slash), facts);
    digest.update(`${path}\0${facts.size}\0${facts.ino}\0${facts.mtimeNs}\0${facts.ctimeNs}\n`);
  }
  return {
    ...{ sourceRoot: dataRoot, backupRoot, files: planned, skipped: [] },
    globs: globsOf(expired),
    sourceDev: rootFacts?.dev ?? 0n,
    sourceIno: rootFacts?.ino ?? 0n,
    planHash: digest.digest('hex'),
  };
}

/** A manifest without globs would claim that the backup holds everything. */
function globsOf(expired: readonly ExpiredFile[]): readonly string[] {
  if (expired.length > NAMED_PATHS_MAX) return [`(${expired.length} expired files)`];
  return expired.map(({ path }) => path.replaceAll(/[\\*?[\]{}!]/g, '\\$&'));
}
