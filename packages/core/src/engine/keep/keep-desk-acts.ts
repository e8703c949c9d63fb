import { randomId } from '../../adapters/clock-system/random-id.ts';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import type { KeepActName } from '../../client/keep-client.ts';
import type { ActResult } from '../../client/ops-client.ts';
import { AuditedActs, osUserAuthorizer } from '../../guard/access/manual-acts.ts';
import type { CatalogueEntry } from '../../keep/backup/backup-catalogue.ts';
import { type PruneReport, pruneBackups } from '../../keep/backup/prune-backups.ts';
import { verifyBackup } from '../../keep/backup/verify-backup.ts';
import { restoreBackup } from '../../keep/restore/restore-backup.ts';
import type { RestoreProgress, RestoreReport, RestoreSelection } from '../../keep/restore/restore-request.ts';
import { type ManualAction, requireManualAction } from '../../kernel/actor.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { Progress } from '../../ports/target.ts';
import { performKeepAct } from './keep-acts.ts';
import {
  type DeskChoice,
  deskRoots,
  findBackup,
  type KeepDesk,
  requireBackupConfig,
  requireKnown,
  storeOf,
} from './keep-desk.ts';
import { learnHolds } from './keep-holds.ts';
import { leaveState } from './keep-leaving.ts';
import { keepPolicyOf, mayForgetOf } from './keep-prune.ts';
import { recordKeepAct } from './keep-record.ts';
import type { KeepReport } from './keep-request.ts';
import { isOfSource, withRoot } from './keep-roots.ts';
import { type KeepOrder, keepRequest } from './keep-runner.ts';

/** How a program follows an act that it does itself. */
export interface DeskFollow {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly log: (line: string) => void;
}

/**
 * Does what a target of the config would do, in this process. @throws what the act throws, INP-0806, and INP-0302 for
 * a source the config does not name.
 */
export function performHere(
  desk: KeepDesk,
  order: Omit<KeepOrder, 'runId' | 'nowMs'>,
  follow: DeskFollow,
): Promise<KeepReport> {
  const { services, config, stateFolder } = desk;
  requireKnown(requireBackupConfig(desk), order.sources);
  if (config === undefined) throw opsException('INP-0806', 'backup: there is no config');
  const storePath = storeOf(desk);
  const known = { config, stateFolder, ...(storePath === undefined ? {} : { storePath }) };
  const request = keepRequest(known, { ...order, runId: randomId(), nowMs: services.clock.now() });
  return performKeepAct({ services, request, ...follow });
}

/** What became of one backup that was read back. */
export interface DeskVerification {
  readonly id: string;
  readonly backupRoot: string;
  readonly files: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** Reads one backup back, whatever its age. @throws SYS-0104 when it is not what it should be; INP-0804, SYS-0126. */
export async function verifyHere(
  desk: KeepDesk,
  choice: DeskChoice,
  follow: DeskFollow,
): Promise<DeskVerification> {
  const { backupRoot, entry } = findBackup(desk, choice);
  const { clock } = desk.services;
  const startedMono = clock.mono();
  const totalBytes = entry.manifest?.sourceBytes ?? 0;
  const { id } = entry;
  return inRoot(desk, { backupRoot, act: 'verify', ...follow }, async (runId) => {
    const verified = await verifyBackup(desk.services, {
      ...{ backupRoot, id, runId, signal: follow.signal },
      onProgress: (bytes) =>
        follow.progress({
          done: Math.min(bytes, totalBytes),
          ...(totalBytes > 0 ? { total: totalBytes } : {}),
          unit: 'B',
          message: id,
        }),
    });
    const { recordCount, sourceBytes } = verified.manifest;
    verified.close();
    const durationMs = clock.mono() - startedMono;
    return { id, backupRoot, files: recordCount, bytes: sourceBytes, durationMs };
  });
}

/** What pruning did, or would do, to one root. */
export interface DeskPrune extends PruneReport {
  readonly backupRoot: string;
}

/** Prunes the backups by the policy of the config. @throws INP-0806, SYS-0126, SYS-0142. */
export async function pruneHere(
  desk: KeepDesk,
  { dryRun, ...follow }: DeskFollow & { readonly dryRun: boolean },
): Promise<readonly DeskPrune[]> {
  const { services, config, stateFolder } = desk;
  const backup = requireBackupConfig(desk);
  const policy = keepPolicyOf(backup, config?.timeZone ?? 'UTC');
  if (policy === undefined || config === undefined) return [];
  const nowMs = services.clock.now();
  const order = { act: 'backup', full: false, runId: randomId(), nowMs } as const;
  const request = keepRequest({ config, stateFolder }, order);
  if (!dryRun)
    for (const source of request.sources) learnHolds({ services, request, log: follow.log }, source);
  const isOurs = (entry: CatalogueEntry) => backup.sources.some((source) => isOfSource(entry, source));
  const reports: DeskPrune[] = [];
  for (const { backupRoot } of deskRoots(desk)) {
    if (services.files.facts(backupRoot) === undefined) continue;
    const mayForget = await mayForgetOf({ services, request }, backupRoot);
    const prune = async () => pruneBackups(services, { backupRoot, policy, mayForget, isOurs, dryRun });
    const report = dryRun
      ? await prune()
      : await inRoot(desk, { backupRoot, act: 'prune', ...follow }, prune);
    reports.push({ backupRoot, ...report });
  }
  return reports;
}

/** What is to be restored, and where. */
export interface DeskRestore {
  readonly choice: DeskChoice;
  /** Absolute path of a new or empty folder; absent: in place, where the files came from. */
  readonly to?: string | undefined;
  readonly selection?: RestoreSelection | undefined;
  readonly salvage: boolean;
  /** Who answers for the hold on the restored files. */
  readonly owner: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RestoreProgress) => void;
}

