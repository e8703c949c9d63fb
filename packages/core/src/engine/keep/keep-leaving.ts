import type { Clock } from '../../ports/clock.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { BackupConfig } from '../config/keep-config.ts';
import type { KeepRequest } from './keep-request.ts';
import {
  type BackupRow,
  type KeepNote,
  listBackups,
  listDrills,
  readKeepState,
  type SpaceSample,
  writeKeepState,
} from './keep-state.ts';
import { rememberRoot } from './known-roots.ts';
import { problemOf } from './problem-text.ts';
import { daysToFull, nextSamples } from './space-forecast.ts';

/** Every run looks at the free space anew, whatever its act. */
const SPACE_ACT = 'space';
/** A backup like the newest one has to fit this many times, or its place is called low. */
const SPACE_FACTOR = 2;

/** What leaving the state needs. */
export interface LeavingParts {
  readonly services: { readonly files: KeepFiles; readonly clock: Clock };
  readonly request: Pick<KeepRequest, 'stateFolder' | 'runId' | 'backup' | 'sources'> & {
    readonly act: string;
  };
  readonly log: (line: string) => void;
}

interface Root {
  readonly backupRoot: string;
  readonly copy: boolean;
}

/**
 * Leaves in the state folder what the backup roots hold. What could not be listed keeps its last known rows: a hung or
 * lost disk does not make backups disappear. Standing notes of other acts and sources stay.
 * @throws SYS-0161.
 */
export function leaveState({ services, request, log }: LeavingParts, notes: readonly KeepNote[]): void {
  const { files, clock } = services;
  const { backup, stateFolder, runId, act, sources } = request;
  const before = readKeepState(files, stateFolder);
  const backups: BackupRow[] = [];
  const low: KeepNote[] = [];
  let space: readonly SpaceSample[] = before?.space ?? [];
  for (const root of rootsOf(backup)) {
    try {
      rememberRoot(files, { stateFolder, runId }, root.backupRoot);
      const rows = listBackups(files, root, clock.now());
      backups.push(...rows);
      const now = spaceOf(files, root, clock.now());
      if (now === undefined) continue;
      low.push(...spaceNotes(root, { rows, now, samples: space, reserveBytes: backup?.reserveBytes ?? 0 }));
      space = nextSamples(space, now);
    } catch (error) {
      log(`${root.backupRoot}: ${problemOf(error)}`);
      backups.push(...(before?.backups ?? []).filter((row) => row.backupRoot === root.backupRoot));
    }
  }
  const acted = new Set(sources.map(({ id }) => id));
  const said = new Set(notes.map(({ source, code }) => `${source} ${code}`));
  const others = (before?.notes ?? []).filter((note) => {
    if (!note.standing || note.act === SPACE_ACT) return false;
    if (note.act !== act || !acted.has(note.source)) return true;
    // A run that deletes nothing says nothing of it, and the only copies are where they were.
    const isOnlyCopy = note.code === 'BAT-0525' && backup?.copyTo === undefined;
    return isOnlyCopy && !said.has(`${note.source} ${note.code}`);
  });
  writeKeepState(files, stateFolder, {
    schema: 1,
    runId,
    act,
    atMs: clock.now(),
    backups,
    notes: [...others, ...low, ...notes],
    drills: [...listDrills(files, stateFolder)],
    space: [...space],
  });
}

function rootsOf(backup: BackupConfig | undefined): readonly Root[] {
  if (backup === undefined) return [];
  const { to, copyTo } = backup;
  const second = copyTo === undefined ? [] : [{ backupRoot: copyTo, copy: true }];
  return [{ backupRoot: to, copy: false }, ...second];
}

/** Undefined for a root that is not there yet. */
function spaceOf(files: KeepFiles, { backupRoot }: Root, atMs: number): SpaceSample | undefined {
  if (files.facts(backupRoot) === undefined) return undefined;
  return { backupRoot, atMs, freeBytes: files.space(backupRoot).freeBytes };
}

interface SpaceLook {
  readonly rows: readonly BackupRow[];
  readonly now: SpaceSample;
  readonly samples: readonly SpaceSample[];
  readonly reserveBytes: number;
}

/** Says before the next backup fails for it that the space of a place runs out, and when it will be gone. */
function spaceNotes(
  { backupRoot, copy }: Root,
  { rows, now, samples, reserveBytes }: SpaceLook,
): readonly KeepNote[] {
  const { freeBytes } = now;
  const neededBytes = reserveBytes + SPACE_FACTOR * (rows[0]?.bytes ?? 0);
  if (freeBytes >= neededBytes) return [];
  const trend = daysToFull(samples, now);
  const when = trend === undefined ? '' : `, ${trend}`;
  const message = `space is low in ${backupRoot}: ${freeBytes} bytes are free, ${neededBytes} are wanted${when}; free space or prune: qts-ops backup prune`;
  const source = copy ? 'second-place' : 'backup-root';
  return [{ act: SPACE_ACT, source, code: 'SYS-0140', message, standing: true }];
}
