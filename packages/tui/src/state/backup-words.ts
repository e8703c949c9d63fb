import type { BackupsView, BackupView, TargetView } from '@qts-ops/core/client';

/** State of a backup in one word. */
export type BackupWord = 'BROKEN' | 'UNVERIFIED' | 'VERIFIED';

/** State of a source in one word: whether a verified backup of it is young enough. */
export type SourceWord = 'NONE' | 'OVERDUE' | 'OK';

/** All words about backups and their sources, the gravest first. */
export const BACKUP_WORDS = ['BROKEN', 'NONE', 'OVERDUE', 'UNVERIFIED', 'VERIFIED', 'OK'] as const;

/** One of the sources that are backed up. */
export type BackupSource = BackupsView['sources'][number];

const WORDS: Readonly<Record<BackupView['state'], BackupWord>> = {
  broken: 'BROKEN',
  unverified: 'UNVERIFIED',
  verified: 'VERIFIED',
};

/** The word a backup shows. */
export function backupWord({ state }: BackupView): BackupWord {
  return WORDS[state];
}

/** The word a source shows at `nowMs`; worked out when it is read, so a backup that stopped is seen. */
export function sourceWord(
  { verifiedAtMs }: BackupSource,
  maxAgeMs: number | undefined,
  nowMs: number,
): SourceWord {
  if (verifiedAtMs === undefined) return 'NONE';
  return maxAgeMs !== undefined && nowMs - verifiedAtMs > maxAgeMs ? 'OVERDUE' : 'OK';
}

/** What keeps one backup apart from all others: the copy in the second place has the id of the first. */
export function backupKey({ id, source, copy }: BackupView): string {
  return `${source}/${id}${copy ? '/copy' : ''}`;
}

/** Newest first; a copy stands under the backup it was made from. */
export function orderBackups(backups: readonly BackupView[]): readonly BackupView[] {
  return backups.toSorted(
    (a, b) =>
      b.madeAtMs - a.madeAtMs || Number(a.copy) - Number(b.copy) || (backupKey(a) < backupKey(b) ? -1 : 1),
  );
}

/** The one thing that is worst about all backups; absent when nothing is. */
export function backupsTrouble(view: BackupsView, nowMs: number): 'BROKEN' | 'NONE' | 'OVERDUE' | undefined {
  if (!view.configured) return undefined;
  const words = view.sources.map((source) => sourceWord(source, view.maxAgeMs, nowMs));
  if (words.includes('NONE')) return 'NONE';
  if (words.includes('OVERDUE')) return 'OVERDUE';
  return view.backups.some(({ state }) => state === 'broken') ? 'BROKEN' : undefined;
}

/** Targets of backup and retention that run now. */
export function runningKeep(targets: Iterable<TargetView>): readonly TargetView[] {
  return [...targets].filter(({ kind, running }) => kind === 'keep' && running !== undefined);
}
