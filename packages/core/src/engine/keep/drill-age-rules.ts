import { setNameOf } from '../../keep/backup/backup-names.ts';
import '../../keep/restore/restore-errors.ts';
import type { AlertSignal } from '../../watch/alerts/alert.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import type { BackupListing } from './keep-store.ts';
import type { OverdueLook, OverdueRule } from './overdue-rules.ts';

const DAY_MS = 86_400_000;
const ENDING = ':drill';

/** True for the key of an alert about a drill that is overdue. */
export function isDrillKey(dedupKey: string): boolean {
  return dedupKey.startsWith('backup:') && dedupKey.endsWith(ENDING);
}

/**
 * A source whose last good drill is too long ago: nobody knows any more whether its backups come back. One that never
 * had a drill counts from when its backups were first looked at.
 */
export const drillRule: OverdueRule = {
  isKey: isDrillKey,
  dueAtMs: (source, { drillMaxAgeMs }, listing) =>
    (lastGoodMs(source, listing) ?? listing.sinceMs) + drillMaxAgeMs,
  raise: overdue,
  over: 'a drill has passed again',
};

/** The newest drill is the first of its list. */
function lastGoodMs({ id }: BackupSourceConfig, { drills }: BackupListing): number | undefined {
  const set = setNameOf(id);
  return drills.find(({ source, outcome }) => source === set && outcome === 'passed')?.atMs;
}

function overdue(
  source: BackupSourceConfig,
  { backup, listing, nowMs }: OverdueLook & { readonly backup: BackupConfig },
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
