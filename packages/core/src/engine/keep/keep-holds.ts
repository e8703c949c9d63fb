import { posix } from 'node:path';
import { systemCode } from '../../keep/backup/backup-errors.ts';
import { HOLDS_ENTRY } from '../../keep/backup/backup-names.ts';
import type { ExtraFile } from '../../keep/backup/backup-run.ts';
import { realPathOf } from '../../keep/maintenance/root-places.ts';
import { copyHolds, gatherHolds } from '../../keep/retention/hold-copies.ts';
import { HOLDS_FILE } from '../../keep/retention/holds-file.ts';
import { appendOwnLines, readOwnText } from '../../keep/retention/state-lines.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import { setOf } from './keep-roots.ts';

type HoldsRun = Pick<KeepRun, 'services' | 'request' | 'log'>;

/**
 * Learns from every place of backups which files are held, before anything is decided about them: the state folder may
 * be new, or older than the backups. @throws SYS-0161; then nothing may be deleted or forgotten.
 */
export function learnHolds({ services, request, log }: HoldsRun, source: BackupSourceConfig): void {
  const { to, copyTo } = request.backup ?? {};
  for (const backupRoot of [to, copyTo]) {
    // Where a place is not there, nothing is backed up, copied or pruned, and so nothing goes.
    if (backupRoot === undefined || !isThere(services.files, backupRoot)) continue;
    const place = { stateFolder: request.stateFolder, backupRoot, set: setOf(source) };
    const learned = gatherHolds(services.files, place);
    if (learned > 0) log(`${source.id}: ${learned} lines about holds came back from ${backupRoot}`);
  }
}

/** Leaves the holds in a place of backups. The caller holds its lock. @throws SYS-0161. */
export function leaveHolds(
  { services, request }: Pick<KeepRun, 'services' | 'request'>,
  source: BackupSourceConfig,
  backupRoot: string,
): void {
  copyHolds(services.files, { stateFolder: request.stateFolder, backupRoot, set: setOf(source) });
}

/** The holds as an extra entry of a backup; nothing where nothing was ever held. @throws SYS-0161. */
export function holdsExtras({
  services,
  request,
}: Pick<KeepRun, 'services' | 'request'>): readonly ExtraFile[] {
  const text = readOwnText(services.files, posix.join(request.stateFolder, HOLDS_FILE)) ?? '';
  // What a crash left of a line was never confirmed.
  const lines = text.split('\n').slice(0, -1);
  if (lines.length === 0) return [];
  const make: ExtraFile['make'] = async (target) => appendOwnLines(services.files, target, lines);
  return [{ path: HOLDS_ENTRY, make }];
}

function isThere(files: KeepFiles, backupRoot: string): boolean {
  const real = realPathOf(files, backupRoot);
  try {
    return real !== undefined && files.facts(real)?.kind === 'folder';
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
