import { createHash } from 'node:crypto';
import type { CatalogueEntry } from '../../keep/backup/backup-catalogue.ts';
import type { DeletedContent } from '../../keep/backup/coverage-index.ts';
import { NOT_OURS, type PruneReport, pruneBackups } from '../../keep/backup/prune-backups.ts';
import type { KeepPolicy } from '../../keep/backup/prune-rules.ts';
import { readGuardMemory, writeGuardMemory } from '../../keep/maintenance/guard-memory.ts';
import { clockDoubt, mustShowFirst, remember } from '../../keep/retention/retention-guards.ts';
import type { BackupConfig, BackupSourceConfig } from '../config/keep-config.ts';
import { forgettingOf } from './archive-age.ts';
import { clockEvidenceOf } from './clock-evidence.ts';
import type { KeepRun } from './keep-acts.ts';
import { learnHolds } from './keep-holds.ts';
import { isOfSource, requireBackup, withRoot } from './keep-roots.ts';
import { readKeepState } from './keep-state.ts';
import { daysToFull } from './space-forecast.ts';

/**
 * Prunes the backups of one source in every place, by the policy of the config; those of anybody else in the same root
 * stay. The guards of source data stand before it, too: a clock in doubt prunes nothing for one run, and rules that
 * changed are shown once first. The caller holds the lock of the first place. @returns how many backups went.
 */
export async function pruneSource(run: KeepRun, source: BackupSourceConfig): Promise<number> {
  const backup = requireBackup(run);
  const { to, copyTo } = backup;
  const policy = keepPolicyOf(backup, run.request.timeZone);
  if (policy === undefined) return 0;
  learnHolds(run, source);
  const places = [await prunePlace(run, source, { backupRoot: to, policy })];
  if (copyTo !== undefined) {
    const second = { backupRoot: copyTo, policy };
    places.push(await withRoot(run, copyTo, () => prunePlace(run, source, second)));
  }
  const over = places.flatMap(({ overQuota }) => overQuota ?? []);
  if (over.length > 0) {
    const message = `${over.join('; ')}: all that is left must stay; enlarge the quota, or give rules an archiveDays`;
    run.note({ source: source.id, code: 'BAT-0530', message, standing: true });
  }
  return places.reduce((sum, { removed }) => sum + removed, 0);
}

interface PruneEnd {
  readonly removed: number;
  /** What is used beyond the quota after all that may go is gone, in words. */
  readonly overQuota?: string;
}

interface PrunedPlace {
  readonly backupRoot: string;
  readonly policy: KeepPolicy;
}

async function prunePlace(
  run: KeepRun,
  source: BackupSourceConfig,
  { backupRoot, policy }: PrunedPlace,
): Promise<PruneEnd> {
  const { services, request, log, note } = run;
  const { stateFolder, runId, retention } = request;
  const nowMs = services.clock.now();
  const guarded = `prune ${source.id} ${backupRoot}`;
  const place = { stateFolder, runId, dataRoot: guarded };
  const memory = readGuardMemory(services.files, place);
  const hash = hashOf(policy, retention);
  const evidence = await clockEvidenceOf(run, guarded);
  const doubt = clockDoubt({ ...evidence, nowMs }, memory);
  const shows = mustShowFirst(hash, memory);
  const report = pruneBackups(services, {
    backupRoot,
    policy,
    mayForget: forgettingOf(run, source),
    isOurs: (entry: CatalogueEntry) => isOfSource(entry, source),
    dryRun: doubt !== undefined || shows,
  });
  const { removed, machines } = report;
  if (machines.length > 0) {
    const message = `${machines.join(' and ')} both write backups of ${source.id} into ${backupRoot}; give each a folder or id of its own`;
    note({ source: source.id, code: 'BAT-0509', message, standing: true });
  }
  const isShown = shows && removed.length > 0;
  const outcome = doubt !== undefined ? 'held' : isShown ? 'shown' : 'applied';
  writeGuardMemory(services.files, place, remember(memory, { ...evidence, nowMs, hash, outcome }));
  if (outcome === 'applied') {
    for (const { id, keep, reasons } of report.decisions)
      if (!keep) log(`pruned backup ${id} in ${backupRoot}: ${reasons.join(', ')}`);
    return { removed: removed.length, ...overQuota(run, { backupRoot, policy, report }) };
  }
  if (removed.length === 0) return { removed: 0 };
  const named = removed.length > 3 ? [...removed.slice(0, 3), '…'] : removed;
  const would = `${removed.length} backups in ${backupRoot} (${named.join(', ')})`;
  const held =
    doubt === undefined
      ? { code: 'BAT-0524', message: `the rules for backups changed; the next run would prune ${would}` }
      : { code: 'BAT-0523', message: `${doubt}; nothing of ${would} was pruned` };
  note({ source: source.id, ...held, standing: false });
  return { removed: 0 };
}

