import type { BackupsView } from '../../client/keep-client.ts';
import { setNameOf } from '../../keep/backup/backup-names.ts';
import { findError } from '../../kernel/define-errors.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { Execution } from '../../run/executions/execution.ts';
import type { Alert, AlertSignal } from '../../watch/alerts/alert.ts';
import type { BackupReading } from '../../watch/health/self-readers.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import { isDrillKey } from './drill-age-rules.ts';
import type { BackupRow, KeepNote, KeepState } from './keep-state.ts';
import type { BackupListing } from './keep-store.ts';
import type { OverdueLook, OverdueRule } from './overdue-rules.ts';

/** Begins the key of every alert about a source's backups. */
const KEY_PREFIX = 'backup:';
/** A run that was stopped: its record says so already, and whoever must hear of that does. */
const STOPPED_CODE = 'BAT-0506';

/** The listing that follows from what a run left, after the one before. */
export function nextListing(before: BackupListing | undefined, state: KeepState): BackupListing {
  const { runId, act, atMs, backups, notes, drills } = state;
  return { runId, act, atMs, sinceMs: before?.sinceMs ?? atMs, backups, notes, drills };
}

/**
 * The listing with a standing note when a run ended and left nothing, because it was killed: then the rows are those of
 * the run before, and nobody may take them for those of now. The next run that leaves its state ends the note.
 */
export function withoutNews(
  listing: BackupListing | undefined,
  { state, ended }: { readonly state: KeepState | undefined; readonly ended: readonly Execution[] },
): BackupListing | undefined {
  const killed = ended.findLast(
    ({ id, status, startedAtMs, endedAtMs = 0 }) =>
      status !== 'SUCCESS' &&
      startedAtMs !== undefined &&
      state?.runId !== id &&
      (state?.atMs ?? 0) < endedAtMs,
  );
  if (listing === undefined || killed === undefined) return listing;
  const { id, jobId, endedAtMs = 0 } = killed;
  const of = listing.runId === '' ? 'no run' : new Date(listing.atMs).toISOString();
  const message = `run ${id} of ${jobId} ended at ${new Date(endedAtMs).toISOString()} without saying what there is now; this list is of ${of}`;
  const note = { act: 'list', source: 'backup-list', code: 'BAT-0510', message, standing: true };
  return { ...listing, notes: [...listing.notes.filter(({ code }) => code !== note.code), note] };
}

/** Ids of backups that were read back since the listing before. */
export function newlyVerified(before: BackupListing | undefined, after: BackupListing): readonly string[] {
  const known = new Set(before?.backups.map(verificationOf));
  const fresh = after.backups.filter(
    (row) => row.verifiedAtMs !== undefined && !known.has(verificationOf(row)),
  );
  return fresh.map(({ id }) => id);
}

function verificationOf({ backupRoot, id, verifiedAtMs }: BackupRow): string {
  return `${backupRoot} ${id} ${verifiedAtMs ?? 'never'}`;
}

/**
 * The newest verified backup of a whole source; its age is what counts, not when it was last read back. A second copy
 * counts as well: it can be restored from.
 */
function newestVerified(rows: readonly BackupRow[], source: BackupSourceConfig): BackupRow | undefined {
  const set = setNameOf(source.id);
  const verified = rows.filter((row) => row.source === set && row.state === 'verified');
  return verified.toSorted((a, b) => b.madeAtMs - a.madeAtMs)[0];
}

/** For the check of backups: how old the newest verified backup of every source is. */
export function backupReadings(
  backup: BackupConfig | undefined,
  listing: BackupListing | undefined,
): readonly BackupReading[] {
  if (backup === undefined) return [];
  return backup.sources.map((source) => {
    const newest = newestVerified(listing?.backups ?? [], source);
    const made = newest === undefined ? {} : { verifiedAtMs: newest.madeAtMs };
    const since = listing === undefined ? {} : { watchedSinceMs: listing.sinceMs };
    return { id: source.id, ...made, ...since, maxAgeMs: backup.maxAgeMs };
  });
}

