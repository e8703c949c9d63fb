import { isOpsException, type OpsException } from '../../kernel/ops-exception.ts';
import { type CatalogueEntry, readCatalogue } from '../backup/backup-catalogue.ts';
import { problemText } from '../backup/backup-errors.ts';
import { backupNames, partialName } from '../backup/backup-names.ts';
import { guardRoot, openBackupRoot, readMark } from '../backup/backup-root.ts';
import { removeLeftovers } from '../backup/leftovers.ts';
import { removeOwn } from '../backup/remove-own.ts';
import { isInside } from '../backup/source-scan.ts';
import { setOf } from './choose-backup.ts';
import { compareRestored } from './compare-restored.ts';
import type { DrillCheck } from './drill-checks.ts';
import { type DrilledSet, type DrillRecord, recordDrill } from './drill-record.ts';
import { restoreBackup } from './restore-backup.ts';
import { restoreError } from './restore-errors.ts';
import { RestoreLocks } from './restore-locks.ts';
import type { RestoreProgress, RestoreServices } from './restore-request.ts';
import { realPlace } from './target-folders.ts';

/** What one drill is to try. */
export interface DrillRequest {
  /** UUID of the run. */
  readonly runId: string;
  readonly backupRoot: string;
  /** Where the record of drills is. */
  readonly stateFolder: string;
  /** Set for a full drill: a folder of its own, new, empty or used by drills before, outside the backup root. */
  readonly drillRoot?: string | undefined;
  /** Names of sets; default: every set of the backup root. */
  readonly sets?: readonly string[] | undefined;
  /** Asked for every file that a full drill has restored. */
  readonly check?: DrillCheck | undefined;
  /** False: the backup root is neither locked nor written to, for media that cannot be written. Default true. */
  readonly lock?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((set: string, progress: RestoreProgress) => void) | undefined;
}

/**
 * Tries out whether backups come back: by default the newest verified backup of each set is read, every byte of it, and
 * compared with its manifest, which needs no room. With a drill root it is restored there, compared once more with what
 * is on the disk then, looked at by the injected check, and removed. What was found out is put on record, a failure too.
 * @throws INP-0843 when there is nothing to try or the drill root cannot be one, SYS-0126 when another run holds the
 * backups, SYS-0161 when the record cannot be written, the reason of the signal.
 */
export async function runDrill(services: RestoreServices, request: DrillRequest): Promise<DrillRecord> {
  const locks = new RestoreLocks(services, request);
  try {
    if (request.lock !== false) await locks.takeBackups(request.backupRoot);
    const drillRoot =
      request.drillRoot === undefined ? undefined : openDrillRoot(services, request.drillRoot, request);
    if (drillRoot !== undefined) await locks.takeBackups(drillRoot);
    return await new Drill(services, request, drillRoot).run();
  } finally {
    locks.release();
  }
}

/** The failure of a drill as an alert; undefined when it passed. */
export function drillFailure({ outcome, sets, runId }: DrillRecord): OpsException | undefined {
  if (outcome === 'passed') return undefined;
  const failed = sets.filter((drilled) => drilled.outcome === 'failed');
  const what = failed.map(
    ({ set, backupId, problem }) => `${set} (${backupId ?? 'no backup'}): ${problem ?? 'failed'}`,
  );
  return restoreError('SYS-0186', `drill ${runId}: ${what.join('; ')}`, {
    data: { runId, sets: failed.map(({ set }) => set) },
  });
}

/** The drill root is marked as a backup root is, so that only what a drill made there is ever removed. */
function openDrillRoot(
  { files }: RestoreServices,
  folder: string,
  { backupRoot, runId }: DrillRequest,
): string {
  if (!folder.startsWith('/')) throw noDrillRoot(folder, 'it is not an absolute path');
  const facts = files.facts(folder);
  if (facts !== undefined && facts.kind !== 'folder') throw noDrillRoot(folder, `it is a ${facts.kind}`);
  if (facts !== undefined && files.list(folder).length > 0 && readMark(files, folder) === undefined) {
    throw noDrillRoot(folder, 'it is not empty and was never used for drills');
  }
  const backups = files.realPath(backupRoot);
  const place = realPlace(files, folder);
  if (isInside(backups, place) || isInside(place, backups)) {
    throw noDrillRoot(folder, `it is not apart from ${backups}`);
  }
  return openBackupRoot(files, { backupRoot: folder, runId }).path;
}

class Drill {
  readonly #services: RestoreServices;
  readonly #request: DrillRequest;
  readonly #drillRoot: string | undefined;

  constructor(services: RestoreServices, request: DrillRequest, drillRoot: string | undefined) {
    this.#services = services;
    this.#request = request;
    this.#drillRoot = drillRoot;
  }