/** The quota never takes what must stay; then somebody has to make room, and is told how long there is. */
function overQuota(
  { services: { files, clock }, request: { stateFolder } }: KeepRun,
  { backupRoot, policy, report }: PrunedPlace & { readonly report: PruneReport },
): Pick<PruneEnd, 'overQuota'> {
  const { quotaBytes } = policy;
  const kept = report.decisions.filter(({ keep, reasons }) => keep && !reasons.includes(NOT_OURS));
  const bytes = kept.reduce((sum, { backup }) => sum + backup.bytes, 0);
  if (quotaBytes === undefined || bytes <= quotaBytes) return {};
  const now = { backupRoot, atMs: clock.now(), freeBytes: files.space(backupRoot).freeBytes };
  const trend = daysToFull(readKeepState(files, stateFolder)?.space ?? [], now);
  const when = trend === undefined ? '' : `, the disk is ${trend}`;
  return { overQuota: `backups in ${backupRoot} take ${bytes} bytes, the quota is ${quotaBytes}${when}` };
}

/** The keep policy of a config; undefined when every backup is to stay. */
export function keepPolicyOf({ keep }: BackupConfig, timeZone: string): KeepPolicy | undefined {
  const { last, hourly, daily, weekly, monthly, yearly, withinMs, quotaBytes } = keep;
  const isCounted = last + hourly + daily + weekly + monthly + yearly > 0 || withinMs !== undefined;
  if (!isCounted && quotaBytes === undefined) return undefined;
  return {
    keepLast: last,
    keepHourly: hourly,
    keepDaily: daily,
    keepWeekly: weekly,
    keepMonthly: monthly,
    keepYearly: yearly,
    keepWithinMs: withinMs,
    quotaBytes,
    timeZone,
  };
}

/** For pruning that an operator asks for: what any of the sources may forget. Nobody forgets while a clock is in doubt. */
export async function mayForgetOf(
  run: Pick<KeepRun, 'services' | 'request'>,
  backupRoot: string,
): Promise<(content: DeletedContent) => boolean> {
  const { services, request } = run;
  const nowMs = services.clock.now();
  const answers = await Promise.all(
    request.sources.map(async (source) => {
      const guarded = `prune ${source.id} ${backupRoot}`;
      const memory = readGuardMemory(services.files, { stateFolder: request.stateFolder, dataRoot: guarded });
      const doubt = clockDoubt({ ...(await clockEvidenceOf(run, guarded)), nowMs }, memory);
      return doubt === undefined ? forgettingOf(run, source) : () => false;
    }),
  );
  return (content) => answers.some((mayForget) => mayForget(content));
}

/** Everything that decides which backups go. */
function hashOf(policy: KeepPolicy, retention: KeepRun['request']['retention']): string {
  const ages = retention.map(({ match, source, archiveMs }) => [match, source ?? '', archiveMs ?? 'forever']);
  return createHash('sha256')
    .update(JSON.stringify([policy, ages]))
    .digest('hex');
}
