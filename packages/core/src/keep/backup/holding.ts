import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { requireBackup } from './backup-catalogue.ts';
import { backupError } from './backup-errors.ts';
import { type BackupHold, HoldSchema } from './backup-hold.ts';
import { partialName } from './backup-names.ts';
import { guardRoot, replaceSmallFile } from './backup-root.ts';
import { removeOwn } from './remove-own.ts';

/** Which backup to hold. */
export interface HoldRequest {
  readonly backupRoot: string;
  readonly id: string;
  readonly runId: string;
  readonly hold: BackupHold;
}

/**
 * Puts a backup under a hold, in place of an earlier one; durable when it returns. The caller holds the lock of the root.
 * @throws INP-0804 when there is no such backup, INP-0803 without reason or owner, SYS-0142.
 */
export function holdBackup(files: KeepFiles, { backupRoot, id, runId, hold }: HoldRequest): void {
  const parsed = HoldSchema.safeParse(hold);
  if (!parsed.success) {
    throw backupError(
      'INP-0803',
      `hold of ${id}: ${z.prettifyError(parsed.error)}; give a reason and an owner`,
    );
  }
  const { names } = requireBackup(files, backupRoot, id);
  guardRoot(backupRoot, () => {
    replaceSmallFile(files, `${backupRoot}/${names.hold}`, {
      text: `${JSON.stringify(parsed.data)}\n`,
      partial: `${backupRoot}/${partialName(names.hold, runId)}`,
    });
    files.syncFolder(backupRoot);
  });
}

/**
 * Ends the hold of a backup; who did it and why is for the audit of the caller. @returns false when there was none.
 * @throws INP-0804, SYS-0142.
 */
export function releaseBackup(files: KeepFiles, backupRoot: string, id: string): boolean {
  const { names } = requireBackup(files, backupRoot, id);
  return guardRoot(backupRoot, () => {
    const removed = removeOwn(files, backupRoot, names.hold);
    if (removed) files.syncFolder(backupRoot);
    return removed;
  });
}
