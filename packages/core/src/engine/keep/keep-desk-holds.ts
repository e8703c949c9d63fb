import { randomId } from '../../adapters/clock-system/random-id.ts';
import { readMark } from '../../keep/backup/backup-root.ts';
import type { Hold } from '../../keep/retention/hold.ts';
import { addHold, endHold } from '../../keep/retention/holds-file.ts';
import type { BackupConfig } from '../config/keep-config.ts';
import { type PlacedGlob, placeGlobs } from './hold-globs.ts';
import { type KeepDesk, requireBackupConfig } from './keep-desk.ts';
import { holdsKnown, learnHolds, leaveHolds } from './keep-holds.ts';
import { withRoot } from './keep-roots.ts';
import { problemOf } from './problem-text.ts';

/** Short enough to be typed by an operator. */
const ID_CHARACTERS = 8;

/** Files of the sources that are to be kept whatever the rules say. */
export interface FileHoldWish {
  /** Relative to a source, or to `cwd`, or absolute there; one that names a folder holds everything in it. */
  readonly globs: readonly string[];
  /** Absolute path of the folder they were typed in; absent: they are relative to a source. */
  readonly cwd?: string | undefined;
  readonly reason: string;
  readonly owner: string;
  /** Instant at which it ends by itself, ms; absent: never. */
  readonly untilMs?: number | undefined;
}

/** A place of backups and whether it knows of every hold, so that they outlive the state folder. */
export interface HoldsPlaced {
  readonly backupRoot: string;
  /** Why it does not know yet; the next run that backs up there leaves them. Absent: it knows. */
  readonly problem?: string;
}

/** A hold that was given. */
export interface FileHold extends Hold {
  /** What each glob names in the sources now; nothing may be a slip, or lie in the backups alone. */
  readonly placed: readonly PlacedGlob[];
  readonly places: readonly HoldsPlaced[];
}

/**
 * The holds on files of the sources that stand now, those on restored files and those that only a place of backups
 * knows of among them. @throws SYS-0161.
 */
export function fileHolds(desk: KeepDesk): readonly Hold[] {
  const backup = desk.config?.keep.backup;
  return holdsKnown(questionOf(desk, backup), backup?.sources ?? []);
}

/**
 * Holds files of the sources, and what of them is in the backups, from the next batch of a deletion on; left in every
 * place of backups that can be reached and is not in use.
 * @throws INP-0802 naming a glob, INP-0806, INP-0822 naming the field, SYS-0161.
 */
export async function holdFilesHere(desk: KeepDesk, wish: FileHoldWish): Promise<FileHold> {
  const backup = requireBackupConfig(desk);
  const { services, stateFolder } = desk;
  const { files } = services;
  const id = randomId().slice(-ID_CHARACTERS);
  const placed = placeGlobs({ files, backup, stateFolder }, wish);
  const globs = placed.map(({ glob }) => glob);
  const request = { ...wish, globs, id };
  const hold = addHold(files, stateFolder, { request, nowMs: services.clock.now() });
  return { ...hold, placed, places: await leaveInPlaces(desk, backup) };
}

/**
 * Ends a hold; its lines stay on record, in the places of backups too.
 * @throws INP-0822, INP-0823 when none that stands has the id, SYS-0161.
 */
export async function releaseFilesHere(
  desk: KeepDesk,
  release: { readonly id: string; readonly reason: string; readonly operator: string },
): Promise<readonly HoldsPlaced[]> {
  const { services, stateFolder, config } = desk;
  const backup = config?.keep.backup;
  const learning = { ...questionOf(desk, backup), log: () => undefined };
  for (const source of backup?.sources ?? []) learnHolds(learning, source);
  endHold(services.files, stateFolder, { ...release, nowMs: services.clock.now() });
  return backup === undefined ? [] : leaveInPlaces(desk, backup);
}

function questionOf({ services, stateFolder }: KeepDesk, backup: BackupConfig | undefined) {
  return { services, request: { stateFolder, ...(backup === undefined ? {} : { backup }) } };
}

/** What cannot be left now does not undo the hold: every run leaves what is missing. */
async function leaveInPlaces(desk: KeepDesk, backup: BackupConfig): Promise<readonly HoldsPlaced[]> {
  const placed: HoldsPlaced[] = [];
  for (const backupRoot of [backup.to, ...(backup.copyTo === undefined ? [] : [backup.copyTo])]) {
    try {
      placed.push({ backupRoot, ...(await leaveIn(desk, backup, backupRoot)) });
    } catch (error) {
      placed.push({ backupRoot, problem: problemOf(error) });
    }
  }
  return placed;
}

/** A place that no backup has marked yet is left alone: it may be where a disk is not mounted. */
async function leaveIn(
  { services, stateFolder, config }: KeepDesk,
  backup: BackupConfig,
  backupRoot: string,
): Promise<Pick<HoldsPlaced, 'problem'>> {
  const { files } = services;
  if (files.facts(backupRoot) === undefined || readMark(files, backupRoot) === undefined)
    return { problem: 'no backup was made there yet, or its disk is not there' };
  const request = { stateFolder, runId: randomId(), backup, sources: backup.sources, retention: [] };
  const run = {
    // Nobody waits for a run that may take an hour: it leaves them itself.
    services: { ...services, lockWait: undefined },
    request: { ...request, act: 'backup' as const, timeZone: config?.timeZone ?? 'UTC', full: false },
    ...{ signal: new AbortController().signal, progress: () => undefined, log: () => undefined },
    note: () => undefined,
  };
  await withRoot(run, backupRoot, async () => {
    for (const source of backup.sources) leaveHolds(run, source, backupRoot);
  });
  return {};
}