  async run(): Promise<DrillRecord> {
    const { clock, files } = this.#services;
    const { runId, stateFolder } = this.#request;
    const atMs = clock.now();
    const startedMono = clock.mono();
    const drillRoot = this.#drillRoot;
    if (drillRoot !== undefined) guardRoot(drillRoot, () => removeLeftovers(files, drillRoot, runId));
    const sets: DrilledSet[] = [];
    for (const [set, backups] of this.#sets()) sets.push(await this.#drillSet(set, backups));
    const record: DrillRecord = {
      ...{ runId, kind: drillRoot === undefined ? 'stream' : 'full', at: new Date(atMs).toISOString(), atMs },
      outcome: sets.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'failed',
      ...{ sets, durationMs: clock.mono() - startedMono },
    };
    recordDrill(files, stateFolder, record);
    return record;
  }

  /** The backups of each set, newest first. @throws INP-0843 when there is none of a set that is asked for. */
  #sets(): ReadonlyMap<string, readonly CatalogueEntry[]> {
    const { backupRoot, sets: asked } = this.#request;
    const { backups } = readCatalogue(this.#services.files, backupRoot);
    const sets = Map.groupBy(backups, setOf);
    const missing = asked?.find((set) => !sets.has(set));
    if (sets.size === 0 || missing !== undefined) {
      const which = missing === undefined ? 'no backup' : `no backup of ${missing}`;
      throw restoreError('INP-0843', `backup root ${backupRoot}: ${which}; make one: qts-ops backup run`);
    }
    return new Map([...sets].filter(([set]) => asked === undefined || asked.includes(set)));
  }

  async #drillSet(set: string, backups: readonly CatalogueEntry[]): Promise<DrilledSet> {
    const { clock } = this.#services;
    const newest =
      backups.find(({ state }) => state === 'verified') ?? backups.find(({ state }) => state !== 'broken');
    const nothing = { files: 0, bytes: 0, ageMs: 0, recoveryMs: 0, bytesPerSecond: 0 };
    const newerUnverified = newest === undefined ? backups.length : backups.indexOf(newest);
    if (newest === undefined) {
      const problem = backups[0]?.problem ?? 'it is broken';
      return {
        set,
        outcome: 'failed',
        problem: `no backup can be tried: ${problem}`,
        ...nothing,
        newerUnverified,
      };
    }
    const ageMs = Math.max(0, clock.now() - newest.madeAtMs);
    const base = { set, backupId: newest.id, newerUnverified };
    try {
      const { files, bytes, recoveryMs } = await this.#tryOut(set, newest);
      const bytesPerSecond = recoveryMs === 0 ? 0 : Math.round((bytes * 1000) / recoveryMs);
      return { ...base, outcome: 'passed', files, bytes, ageMs, recoveryMs, bytesPerSecond };
    } catch (error) {
      this.#request.signal?.throwIfAborted();
      if (!isOpsException(error)) throw error;
      return {
        ...base,
        outcome: 'failed',
        problem: `${error.code}: ${problemText(error)}`,
        ...nothing,
        ageMs,
      };
    }
  }

  #tryOut(set: string, backup: CatalogueEntry): Promise<Recovery> {
    const drillRoot = this.#drillRoot;
    return drillRoot === undefined ? this.#stream(set, backup) : this.#restore(set, backup, drillRoot);
  }

  async #stream(set: string, { id, manifest }: CatalogueEntry): Promise<Recovery> {
    const { clock } = this.#services;
    const { backupRoot, runId, signal, lock, onProgress } = this.#request;
    const startedMono = clock.mono();
    const totals = { totalFiles: manifest?.recordCount ?? 0, totalBytes: manifest?.sourceBytes ?? 0 };
    const verified = await this.#services.verifyBackup({
      ...{ backupRoot, id, runId, signal, record: lock !== false },
      onProgress: (bytes) => onProgress?.(set, { stage: 'check', files: 0, bytes, ...totals }),
    });
    const { recordCount, sourceBytes } = verified.manifest;
    verified.close();
    return { files: recordCount, bytes: sourceBytes, recoveryMs: clock.mono() - startedMono };
  }

  async #restore(set: string, { id, names }: CatalogueEntry, drillRoot: string): Promise<Recovery> {
    const { files, clock } = this.#services;
    const { backupRoot, runId, signal, check, onProgress } = this.#request;
    const named = backupNames({ set, startedAtMs: clock.now(), runId, strategy: 'file', codec: 'store' });
    const name = partialName(named.archive, runId);
    try {
      const report = await restoreBackup(this.#services, {
        ...{ runId, backupRoot, id, signal, lock: false },
        target: { kind: 'folder', folder: `${drillRoot}/${name}` },
        onProgress: (progress) => onProgress?.(set, progress),
      });
      const manifestPath = `${backupRoot}/${names.manifest}`;
      await compareRestored(this.#services, { folder: report.target, manifestPath, check, signal });
      return { files: report.files, bytes: report.bytes, recoveryMs: report.durationMs };
    } finally {
      guardRoot(drillRoot, () => removeOwn(files, drillRoot, name));
    }
  }
}

interface Recovery {
  readonly files: number;
  readonly bytes: number;
  readonly recoveryMs: number;
}

function noDrillRoot(folder: string, why: string): Error {
  return restoreError('INP-0843', `drill root ${folder}: ${why}; choose a folder that does not exist yet`, {
    data: { drillRoot: folder },
  });
}
