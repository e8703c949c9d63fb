import { readCatalogue } from '../../keep/backup/backup-catalogue.ts';
import { holdBackup, releaseBackup } from '../../keep/backup/holding.ts';
import { type DeskChoice, deskRoots, findBackup, type KeepDesk } from './keep-desk.ts';
import { type DeskFollow, inRoot } from './keep-desk-acts.ts';
import { problemOf } from './problem-text.ts';

/** A hold on a backup, or its end. */
export interface DeskHold {
  readonly choice: DeskChoice;
  readonly reason: string;
  readonly owner: string;
  /** Instant at which it ends by itself, ms; absent: never. */
  readonly untilMs?: number | undefined;
}

/** A place that has a copy of a backup, or may have one. */
export interface HeldPlace {
  readonly backupRoot: string;
  /** Why nothing was done there; ask again when that is over. Absent: it was done. */
  readonly problem?: string;
}

/** A backup that was held or released. */
export interface DeskHeld {
  readonly id: string;
  readonly places: readonly HeldPlace[];
}

/**
 * Keeps a backup from being pruned, in every place that has it: each is pruned by itself.
 * @throws INP-0803, INP-0804, SYS-0126, SYS-0142 when that fails in the first of them.
 */
export async function holdHere(desk: KeepDesk, hold: DeskHold, follow: DeskFollow): Promise<DeskHeld> {
  const { choice, reason, owner, untilMs = null } = hold;
  const { files, clock } = desk.services;
  const made = { reason, owner, setAtMs: clock.now(), untilMs };
  return inEachPlace(desk, { choice, act: 'hold', ...follow }, ({ backupRoot, id, runId }) => {
    holdBackup(files, { backupRoot, id, runId, hold: made });
  });
}

/** Ends the hold of a backup, in every place that has it. @throws INP-0804, SYS-0126, SYS-0142. */
export async function releaseHere(
  desk: KeepDesk,
  choice: DeskChoice,
  follow: DeskFollow,
): Promise<DeskHeld & { readonly released: boolean }> {
  let released = false;
  const done = await inEachPlace(desk, { choice, act: 'release', ...follow }, ({ backupRoot, id }) => {
    released = releaseBackup(desk.services.files, backupRoot, id) || released;
  });
  return { ...done, released };
}

interface PlacedBackup {
  readonly backupRoot: string;
  readonly id: string;
  readonly runId: string;
}

async function inEachPlace(
  desk: KeepDesk,
  { choice, ...follow }: DeskFollow & { readonly choice: DeskChoice; readonly act: string },
  work: (placed: PlacedBackup) => void,
): Promise<DeskHeld> {
  const first = findBackup(desk, choice);
  const { id } = first.entry;
  const doIn = (backupRoot: string) =>
    inRoot(desk, { ...follow, backupRoot }, async (runId) => work({ backupRoot, id, runId }));
  await doIn(first.backupRoot);
  const places: HeldPlace[] = [{ backupRoot: first.backupRoot }];
  for (const { backupRoot } of deskRoots(desk)) {
    if (backupRoot === first.backupRoot) continue;
    try {
      const isThere = desk.services.files.facts(backupRoot) !== undefined;
      if (!isThere) places.push({ backupRoot, problem: 'there is no such folder; is its disk there?' });
      if (!isThere || !isIn(desk, backupRoot, id)) continue;
      await doIn(backupRoot);
      places.push({ backupRoot });
    } catch (error) {
      follow.signal.throwIfAborted();
      places.push({ backupRoot, problem: problemOf(error) });
    }
  }
  return { id, places };
}

function isIn({ services: { files } }: KeepDesk, backupRoot: string, id: string): boolean {
  return readCatalogue(files, backupRoot).backups.some((backup) => backup.id === id);
}
