import type { Catalogue, CatalogueEntry } from '../backup/backup-catalogue.ts';
import { restoreError } from './restore-errors.ts';

/** Which backup is meant when no id is given. */
export interface BackupChoice {
  /** First part of the names; may be left out when the root has one set only. */
  readonly set?: string | undefined;
  /** The newest made at this instant or before, ms; absent: the newest of all. */
  readonly atMs?: number | undefined;
}

/**
 * The backup to restore: the newest verified one, or where none is, the newest that is not broken.
 * @throws INP-0842 naming what there is.
 */
export function chooseBackup({ backups, backupRoot }: Catalogue, choice: BackupChoice = {}): CatalogueEntry {
  const sets = [...new Set(backups.map(setOf))].toSorted();
  const [only] = sets;
  const set = choice.set ?? (sets.length === 1 ? only : undefined);
  if (set === undefined || !sets.includes(set)) {
    const shown = sets.length === 0 ? 'none' : sets.join(', ');
    throw restoreError('INP-0842', `set: ${choice.set ?? 'not given'}; in ${backupRoot} there are: ${shown}`);
  }
  const { atMs = Number.POSITIVE_INFINITY } = choice;
  const candidates = backups.filter((backup) => setOf(backup) === set && backup.madeAtMs <= atMs);
  const found =
    candidates.find(({ state }) => state === 'verified') ??
    candidates.find(({ state }) => state !== 'broken');
  if (found !== undefined) return found;
  const when = choice.atMs === undefined ? '' : ` made by ${new Date(choice.atMs).toISOString()}`;
  throw restoreError('INP-0842', `set ${set} has no backup${when} that is not broken in ${backupRoot}`);
}

/** First part of the names of a backup, which is there even when its manifest cannot be read. */
export function setOf({ names, id }: Pick<CatalogueEntry, 'names' | 'id'>): string {
  return names.stem.slice(0, -id.length - 1);
}
