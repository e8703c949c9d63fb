import { setNameOf } from '../../keep/backup/backup-names.ts';
import '../../keep/restore/restore-errors.ts';
import type { Alert, AlertSignal } from '../../watch/alerts/alert.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import type { BackupListing } from './keep-store.ts';

const DAY_MS = 86_400_000;
const ENDING = ':drill';

/** True for the key of an alert about a drill that is overdue. */
export function isDrillKey(dedupKey: string): boolean {
  return dedupKey.startsWith('backup:') && dedupKey.endsWith(ENDING);
}

/**
 * Sources whose last good drill is too long ago: nobody knows any more whether their backups come back. A source that
 * never had one counts from when its backups were first looked at.
 */
export function drillSignals(
  open: readonly Alert[],
  {
    backup,
    listing,
    nowMs,
  }: { readonly backup: BackupConfig | undefined; readonly listing: BackupListing; readonly nowMs: number },
): readonly AlertSignal[] {
  const late = new Map<string, AlertSignal>();
  for (const source of backup?.sources ?? []) {
    if (backup === undefined || nowMs < drillDueAtMs(source, backup, listing)) continue;
    const signal = overdue(source, { backup, listing, nowMs });
    late.set(signal.dedupKey, signal);
  }
  const shown = new Set(open.map(({ dedupKey }) => dedupKey));
  const over = open.filter(({ dedupKey }) => isDrillKey(dedupKey) && !late.has(dedupKey));
  return [
    ...over.map(({ dedupKey }) => {
      return { kind: 'resolve' as const, dedupKey, message: 'a drill has passed again', atMs: nowMs };
    }),
    ...[...late].filter(([dedupKey]) => !shown.has(dedupKey)).map(([, signal]) => signal),
  ];
}

/** When the next drill is overdue, ms UTC; undefined when none will be. */
export function nextDrillDueAtMs(
  backup: BackupConfig | undefined,
  listing: BackupListing | undefined,
  nowMs: number,
): number | undefined {
  if (backup === undefined || listing === undefined) return undefined;
  const times = backup.sources
    .map((source) => drillDueAtMs(source, backup, listing))
    .filter((atMs) => atMs > nowMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

function drillDueAtMs(
  source: BackupSourceConfig,
  { drillMaxAgeMs }: BackupConfig,
  listing: BackupListing,
): number {
  return (lastGoodMs(source, listing) ?? listing.sinceMs) + drillMaxAgeMs;
}

/** The newest drill is the first of its list. */
function lastGoodMs({ id }: BackupSourceConfig, { drills }: BackupListing): number | undefined {
  const set = setNameOf(id);
  return drills.find(({ source, outcome }) => source === set && outcome === 'passed')?.atMs;
}

function overdue(
  source: BackupSourceConfig,
  {
    backup,
    listing,
    nowMs,
  }: { readonly backup: BackupConfig; readonly listing: BackupListing; readonly nowMs: number },
): Extract<AlertSignal, { kind: 'raise' }> {
  const lastMs = lastGoodMs(source, listing);
  const last = lastMs === undefined ? 'none is on record' : `the last was ${new Date(lastMs).toISOString()}`;
  const days = Math.round((backup.drillMaxAgeMs / DAY_MS) * 10) / 10;
  return {
    kind: 'raise',
    dedupKey: `backup:${source.id}${ENDING}`,
    alertType: 'BACKUP_FAILED',
    level: 'WARN',
    title: `[DRILL_OVERDUE] ${source.id}`,
    message: `${source.id}: SYS-0187 no drill of its backups has passed for ${days} days: ${last}; run: qts-ops drill`,
    labels: { source: source.id },
    errorCode: 'SYS-0187',
    atMs: nowMs,
  };
}