/** What every door shows. */
export function backupsView(
  backup: BackupConfig | undefined,
  listing: BackupListing | undefined,
): BackupsView {
  const rows = listing?.backups ?? [];
  const notes = (listing?.notes ?? []).map(({ source, code, message, standing }) => {
    return { source, code, message, standing };
  });
  const known = {
    ...(listing === undefined || listing.runId === '' ? {} : { atMs: listing.atMs }),
    backups: rows,
    notes,
    drills: listing?.drills ?? [],
  };
  if (backup === undefined) return { ...known, configured: false, sources: [] };
  const { to, copyTo, maxAgeMs, sources } = backup;
  return {
    ...known,
    configured: true,
    backupRoot: to,
    ...(copyTo === undefined ? {} : { copyTo }),
    maxAgeMs,
    sources: sources.map((source) => {
      const verifiedAtMs = newestVerified(rows, source)?.verifiedAtMs;
      return { id: source.id, path: source.path, ...(verifiedAtMs === undefined ? {} : { verifiedAtMs }) };
    }),
  };
}

/** What the notes of a listing mean for alerts: standing ones last until they are no longer said. */
export function noteSignals(
  open: readonly Alert[],
  {
    before,
    after,
    atMs,
  }: { readonly before: BackupListing | undefined; readonly after: BackupListing; readonly atMs: number },
): readonly AlertSignal[] {
  const standing = after.notes.filter((note) => note.standing);
  const wanted = new Set(standing.map(keyOf));
  const shown = new Map(open.map(({ dedupKey, message }) => [dedupKey, message]));
  const isNewRun = before?.runId !== after.runId;
  const over = open.filter(({ dedupKey }) => isOfNote(dedupKey) && !wanted.has(dedupKey));
  return [
    ...over.map(({ dedupKey }) => {
      return { kind: 'resolve' as const, dedupKey, message: 'the last run no longer says so', atMs };
    }),
    ...standing
      .filter((note) => shown.get(keyOf(note)) !== note.message)
      .map((note) => raise(note, { atMs })),
    ...after.notes
      .filter((note) => !note.standing && isNewRun && note.code !== STOPPED_CODE)
      .map((note) => raise(note, { atMs, runId: after.runId })),
  ];
}

/** A source without a backup that is young enough and was read back. */
export const staleRule: OverdueRule = {
  isKey: (dedupKey) => dedupKey.endsWith(':stale') && isOurs(dedupKey),
  dueAtMs: (source, { maxAgeMs }, listing) =>
    (newestVerified(listing.backups, source)?.madeAtMs ?? listing.sinceMs) + maxAgeMs,
  raise: stale,
  over: 'there is a verified backup again',
};

function stale(
  source: BackupSourceConfig,
  { backup, listing, nowMs }: OverdueLook & { readonly backup: BackupConfig },
): Extract<AlertSignal, { kind: 'raise' }> {
  const newest = newestVerified(listing.backups, source);
  const last =
    newest === undefined
      ? 'there is no verified backup of it'
      : `the newest verified backup is of ${new Date(newest.madeAtMs).toISOString()}`;
  return {
    kind: 'raise',
    dedupKey: `${KEY_PREFIX}${source.id}:stale`,
    alertType: 'BACKUP_FAILED',
    level: 'ERROR',
    title: `[BACKUP_STALE] ${source.id}`,
    message: `backup of ${source.id} is stale: ${last}; allowed age ${Math.round(backup.maxAgeMs / 60_000)} min; run: qts-ops backup run`,
    labels: { source: source.id },
    atMs: nowMs,
  };
}

function raise(
  note: KeepNote,
  { atMs, runId }: { readonly atMs: number; readonly runId?: string },
): AlertSignal {
  const { source, code, message } = note;
  const level: AlertLevel = findError(code)?.definition.severity ?? 'WARN';
  return {
    kind: 'raise',
    dedupKey: runId === undefined ? keyOf(note) : `${keyOf(note)}:${runId}`.slice(0, 255),
    alertType: 'BACKUP_FAILED',
    level,
    title: `[BACKUP] ${source}`,
    message: `${source}: ${code} ${message}`,
    labels: { source },
    ...(findError(code) === undefined ? {} : { errorCode: code }),
    ...(runId === undefined ? {} : { event: true }),
    atMs,
  };
}

function keyOf({ source, code }: KeepNote): string {
  return `${KEY_PREFIX}${source}:${code}`.slice(0, 255);
}

function isOurs(dedupKey: string): boolean {
  return dedupKey.startsWith(KEY_PREFIX);
}

function isOfNote(dedupKey: string): boolean {
  return isOurs(dedupKey) && !dedupKey.endsWith(':stale') && !isDrillKey(dedupKey);
}