/**
 * Brings files of a backup back; files that come back where rules apply are held, so that the next run does not delete
 * them again. @throws what `restoreBackup` throws.
 */
export function restoreHere(desk: KeepDesk, request: DeskRestore): Promise<RestoreReport> {
  const { choice, to, owner, ...rest } = request;
  const { backupRoot, entry } = findBackup(desk, choice);
  const { stateFolder, services, config } = desk;
  const source = entry.manifest?.source;
  const paths = config?.keep.backup?.sources.map(({ path }) => path) ?? [];
  // The rules of every source may apply there: files come back into another one, or the sources have changed since.
  const dataRoot = paths.find((path) => path === source || realOf(desk, path) === source) ?? source;
  const alsoIn = paths.filter((path) => path !== dataRoot);
  return restoreBackup(services, {
    ...rest,
    runId: randomId(),
    backupRoot,
    id: entry.id,
    target: to === undefined ? { kind: 'in-place' } : { kind: 'folder', folder: to },
    ...(dataRoot === undefined ? {} : { hold: { stateFolder, dataRoot, alsoIn, owner } }),
  });
}

function realOf({ services }: KeepDesk, path: string): string | undefined {
  return services.files.facts(path) === undefined ? undefined : services.files.realPath(path);
}

/**
 * Writes the audit row of an act into the store itself, where no engine runs; undefined where there is no store yet.
 * @throws INP-0302, INP-0303, and the errors of the store.
 */
export async function recordHere(
  desk: KeepDesk,
  act: { readonly act: KeepActName; readonly subject: string; readonly by: ManualAction },
): Promise<ActResult | undefined> {
  requireManualAction(act.by, act.act.toLowerCase());
  const path = storeOf(desk);
  if (path === undefined) return undefined;
  const { clock, host } = desk.services;
  await using store = await openSqliteStore({ path, now: () => clock.now() });
  const acts = new AuditedActs({ store, authorizer: osUserAuthorizer, clock, host });
  return await recordKeepAct(acts, (changes) => store.commit(changes), act);
}

/** Does something in a root while no other run does, and leaves for the engine what the roots hold then. */
export function inRoot<T>(
  desk: KeepDesk,
  { backupRoot, act, ...follow }: DeskFollow & { readonly backupRoot: string; readonly act: string },
  work: (runId: string) => Promise<T>,
): Promise<T> {
  const { services, config, stateFolder } = desk;
  const runId = randomId();
  const backup = config?.keep.backup;
  const known = { stateFolder, runId, ...(backup === undefined ? {} : { backup }) };
  const request = { ...known, timeZone: config?.timeZone ?? 'UTC', retention: [], full: false, sources: [] };
  const run = { services, request: { ...request, act: 'verify' as const }, ...follow, note: () => undefined };
  return withRoot(run, backupRoot, async () => {
    try {
      return await work(runId);
    } finally {
      if (backup !== undefined)
        leaveState({ services, request: { ...known, act, sources: [] }, log: follow.log }, []);
    }
  });
}
