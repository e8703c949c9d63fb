import { type Ancestor, findAncestor } from './backup-ancestor.ts';
import type { Leftover } from './backup-catalogue.ts';
import { backupError } from './backup-errors.ts';
import type { BackupManifest, SkippedReason } from './backup-manifest.ts';
import { type BackupNames, backupNames, setNameOf } from './backup-names.ts';
import { type BackupPlan, type PlanRequest, planBackup } from './backup-plan.ts';
import { type BackupRoot, openBackupRoot, rootError } from './backup-root.ts';
import type { BackupServices } from './backup-services.ts';
import type { BackupStrategy } from './backup-strategy.ts';
import { BackupWriting } from './backup-writing.ts';
import { removeLeftovers } from './leftovers.ts';
import { requireSpace } from './space-rules.ts';
import { type VerifiedBackup, verifyBackup } from './verify-backup.ts';

/** A file that is backed up although it does not lie in the source. */
export interface ExtraFile {
  /** What the backup calls it, below `.qts-ops/`. */
  readonly path: string;
  /** Makes a consistent copy at an absolute path where nothing is yet; the copy is removed after the backup. */
  make(target: string, signal: AbortSignal | undefined): Promise<void>;
}

/** Where a running backup is. */
export interface BackupProgress {
  /** `copy` and `verify-copy`: of the second place. */
  readonly stage: 'scan' | 'write' | 'verify' | 'copy' | 'verify-copy';
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What one backup is to be. */
export interface BackupRequest extends PlanRequest {
  /** UUID of the run; its end makes the names unique. */
  readonly runId: string;
  readonly strategy: BackupStrategy;
  /** First part of the names; default: the last name of the source. */
  readonly set?: string | undefined;
  /** Made by `planBackup` for the same roots; default: it is made now. */
  readonly plan?: BackupPlan | undefined;
  /** True for a file that is known to be written still: it is recorded as grown even if it rests while it is read. */
  readonly isGrowing?: ((path: string) => boolean) | undefined;
  readonly extras?: readonly ExtraFile[] | undefined;
  /** Mark of the backup root as earlier backups knew it. */
  readonly expectedMark?: string | undefined;
  /** Bytes that stay free on the disk of the backups; default 64 MiB. */
  readonly reserveBytes?: number | undefined;
  /** False: it is published but not read back, and proves nothing. Default true. */
  readonly verify?: boolean | undefined;
  /** See `CheckRequest`. */
  readonly trustAncestorsForMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
}

/** What one backup has become. */
export interface BackupOutcome {
  readonly manifest: BackupManifest;
  readonly names: BackupNames;
  readonly manifestPath: string;
  readonly root: BackupRoot;
  /** How many names were left out, by reason. */
  readonly skipped: ReadonlyMap<SkippedReason, number>;
  readonly leftovers: readonly Leftover[];
  /** Absent when it was not to be verified. */
  readonly verified?: VerifiedBackup;
}

/**
 * Makes one backup: scan, write under a partial name, sync, publish archive, publish manifest, read everything back.
 * The manifest is what commits: whatever happens before leaves partials that the next run removes, and no final name.
 * The caller holds the lock of the backup root.
 * @throws BAT-0501 … BAT-0504, SYS-0104, SYS-0140 … SYS-0142, INP-0801, INP-0802, INP-0805, or the signal's reason.
 */
export async function makeBackup(services: BackupServices, request: BackupRequest): Promise<BackupOutcome> {
  const { files } = services;
  const startedAtMs = services.clock.now();
  const plan = request.plan ?? planBackup(files, request);
  if (plan.files.count === 0) throw emptySource(plan);
  const root = openBackupRoot(files, request);
  const { leftovers, written } = await guarded(root.path, async () => {
    const removed = removeLeftovers(files, root.path, request.runId);
    requireSpace(files, root.path, { plan, strategy: request.strategy, reserveBytes: request.reserveBytes });
    return { leftovers: removed, written: await write(services, request, { plan, root, startedAtMs }) };
  });
  const { manifest, names, skipped } = written;
  const outcome = {
    manifest,
    names,
    root,
    skipped,
    leftovers,
    manifestPath: `${root.path}/${names.manifest}`,
  };
  if (request.verify === false) return outcome;
  const verified = await verifyBackup(services, {
    backupRoot: root.path,
    id: names.id,
    runId: request.runId,
    signal: request.signal,
    trustAncestorsForMs: request.trustAncestorsForMs,
    onProgress: (bytes) => request.onProgress?.(progressOf(manifest, bytes)),
  });
  return { ...outcome, verified };
}

interface Prepared {
  readonly plan: BackupPlan;
  readonly root: BackupRoot;
  readonly startedAtMs: number;
}

async function write(
  services: BackupServices,
  request: BackupRequest,
  { plan, root, startedAtMs }: Prepared,
) {
  const { strategy, runId, signal } = request;
  const set = request.set ?? setNameOf(plan.sourceRoot.slice(plan.sourceRoot.lastIndexOf('/') + 1));
  const ancestor =
    strategy.chain === undefined
      ? undefined
      : await findAncestor(services, {
          plan,
          backupRoot: root.path,
          set,
          runId,
          limits: strategy.chain,
          signal,
        });
  const names = backupNames({ set, startedAtMs, runId, strategy: strategy.name, codec: strategy.codec });
  const writing = new BackupWriting(services, {
    request,
    plan,
    root,
    names,
    ancestor,
    head: headOf(services, request, { plan, set, names, startedAtMs, ancestor }),
  });
  try {
    return { ...(await writing.run()), names };
  } finally {
    ancestor?.close();
  }
}

interface HeadParts {
  readonly plan: BackupPlan;
  readonly set: string;
  readonly names: BackupNames;
  readonly startedAtMs: number;
  readonly ancestor: Ancestor | undefined;
}

function headOf(services: BackupServices, { runId, strategy }: BackupRequest, parts: HeadParts) {
  const { plan, set, names, startedAtMs, ancestor } = parts;
  return {
    schema: 1,
    id: names.id,
    runId,
    set,
    backupAt: new Date(startedAtMs).toISOString(),
    source: plan.sourceRoot,
    archiveName: names.archive,
    strategy: strategy.name,
    codec: strategy.codec,
    level: strategy.level,
    ...(plan.globs === undefined ? {} : { globs: plan.globs }),
    planHash: plan.planHash,
    ...(ancestor === undefined ? {} : { parent: ancestor.entry.id }),
    depth: ancestor === undefined ? 0 : ancestor.depth + 1,
    toolVersion: services.toolVersion,
    host: services.host,
    sourceDev: String(plan.sourceDev),
    sourceIno: String(plan.sourceIno),
    startedAtMs,
  } as const;
}

/** Errors of the backup root come out declared; those of the source were dealt with file by file. */
async function guarded<T>(backupRoot: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw rootError(backupRoot, error);
  }
}

function progressOf({ recordCount, sourceBytes }: BackupManifest, bytes: number): BackupProgress {
  return { stage: 'verify', files: 0, totalFiles: recordCount, bytes, totalBytes: sourceBytes };
}

function emptySource({ sourceRoot, globs, skipped }: BackupPlan): Error {
  const which = globs === undefined ? 'no file' : `no file for ${globs.join(', ')}`;
  const left = skipped.length === 0 ? '' : `, ${skipped.length} names left out`;
  return backupError('BAT-0502', `source ${sourceRoot}: ${which}${left}; an empty backup is never made`, {
    data: { source: sourceRoot, skipped: skipped.length },
  });
}
