import { posix } from 'node:path';
import { systemCode } from '../../keep/backup/backup-errors.ts';
import { HOLDS_ENTRY } from '../../keep/backup/backup-names.ts';
import type { ExtraFile } from '../../keep/backup/backup-run.ts';
import { isInside } from '../../keep/backup/source-scan.ts';
import { realPathOf } from '../../keep/maintenance/root-places.ts';
import type { Hold } from '../../keep/retention/hold.ts';
import { copyHolds, gatherHolds, holdsCopyOf, knownHoldLines } from '../../keep/retention/hold-copies.ts';
import {
  type HeldPaths,
  heldPaths,
  type PathAlias,
  standingHolds,
  underAliases,
} from '../../keep/retention/hold-rules.ts';
import { HOLDS_FILE } from '../../keep/retention/holds-file.ts';
import { appendOwnLines, readOwnText } from '../../keep/retention/state-lines.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import type { KeepRequest } from './keep-request.ts';
import { realPathOr, setOf } from './keep-roots.ts';

/** What looking for holds needs. */
export interface HoldsQuestion {
  readonly services: { readonly files: KeepFiles; readonly clock: Clock };
  readonly request: Pick<KeepRequest, 'stateFolder' | 'backup'>;
}

/**
 * Learns from every place of backups which files are held, before anything is decided about them: the state folder may
 * be new, or older than the backups. @throws SYS-0161; then nothing may be deleted or forgotten.
 */
export function learnHolds(
  { services, request, log }: HoldsQuestion & Pick<KeepRun, 'log'>,
  source: BackupSourceConfig,
): void {
  for (const backupRoot of placesThere({ services, request })) {
    const place = { stateFolder: request.stateFolder, backupRoot, set: setOf(source) };
    const learned = gatherHolds(services.files, place);
    if (learned > 0) log(`${source.id}: ${learned} lines about holds came back from ${backupRoot}`);
  }
}

/**
 * The holds that stand now, as a run would know them after it has learned from every place; nothing is written.
 * @throws SYS-0161.
 */
export function holdsKnown(
  { services, request }: HoldsQuestion,
  sources: readonly BackupSourceConfig[],
): readonly Hold[] {
  const copies = placesThere({ services, request }).flatMap((backupRoot) =>
    sources.map((source) => holdsCopyOf({ backupRoot, set: setOf(source) })),
  );
  const lines = knownHoldLines(services.files, { stateFolder: request.stateFolder, copies });
  return standingHolds(lines, services.clock.now());
}

/** The holds that stand now, for the files of one source. @throws SYS-0161. */
export function heldIn(question: HoldsQuestion, source: BackupSourceConfig): HeldPaths {
  const { services, request } = question;
  const held = heldPaths(holdsKnown(question, [source]));
  return underAliases(held, aliasesOf(services.files, source, request.backup?.sources ?? []));
}

/** How the other sources call the files of one, where they overlap with it. */
export function aliasesOf(
  files: KeepFiles,
  source: BackupSourceConfig,
  sources: readonly BackupSourceConfig[],
): readonly PathAlias[] {
  const root = realPathOr(files, source.path);
  return sources.flatMap(({ path }) => {
    const other = realPathOr(files, path);
    if (other === root) return [];
    if (isInside(other, root)) return [{ from: '', to: `${posix.relative(other, root)}/` }];
    return isInside(root, other) ? [{ from: `${posix.relative(root, other)}/`, to: '' }] : [];
  });
}

/** Leaves the holds in a place of backups. The caller holds its lock. @throws SYS-0161. */
export function leaveHolds(
  { services, request }: HoldsQuestion,
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

/** Where a place is not there, nothing is backed up, copied or pruned, and so nothing goes. */
function placesThere({ services, request }: HoldsQuestion): readonly string[] {
  const { to, copyTo } = request.backup ?? {};
  return [to, copyTo].flatMap((place) =>
    place !== undefined && isThere(services.files, place) ? [place] : [],
  );
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
